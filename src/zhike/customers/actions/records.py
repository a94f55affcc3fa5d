"""What a change of a customer's record leaves behind: another version and an event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F

from zhike.base.clock import now
from zhike.base.doors import way_of
from zhike.customers.completeness import counted_fields, share_of
from zhike.customers.models import Customer
from zhike.timeline import actions as timeline

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zhike.accounts.models import User
    from zhike.timeline.models import Event

    type Change = tuple[str, object, object]


def record_changes(customer: Customer, changes: Iterable[Change], by: User | None, *, bump: bool = True) -> Event:
    """Write down what changed beside the customer's own columns: name, before and after.

    `bump` is for what the form of the customer shows too: whoever has it open must look again.
    """
    if bump:
        filled = share_of(Customer.objects.get(pk=customer.pk), counted_fields())
        Customer.objects.filter(pk=customer.pk).update(version=F("version") + 1, updated_at=now(), completeness=filled)
        customer.version += 1
        customer.completeness = filled
    rows = [{"field": name, "from": old, "to": new} for name, old, new in changes]
    data = {"version": customer.version, "changes": rows}
    return timeline.record(customer, "customer.updated", by=by, data=data, source=way_of(by))
