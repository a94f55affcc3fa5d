"""The day of the next contact: a person's, else that of the earliest thing to be done for the customer, else the cadence.

What a person chose is left alone until a contact has passed it. The day of the cadence is not written: the facts keep
it beside the classes, and it holds where no day is set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import OuterRef, Subquery

from zhike.base.clock import now
from zhike.base.doors import Door
from zhike.customers.actions.changes import plain, tell_many
from zhike.customers.actions.many import store_columns
from zhike.customers.models import Customer
from zhike.followups.models import Task

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zhike.accounts.models import User
    from zhike.customers.actions.changes import Changes

# So few customers are written one by one: that costs less than the table by which many are.
_FEW = 5
# What is done without the customer is no contact.
_CONTACTS = tuple(kind for kind in Task.Kind.values if kind != Task.Kind.TODO)


def follow_tasks(ids: Iterable[int], *, by: User | None, passed: Iterable[int] = ()) -> None:
    """Bring the days of these customers, who are locked, into step with what is to be done for them.

    Of those who `passed`, a contact has fulfilled the day that a person chose.
    """
    wanted, fulfilled = set(ids), set(passed)
    tasks = Task.objects.filter(customer=OuterRef("pk"), owner=OuterRef("owner"), state=Task.State.OPEN)
    first = tasks.filter(kind__in=_CONTACTS).order_by("shown_on").values("shown_on")[:1]
    rows = Customer.present.filter(pk__in=wanted).annotate(first=Subquery(first)).order_by("pk")
    changed: list[tuple[Customer, Changes]] = []
    for customer in rows:
        day, held = customer.first, customer.next_contact_on
        is_chosen = customer.next_contact_by == "person" and customer.pk not in fulfilled
        if is_chosen or (held, customer.planned_contact_on) == (day, day):
            continue
        customer.next_contact_on = customer.planned_contact_on = day
        changed.append((customer, {} if held == day else {"next_contact_on": [plain(held), plain(day)]}))
    if changed:
        _write(changed, by)


def _write(changed: Sequence[tuple[Customer, Changes]], by: User | None) -> None:
    told = [(customer, changes) for customer, changes in changed if changes]
    for customer, _ in told:
        customer.version += 1
        customer.updated_at = now()
    if len(changed) > _FEW:
        store_columns([customer for customer, _ in changed], ["next_contact_on", "planned_contact_on"])
    else:
        for customer, _ in changed:
            Customer.objects.filter(pk=customer.pk).update(
                next_contact_on=customer.next_contact_on,
                planned_contact_on=customer.planned_contact_on,
                version=customer.version,
                updated_at=customer.updated_at,
            )
    tell_many(told, by=by, source=Door.RULE)
