"""Writes of many customers at once, as imports and the demo need them.

Rows are known by their `key`: a new key is a new customer, a known one is changed where the row
says something else. A row that cannot be stored is handed back with its reason and the others go
on. Nobody is placed here: whoever writes events as well places everyone once, at the end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import batched
from typing import TYPE_CHECKING, Any, TypedDict

from django.db import transaction

from zhike.accounts.policy import require
from zhike.accounts.queries import company
from zhike.base.clock import now
from zhike.base.inputs import Invalid
from zhike.core.dates import day_start
from zhike.core.errors import ZhikeError
from zhike.core.text import fold
from zhike.customers.actions.changes import changes_between
from zhike.customers.actions.reaches import follow_many, make_reaches
from zhike.customers.actions.search import make_findable
from zhike.customers.actions.tags import names_in_dictionary
from zhike.customers.columns import clean, derived, is_searched
from zhike.customers.completeness import share_of
from zhike.customers.copying import COLUMNS, insert_customers, update_customers
from zhike.customers.links import Linker
from zhike.customers.models import Contact, Customer, CustomField
from zhike.customers.phones import parse_phone
from zhike.timeline.actions import copy_events
from zhike.timeline.rows import NewEvent, Setting, checked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from zhike.accounts.models import User
    from zhike.timeline.rows import Row

    type Progress = Callable[[int, int], None]

CHUNK = 5_000


@dataclass(slots=True)
class Saved:
    """What came of the rows: ids by key, how many are new or changed, and the refused with their places."""

    ids: dict[str, int] = field(default_factory=dict)
    created: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    unchanged: int = 0
    dropped: int = 0
    refused: list[tuple[int, ZhikeError]] = field(default_factory=list)


@transaction.atomic
def save_customers(
    rows: Sequence[Mapping[str, Any]], *, by: User | None, source: str = "", progress: Progress | None = None
) -> Saved:
    """Create or change the customers of these rows: each has a `key` and names of `columns.EDITABLE`."""
    if by is not None:
        require(by, "import", Customer)
    writer = _Writer(by, source)
    for chunk in batched(enumerate(rows), CHUNK):
        writer.save(chunk)
        if progress is not None:
            progress(chunk[-1][0] + 1, len(rows))
    return writer.saved


class _Writer:
    def __init__(self, by: User | None, source: str) -> None:
        found = company()
        self._fields = list(CustomField.objects.all())
        self._linker = Linker(self._fields, by=by)
        self._counted = [field for field in self._fields if field.is_required and not field.is_retired]
        self._setting = Setting(found.zone, found.currency, now())
        self._by = by
        self._source = source
        self._tags: dict[str, str] = {}
        blank = Customer(created_at=self._setting.now, updated_at=self._setting.now)
        self._blank = {name: getattr(blank, name) for name in COLUMNS}
        self.saved = Saved()

    def save(self, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
        given = {row["key"]: (place, row) for place, row in rows}
        self._linker.read(row for _, row in given.values())
        known = self._known(given)
        self._tags = names_in_dictionary(
            (str(tag) for _, row in given.values() for tag in row.get("tags", ())), self._by
        )
        new: list[dict[str, Any]] = []
        changed: list[tuple[Customer, dict[str, list[object]]]] = []
        for key, (place, row) in given.items():
            try:
                if key in known and known[key].deleted_at is not None:
                    raise Invalid(
                        "这位客户在回收站里，先恢复它", "this customer lies in the bin: restore it", path="key"
                    )
                columns = self._columns(row)
                if key not in known:
                    new.append(self._new(key, columns))
                elif changes := self._change(known[key], columns):
                    changed.append((known[key], changes))
                else:
                    self.saved.unchanged += 1
            except ZhikeError as error:
                self.saved.refused.append((place, error))
        self.saved.ids |= {key: customer.pk for key, customer in known.items()}
        self._insert(new)
        follow_many([customer for customer, changes in changed if is_searched(changes)])
        self._update([customer for customer, _ in changed])
        searched = [customer.pk for customer, changes in changed if is_searched(changes)]
        make_findable([*(self.saved.ids[row["key"]] for row in new), *searched])
        self._tell(new, changed)

    def _known(self, keys: Iterable[str]) -> dict[str, Customer]:
        """Lock the customers that are known already, in the order of their ids."""
        rows = Customer.objects.filter(key__in=list(keys)).order_by("pk").select_related("owner")
        return {customer.key or "": customer for customer in rows.select_for_update(of=("self",), no_key=True)}

    def _columns(self, row: Mapping[str, Any]) -> dict[str, Any]:
        columns = clean(self._linker.resolve(self._reachable(row)), self._fields, self._setting.zone)
        if "owner" in row:
            columns["owner"] = row["owner"]
        if columns.get("tags"):
            columns["tags"] = list(dict.fromkeys(self._tags.get(fold(tag), tag) for tag in columns["tags"]))
        return columns

    def _reachable(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """Leave out an impossible telephone number or e-mail; without any other, refuse the row."""
        faults: dict[str, ZhikeError] = {}
        for name in ("phone", "email"):
            if row.get(name):
                try:
                    clean({name: row[name]}, (), self._setting.zone)
                except Invalid as error:
                    faults[name] = error
        if not faults:
            return row
        if not any(row.get(name) and name not in faults for name in ("phone", "email")):
            raise next(iter(faults.values()))
        self.saved.dropped += len(faults)
        return {name: value for name, value in row.items() if name not in faults}

    def _new(self, key: str, columns: dict[str, Any]) -> dict[str, Any]:
        columns.setdefault("name", key)
        owner = columns.pop("owner", None)
        filled = self._blank | columns
        filled |= derived(filled) | {"owner_id": owner.pk if owner else None}
        return filled | {"completeness": share_of(Customer(**filled), self._counted)}

    def _change(self, customer: Customer, columns: dict[str, Any]) -> dict[str, list[object]]:
        """Change a customer in memory and return what changed; custom values are added to."""
        for name in ("custom", "custom_folded"):
            if name in columns:
                columns[name] = {**getattr(customer, name), **columns[name]}
        changes = changes_between(customer, columns)
        if changes:
            for name, value in columns.items():
                setattr(customer, name, value)
            if "name" in changes:
                for name, value in derived(columns).items():
                    setattr(customer, name, value)
            customer.completeness = share_of(customer, self._counted)
            customer.version += 1
            customer.updated_at = self._setting.now
        return changes

    def _insert(self, rows: Sequence[Mapping[str, Any]]) -> None:
        made = {row["key"]: pk for row, pk in zip(rows, insert_customers(rows), strict=True)}
        self.saved.ids |= made
        self.saved.created += made.values()
        make_reaches(
            Customer(pk=made[row["key"]], phone=row["phone"], email=row["email"])
            for row in rows
            if row["phone"] or row["email"]
        )

    def _update(self, customers: Sequence[Customer]) -> None:
        update_customers(customers)
        self.saved.changed += [customer.pk for customer in customers]

    def _tell(
        self, new: Sequence[Mapping[str, Any]], changed: Sequence[tuple[Customer, dict[str, list[object]]]]
    ) -> None:
        """Write down in the timeline what was made and changed."""
        events = [
            self._event(self.saved.ids[row["key"]], "customer.created", {}, self._made_at(row["created_on"]))
            for row in new
        ]
        for customer, changes in changed:
            rows = [{"field": name, "from": old, "to": new} for name, (old, new) in changes.items()]
            data = {"version": customer.version, "changes": rows}
            events.append(self._event(customer.pk, "customer.updated", data, self._setting.now))
        if events:
            copy_events(events)

    def _made_at(self, created_on: date | None) -> datetime:
        """Return when the record began: a row may say that it did so long ago."""
        if created_on is None:
            return self._setting.now
        return min(day_start(created_on, self._setting.zone), self._setting.now)

    def _event(self, customer: int, kind: str, data: Mapping[str, object], occurred_at: datetime) -> Row:
        actor = self._by.pk if self._by else None
        event = NewEvent(
            customer_id=customer,
            kind=kind,
            occurred_at=occurred_at,
            actor_id=actor,
            source=self._source,
            data=data,
        )
        return checked(event, self._setting)


class NewContact(TypedDict):
    """A contact to be added to a customer."""

    customer_id: int
    name: str
    title: str
    phone: str
    email: str
    role: str


@transaction.atomic
def add_contacts(contacts: Iterable[NewContact], *, by: User | None) -> list[Contact]:
    """Add many contacts, whose customers are known and whose values were checked."""
    if by is not None:
        require(by, "import", Customer)
    rows = []
    for given in contacts:
        phone = parse_phone(given["phone"])
        rows.append(Contact(**{**given, "phone": phone.number, "phone_state": phone.state}))
    made = Contact.objects.bulk_create(rows, batch_size=1000)
    make_reaches(made)
    make_first_primary(made)
    make_findable(contact.customer_id for contact in made)
    return made


def make_first_primary(contacts: Sequence[Contact]) -> None:
    """Make the first of them the primary contact of each customer that has none."""
    first: dict[int, int] = {}
    for contact in contacts:
        if contact.left_on is None:
            first.setdefault(contact.customer_id, contact.pk)
    settled = set(Contact.objects.filter(customer__in=first, is_primary=True).values_list("customer", flat=True))
    chosen = [pk for customer, pk in first.items() if customer not in settled]
    Contact.objects.filter(pk__in=chosen).update(is_primary=True)
