"""Writes of customers and their contacts as a file says them: hundreds at once, each with its history.

Whoever reads the file has matched and changed the records in memory; here they are stored, told in the timeline,
made findable and placed, all in the caller's transaction and under the locks that it holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zhike.base.doors import Door
from zhike.core.dates import day_start
from zhike.customers.actions.changes import as_rows
from zhike.customers.actions.reaches import follow_columns, follow_many, make_reaches, store, stored
from zhike.customers.actions.search import make_findable
from zhike.customers.bulk import make_first_primary
from zhike.customers.columns import is_searched
from zhike.customers.completeness import counted_fields, share_of
from zhike.customers.copying import COLUMNS, insert_customers, update_customers
from zhike.customers.models import Contact, Customer
from zhike.customers.reaches import MOST, NewReach, by_kind
from zhike.timeline.actions import bulk_setting, copy_events, place_set_wise
from zhike.timeline.rows import NewEvent, checked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from zhike.accounts.models import User
    from zhike.customers.actions.changes import Changes
    from zhike.timeline.rows import Row, Setting


@dataclass(slots=True, eq=False)
class Person:
    """A contact, new or changed in memory. `reaches` are further ways to reach them."""

    contact: Contact
    is_new: bool
    changes: Changes = field(default_factory=dict)
    reaches: list[NewReach] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Record:
    """A customer, new or changed in memory, with its contacts. `author` made it where it is not who brings it in."""

    customer: Customer
    is_new: bool
    changes: Changes = field(default_factory=dict)
    reaches: list[NewReach] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    author: int | None = None
    line: int = 0

    @property
    def is_touched(self) -> bool:
        return self.is_new or bool(self.changes) or bool(self.reaches) or any(map(is_told, self.people))


def is_told(person: Person) -> bool:
    """Say whether something is to be written of a contact."""
    return person.is_new or bool(person.changes) or bool(person.reaches)


def store_records(records: Sequence[Record], *, by: User | None) -> None:
    """Store what is new and changed; the new ones have their ids afterwards."""
    touched = [record for record in records if record.is_touched]
    if not touched:
        return
    setting = bulk_setting()
    counted = counted_fields()
    new = [record for record in touched if record.is_new]
    changed = [record for record in touched if not record.is_new]
    for record in touched:
        record.customer.completeness = share_of(record.customer, counted)
        record.customer.updated_at = setting.now
        record.customer.version += not record.is_new
    rows = [{name: getattr(record.customer, name) for name in COLUMNS} for record in new]
    for record, pk in zip(new, insert_customers(rows), strict=True):
        record.customer.pk = pk
        record.customer._state.adding = False
    make_reaches(record.customer for record in new)
    searched = [record.customer for record in changed if is_searched(record.changes)]
    follow_many(searched)
    update_customers([record.customer for record in changed])
    for record in touched:
        _add_reaches(record.customer, record.reaches)
    made = _store_people(touched)
    reached = [r.customer.pk for r in touched if r.is_new or r.reaches or any(map(is_told, r.people))]
    make_findable({*reached, *(customer.pk for customer in searched)})
    copy_events([*_events(touched, by, setting), *_told_of_people(touched, made, by, setting)])
    place_set_wise(record.customer.pk for record in new)
    place_set_wise((record.customer.pk for record in changed if record.changes), recomputed="edited")


def _add_reaches(holder: Customer | Contact, more: Sequence[NewReach]) -> None:
    """Put further ways to reach somebody behind those that there are, as many as may be."""
    if not more:
        return
    rows = stored(holder)
    known = {(row.kind, row.value) for row in rows}
    rows += [row for row in dict.fromkeys(more) if (row.kind, row.value) not in known]
    store(holder, by_kind(rows[:MOST]))


def _store_people(records: Iterable[Record]) -> set[int]:
    """Store contacts and return the ids of the new ones."""
    new: list[Person] = []
    for record in records:
        for person in record.people:
            person.contact.customer = record.customer
            if person.is_new:
                new.append(person)
            elif person.changes:
                _update_contact(person)
    Contact.objects.bulk_create([person.contact for person in new], batch_size=1000)
    make_reaches(person.contact for person in new)
    make_first_primary([person.contact for person in new])
    for record in records:
        for person in record.people:
            _add_reaches(person.contact, person.reaches)
    return {person.contact.pk for person in new}


def _update_contact(person: Person) -> None:
    wanted = {name: getattr(person.contact, name) for name in person.changes}
    found = Contact.objects.get(pk=person.contact.pk)
    follow_columns(found, wanted)
    person.contact.version += 1
    person.contact.save()


def _events(records: Iterable[Record], by: User | None, setting: Setting) -> list[Row]:
    events = []
    for record in records:
        customer = record.customer
        if record.is_new:
            at = _made_at(customer, setting)
            events.append(_event(customer.pk, "customer.created", {}, at, record.author or _pk(by), setting))
            continue
        rest = {name: pair for name, pair in record.changes.items() if name != "owner"}
        if "owner" in record.changes:
            old, new = record.changes["owner"]
            data = {"from": old, "to": new, "version": customer.version}
            events.append(_event(customer.pk, "owner.changed", data, setting.now, _pk(by), setting))
        if rest or record.reaches:
            more: Changes = {"reaches": [[], [row.value for row in record.reaches]]} if record.reaches else {}
            data = {"version": customer.version, "changes": as_rows({**rest, **more})}
            events.append(_event(customer.pk, "customer.updated", data, setting.now, _pk(by), setting))
    return events


def _told_of_people(records: Iterable[Record], made: set[int], by: User | None, setting: Setting) -> list[Row]:
    events = []
    for record in records:
        if record.is_new:
            continue  # who came with a new record is told by it
        for person in filter(is_told, record.people):
            contact = person.contact
            kind = "contact.added" if contact.pk in made else "contact.updated"
            data = {"version": contact.version, "name": contact.name, "changes": as_rows(person.changes)}
            events.append(
                _event(record.customer.pk, kind, data, setting.now, _pk(by), setting, contact=contact.pk),
            )
    return events


def _made_at(customer: Customer, setting: Setting) -> datetime:
    """Return when the record began: a row may say that it did so long ago."""
    if customer.created_on is None:
        return setting.now
    return min(day_start(customer.created_on, setting.zone), setting.now)


def _pk(by: User | None) -> int | None:
    return by.pk if by else None


def _event(  # noqa: PLR0913  one argument a column
    customer: int,
    kind: str,
    data: Mapping[str, object],
    at: datetime,
    actor: int | None,
    setting: Setting,
    *,
    contact: int | None = None,
) -> Row:
    event = NewEvent(
        customer_id=customer,
        kind=kind,
        occurred_at=at,
        actor_id=actor,
        contact_id=contact,
        source=Door.IMPORT,
        data=data,
    )
    return checked(event, setting)
