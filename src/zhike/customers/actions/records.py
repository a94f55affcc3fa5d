"""What a change of a customer's record leaves behind: another version and an event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from zhike.base.clock import now
from zhike.customers.models import Customer
from zhike.timeline import actions as timeline

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.utils.functional import Promise

    from zhike.accounts.models import User
    from zhike.timeline.models import Event

    type Change = tuple[str, object, object]


# What changes beside the customer's own columns, as the event names it, and what people call it.
BESIDE: Mapping[str, str | Promise] = {
    "reaches": _("联系方式"),
    "addresses": _("地址"),
    "relations": _("关系"),
    "parent": _("上级公司"),
}


def record_changes(customer: Customer, changes: Iterable[Change], by: User | None, *, bump: bool = True) -> Event:
    """Write down what changed beside the customer's own columns: name, before and after.

    `bump` is for what the form of the customer shows too: whoever has it open must look again.
    """
    if bump:
        Customer.objects.filter(pk=customer.pk).update(version=F("version") + 1, updated_at=now())
        customer.version += 1
    rows = [{"field": name, "from": old, "to": new} for name, old, new in changes]
    data = {"version": customer.version, "changes": rows}
    return timeline.record(customer, "customer.updated", by=by, data=data)
