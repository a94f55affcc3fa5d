"""Writes of telephone numbers, e-mail addresses and ids, and of the columns that follow them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from zhike.accounts.policy import field_access, require
from zhike.base.clock import now
from zhike.base.errors import Conflict
from zhike.customers.actions.records import record_changes
from zhike.customers.actions.search import make_findable
from zhike.customers.copying import insert_reaches
from zhike.customers.models import Contact, Customer, Reach
from zhike.customers.reaches import (
    COLUMNS,
    NewReach,
    arranged,
    clean_reaches,
    of_holder,
    primary,
    state_of,
)
from zhike.timeline.locks import lock_customer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zhike.accounts.models import User
    from zhike.customers.actions.records import Change
    from zhike.customers.reaches import Holder


@transaction.atomic
def set_reaches(*, customer: Customer, version: int, given: Iterable[NewReach], by: User | None) -> Customer:
    """Let a customer be reached in these ways and no others; the first of each kind is the primary one."""
    if by is not None:
        require(by, "change", customer)
        field_access(by, Customer).require_writable(["reaches"])
    found, _ = lock_customer(customer.pk, by=by, moment=now())
    rows = clean_reaches(given)
    before = stored(found)
    if rows == before:
        return found
    if found.version != version:
        raise Conflict(
            "这位客户刚被别人改过，请先看最新内容再保存",
            "This customer has been changed meanwhile: look at it again before you save",
        )
    store(found, rows)
    columns = column_values(rows)
    # The columns are told too: whoever has the form of the customer open sees them there.
    told: list[Change] = [
        (kind.value, getattr(found, kind.value), columns[kind.value])
        for kind in COLUMNS
        if getattr(found, kind.value) != columns[kind.value]
    ]
    Customer.objects.filter(pk=found.pk).update(**columns)
    for name, value in columns.items():
        setattr(found, name, value)
    record_changes(found, [("reaches", listed(before), listed(rows)), *told], by)
    make_findable([found.pk])
    return found


def stored(holder: Holder) -> list[NewReach]:
    return [NewReach(row.kind, row.value, row.label) for row in of_holder(holder)]


def listed(rows: Iterable[NewReach]) -> list[str]:
    """Return the rows as the timeline keeps them."""
    return [f"{row.label} {row.value}".strip() for row in rows]


def store(holder: Holder, rows: Sequence[NewReach]) -> None:
    """Write the ways to reach somebody, in their order; what stays keeps its row."""
    known = {(row.kind, row.value): row for row in of_holder(holder)}
    places: dict[str, int] = {}
    for row in rows:
        place = places.setdefault(row.kind, 0)
        places[row.kind] += 1
        found = known.pop((row.kind, row.value), None)
        if found is None:
            _make(holder, row, place).save()
        elif (found.label, found.position) != (row.label, place):
            found.label, found.position = row.label, place
            found.save(update_fields=["label", "position"])
    Reach.objects.filter(pk__in=[row.pk for row in known.values()]).delete()


def _make(holder: Holder, row: NewReach, place: int) -> Reach:
    contact = holder if isinstance(holder, Contact) else None
    customer = holder.customer_id if isinstance(holder, Contact) else holder.pk
    return Reach(
        customer_id=customer,
        contact=contact,
        kind=row.kind,
        value=row.value,
        state=state_of(row.kind, row.value),
        label=row.label,
        position=place,
    )


def column_values(rows: Sequence[NewReach]) -> dict[str, str]:
    """Return what the columns of the holder say of the primary number and address."""
    phone = primary(rows, Reach.Kind.PHONE)
    state = state_of(Reach.Kind.PHONE, phone)
    return {"phone": phone, "phone_state": state, "email": primary(rows, Reach.Kind.EMAIL)}


def make_reaches(holders: Iterable[Holder]) -> None:
    """Write the primary ways to reach people who are new, from their columns."""
    rows: list[tuple[object, ...]] = []
    for holder in holders:
        contact = holder.pk if isinstance(holder, Contact) else None
        customer = holder.customer_id if isinstance(holder, Contact) else holder.pk
        rows += [
            (customer, contact, kind.value, value, state_of(kind, value), "", 0)
            for kind in COLUMNS
            if (value := getattr(holder, kind.value))
        ]
    insert_reaches(rows)


def follow_columns(holder: Holder, columns: dict[str, Any]) -> None:
    """Let the rows follow columns that are about to change.

    Where a column is emptied the next of its kind takes its place, here and in `columns`.
    """
    kinds = [kind for kind in COLUMNS if kind.value in columns and columns[kind.value] != getattr(holder, kind.value)]
    if not kinds:
        return
    rows = stored(holder)
    for kind in kinds:
        rows = arranged(rows, kind, columns[kind.value])
    store(holder, rows)
    columns |= {name: value for name, value in column_values(rows).items() if name.partition("_")[0] in kinds}


def follow_many(customers: Sequence[Customer]) -> None:
    """Let the rows of many customers follow their columns as they stand now."""
    rows = Reach.objects.filter(customer__in=[customer.pk for customer in customers], contact=None)
    known: dict[int, list[Reach]] = {}
    for row in rows:
        known.setdefault(row.customer_id, []).append(row)
    for customer in customers:
        before = [NewReach(row.kind, row.value, row.label) for row in known.get(customer.pk, ())]
        after = before
        for kind in COLUMNS:
            if primary(before, kind) != getattr(customer, kind.value):
                after = arranged(after, kind, getattr(customer, kind.value))
        if after != before:
            store(customer, after)
