"""Writes of many customers at once, as imports and the demo need them.

Rows are known by their `key`: a new key is a new customer, a known one is changed where the row
says something else; `actions.imported` stores both. A row that cannot be stored is handed back with
its reason and the others go on. Nobody is placed here: whoever writes events as well places
everyone once, at the end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import batched
from typing import TYPE_CHECKING, Any, TypedDict

from django.db import transaction

from zhike.accounts.policy import require
from zhike.accounts.queries import company
from zhike.base.among import among
from zhike.base.clock import now
from zhike.base.inputs import Invalid
from zhike.core.errors import ZhikeError
from zhike.core.text import fold
from zhike.customers.actions.changes import changes_between
from zhike.customers.actions.imported import Record, make_first_primary, store_records, take_turns
from zhike.customers.actions.reaches import make_reaches
from zhike.customers.actions.search import make_findable
from zhike.customers.actions.tags import names_in_dictionary
from zhike.customers.columns import clean, derived, new_customer
from zhike.customers.links import Linker
from zhike.customers.merged import keys_held
from zhike.customers.models import Contact, Customer, CustomField
from zhike.customers.phones import parse_phone
from zhike.customers.sensitive import Guard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from zhike.accounts.models import User

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
    take_turns()
    writer = _Writer(by, source)
    for chunk in batched(enumerate(rows), CHUNK):
        writer.save(chunk)
        if progress is not None:
            progress(chunk[-1][0] + 1, len(rows))
    return writer.saved


class _Writer:
    def __init__(self, by: User | None, source: str) -> None:
        self._zone = company().zone
        self._fields = list(CustomField.objects.all())
        self._linker = Linker(self._fields, by=by)
        self._by = by
        self._source = source
        self._tags: dict[str, str] = {}
        self._guard = Guard(self._fields, ())
        self.saved = Saved()

    def save(self, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
        given = {row["key"]: (place, row) for place, row in rows}
        self._linker.read(row for _, row in given.values())
        known = self._known(given)
        self._guard = Guard(self._fields, [customer.pk for customer in known.values()])
        self._tags = names_in_dictionary(
            (str(tag) for _, row in given.values() for tag in row.get("tags", ())), self._by
        )
        records: list[Record] = []
        for key, (place, row) in given.items():
            try:
                if key in known and known[key].deleted_at is not None:
                    raise Invalid(
                        "这位客户在回收站里，先恢复它", "this customer lies in the bin: restore it", path="key"
                    )
                columns = self._columns(row)
                records.append(self._change(known[key], columns) if key in known else self._new(key, columns))
            except ZhikeError as error:
                self.saved.refused.append((place, error))
        store_records(records, by=self._by, source=self._source, is_placed=False)
        self.saved.ids |= {key: customer.pk for key, customer in known.items()}
        self.saved.ids |= {record.customer.key or "": record.customer.pk for record in records}
        self.saved.created += [record.customer.pk for record in records if record.is_new]
        self.saved.changed += [record.customer.pk for record in records if record.changes]
        self.saved.unchanged += sum(not record.is_touched for record in records)

    def _known(self, keys: Iterable[str]) -> dict[str, Customer]:
        """Lock the customers that are known already, in the order of their ids; by an old key, who they are now."""
        held = keys_held(keys)
        rows = Customer.objects.filter(pk__in=among(held.values())).order_by("pk").select_related("owner")
        found = {customer.pk: customer for customer in rows.select_for_update(of=("self",), no_key=True)}
        return {key: found[pk] for key, pk in held.items() if pk in found}

    def _columns(self, row: Mapping[str, Any]) -> dict[str, Any]:
        columns = clean(self._linker.resolve(self._reachable(row)), self._fields, self._zone)
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
                    clean({name: row[name]}, (), self._zone)
                except Invalid as error:
                    faults[name] = error
        if not faults:
            return row
        if not any(row.get(name) and name not in faults for name in ("phone", "email")):
            raise next(iter(faults.values()))
        self.saved.dropped += len(faults)
        return {name: value for name, value in row.items() if name not in faults}

    def _new(self, key: str, columns: dict[str, Any]) -> Record:
        filled = {"key": key, "name": key, "owner": None, **columns}
        self._guard.check(None, kind=filled.get("kind", ""), own=filled.get("custom", {}))
        moment = now()
        whole = {**filled, **derived(filled), "created_at": moment, "updated_at": moment}
        return Record(new_customer(whole), is_new=True)

    def _change(self, customer: Customer, columns: dict[str, Any]) -> Record:
        """Change a customer in memory; custom values are added to."""
        if customer.key and columns.get("key") not in {None, customer.key}:
            del columns["key"]  # found by that of a record that was merged into it
        for name in ("custom", "custom_folded"):
            if name in columns:
                columns[name] = {**getattr(customer, name), **columns[name]}
        kind, own = columns.get("kind", customer.kind), columns.get("custom", customer.custom)
        self._guard.check(customer.pk, kind=kind, own=own, was=customer.kind, held=customer.custom)
        record = Record(customer, is_new=False, changes=changes_between(customer, columns))
        if record.changes:
            for name, value in columns.items():
                setattr(customer, name, value)
            if "name" in record.changes:
                for name, value in derived(columns).items():
                    setattr(customer, name, value)
        return record


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
