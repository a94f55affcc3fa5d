"""Writes of customers and their contacts as a file says them: hundreds at once, each with its history.

Whoever reads the file has matched and changed the records in memory; here they are stored, told in the timeline,
made findable and placed, all in the caller's transaction and under the locks that it holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from django.db import connection

from zhike.base.doors import Door
from zhike.core.dates import day_start
from zhike.customers.actions.changes import as_rows
from zhike.customers.actions.giving import tell_given
from zhike.customers.actions.reaches import follow_columns, follow_many, make_reaches, store, stored
from zhike.customers.actions.search import make_findable
from zhike.customers.columns import is_searched
from zhike.customers.completeness import counted_fields, share_of
from zhike.customers.copying import insert_customers, update_customers
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


def take_turns() -> None:
    """Wait for whoever else brings customers in, and make them wait until this transaction ends.

    Called before it is looked up who is there: so of two files at once the second finds whom the first has made,
    by their telephone as by their number.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('zhike.customers.imported'))")


def store_records(
    records: Sequence[Record],
    *,
    by: User | None,
    source: str = Door.IMPORT,
    is_placed: bool = True,
    is_given: bool = True,
) -> None:
    """Store what is new and changed; the new ones have their ids afterwards.

    `source` is written beside what the timeline tells. Where more is to be written first, the caller places everyone.
    Without `is_given` nobody hears that a customer has another owner: it goes back to the one before.
    """
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
    for record, pk in zip(new, insert_customers([vars(record.customer) for record in new]), strict=True):
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
    teller = _Teller(by.pk if by else None, setting, source)
    copy_events([*teller.of_records(touched), *teller.of_people(touched, made)])
    if is_placed:
        _place(new, changed)
        if is_given:
            owned = [record for record in new if record.customer.owner_id]
            tell_given(record.customer.pk for record in [*owned, *(one for one in changed if "owner" in one.changes)])


def _place(new: Iterable[Record], changed: Iterable[Record]) -> None:
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


class _Teller(NamedTuple):
    """Writes down in the timeline what was made and changed."""

    by: int | None
    setting: Setting
    source: str

    def of_records(self, records: Iterable[Record]) -> list[Row]:
        events = []
        for record in records:
            customer = record.customer
            if record.is_new:
                at = _made_at(customer, self.setting)
                events.append(self._event(customer.pk, "customer.created", {}, at, record.author))
                continue
            rest = {name: pair for name, pair in record.changes.items() if name != "owner"}
            if "owner" in record.changes:
                old, new = record.changes["owner"]
                data = {"from": old, "to": new, "version": customer.version}
                events.append(self._event(customer.pk, "owner.changed", data))
            if rest or record.reaches:
                more: Changes = {"reaches": [[], [row.value for row in record.reaches]]} if record.reaches else {}
                data = {"version": customer.version, "changes": as_rows({**rest, **more})}
                events.append(self._event(customer.pk, "customer.updated", data))
        return events

    def of_people(self, records: Iterable[Record], made: set[int]) -> list[Row]:
        events = []
        for record in records:
            if record.is_new:
                continue  # who came with a new record is told by it
            for person in filter(is_told, record.people):
                contact = person.contact
                kind = "contact.added" if contact.pk in made else "contact.updated"
                data = {"version": contact.version, "name": contact.name, "changes": as_rows(person.changes)}
                events.append(self._event(record.customer.pk, kind, data, contact=contact.pk))
        return events

    def _event(
        self,
        customer: int,
        kind: str,
        data: Mapping[str, object],
        at: datetime | None = None,
        actor: int | None = None,
        *,
        contact: int | None = None,
    ) -> Row:
        event = NewEvent(
            customer_id=customer,
            kind=kind,
            occurred_at=at or self.setting.now,
            actor_id=actor or self.by,
            contact_id=contact,
            source=self.source,
            data=data,
        )
        return checked(event, self.setting)


def _made_at(customer: Customer, setting: Setting) -> datetime:
    """Return when the record began: a row may say that it did so long ago."""
    if customer.created_on is None:
        return setting.now
    return min(day_start(customer.created_on, setting.zone), setting.now)


def make_first_primary(contacts: Sequence[Contact]) -> None:
    """Make the first of them the primary contact of each customer that has none."""
    first: dict[int, int] = {}
    for contact in contacts:
        if contact.left_on is None:
            first.setdefault(contact.customer_id, contact.pk)
    settled = set(Contact.objects.filter(customer__in=first, is_primary=True).values_list("customer", flat=True))
    chosen = [pk for customer, pk in first.items() if customer not in settled]
    Contact.objects.filter(pk__in=chosen).update(is_primary=True)
