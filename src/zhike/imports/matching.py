"""Whom a row is about: the customers who are there already, and those whom earlier rows of the file have made.

Everybody is looked up, whoever asks: what the person may not see decides too, and is never shown.
"""

from __future__ import annotations

import pickle
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from zhike.accounts.policy import binned, doable, visible
from zhike.base.among import among
from zhike.core.text import Text, fold
from zhike.customers.actions.imported import Person, Record, take_turns
from zhike.customers.columns import new_customer
from zhike.customers.copying import COLUMNS
from zhike.customers.merged import keys_held
from zhike.customers.models import Contact, Customer, Reach
from zhike.imports.reading import CREDIT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from zhike.accounts.models import User
    from zhike.imports.models import Import
    from zhike.imports.plans import Plan
    from zhike.imports.reading import Given

    type Known = tuple[str, str]

LABELS: Mapping[str, Text] = {
    "id": Text("编号", "number"),
    CREDIT: Text("信用代码", "credit code"),
    "phone": Text("电话", "telephone"),
    "email": Text("邮箱", "e-mail"),
    "name": Text("名称", "name"),
}
_REACHED = ("phone", "email")
_LEGAL = re.compile(
    r"(股份有限公司|有限责任公司|有限公司|集团公司|集团|公司|\b(inc|ltd|llc|gmbh|co)\b)[.,]*", re.IGNORECASE
)
_SPACES = re.compile(r"[\s（）()·.,，-]+")
_SHORTEST_PART = 2


class Found(NamedTuple):
    """By what somebody was found, and who."""

    by: str
    records: Sequence[Record]


NOBODY = Found("", ())


class Memory:
    """What a dry run would have made and changed so far: small, for as many rows as a file may have.

    Somebody new is kept under the line that made it, somebody changed under the id, negative.
    """

    def __init__(self) -> None:
        self._places: dict[int, int | set[int]] = {}  # nearly everything known leads to one place
        self._kept: dict[int, bytes] = {}

    def keep(self, records: Iterable[Record]) -> None:
        for record in records:
            if not record.is_touched:
                continue
            place = record.line if record.is_new else -record.customer.pk
            contacts = [person.contact for person in record.people]
            self._kept[place] = pickle.dumps((_columns_of(record.customer), contacts, record.reaches))
            for known in known_of(record):
                self._point(hash(known), place)

    def _point(self, known: int, place: int) -> None:
        held = self._places.setdefault(known, place)
        if isinstance(held, set):
            held.add(place)
        elif held != place:
            self._places[known] = {held, place}

    def places_of(self, known: Iterable[Known]) -> set[int]:
        found = set[int]()
        for one in known:
            held = self._places.get(hash(one))
            if held is not None:
                found |= held if isinstance(held, set) else {held}
        return found

    def made(self, line: int) -> Record:
        columns, contacts, reaches = pickle.loads(self._kept[line])  # noqa: S301  packed above, in this process
        people = [Person(contact, is_new=False) for contact in contacts]
        return Record(new_customer(columns), is_new=True, people=people, line=line, reaches=reaches)

    def new(self) -> Iterator[Record]:
        """Yield whom the rows would make, in the order of their lines."""
        for place in sorted(place for place in self._kept if place > 0):
            yield self.made(place)

    def apply(self, record: Record) -> None:
        """Let a customer be as earlier rows would have left it."""
        packed = self._kept.get(-record.customer.pk)
        if packed is not None:
            columns, contacts, record.reaches = pickle.loads(packed)  # noqa: S301  packed above, in this process
            for name, value in columns.items():
                setattr(record.customer, name, value)
            record.people = [Person(contact, is_new=False) for contact in contacts]


def _columns_of(customer: Customer) -> dict[str, Any]:
    return {name: getattr(customer, name) for name in COLUMNS}


class Book:
    """Who is there, looked up for some rows at a time; with a `memory` nothing is locked.

    Whom an earlier row of `imported` has made is known by its line.
    """

    def __init__(
        self, plan: Plan, *, by: User | None, memory: Memory | None = None, imported: Import | None = None
    ) -> None:
        self._plan = plan
        self._imported = imported
        self._by = by
        self._memory = memory
        self.records: list[Record] = []
        self._index: dict[Known, list[Record]] = {}
        self._known_of: dict[int, list[Known]] = {}
        self._reached: dict[int, set[str]] = {}
        self._seen: set[int] | None = None
        self._changeable: set[int] | None = None

    def open(self, givens: Sequence[Given]) -> None:
        """Look up everybody whom these rows may be about; where they will be stored, one file at a time."""
        if self._memory is None:
            take_turns()
        wanted: dict[str, set[str]] = {}
        for given in givens:
            for kind, values in given.known.items():
                wanted.setdefault(kind, set()).update(values)
        self.records, self._index, self._known_of = [], {}, {}
        pairs = self._look_up(wanted)
        listed = [(kind, value) for kind, values in wanted.items() for value in values]
        places = self._memory.places_of(listed) if self._memory is not None else set[int]()
        changed = {-place for place in places if place < 0}
        records = {record.customer.pk: record for record in self._load(sorted({pk for pk, _ in pairs} | changed))}
        for pk, known in pairs:
            if pk in records:
                self._point(known, records[pk])
        for pk in sorted(changed & set(records)):
            self.add(records[pk])
        if self._memory is not None:
            for line in sorted(place for place in places if place > 0):
                self.add(self._memory.made(line))

    def close(self) -> None:
        """Keep what the rows made, where nothing is stored."""
        if self._memory is not None:
            self._memory.keep(self.records)

    def _look_up(self, wanted: Mapping[str, set[str]]) -> list[tuple[int, Known]]:
        match = {*self._plan.match, "id"}
        pairs: list[tuple[int, Known]] = []
        if keys := wanted.get("id"):
            pairs += [(pk, ("id", key)) for key, pk in keys_held(keys).items()]
        if CREDIT in match and (codes := wanted.get(CREDIT)):
            rows = Customer.present.filter(custom__credit_code__in=list(codes)).values_list("pk", "custom__credit_code")
            pairs += [(pk, (CREDIT, str(code))) for pk, code in rows]
        for kind in _REACHED:
            if kind in match and (values := wanted.get(kind)):
                reaches = Reach.objects.filter(value__in=among(values), kind=kind)
                held = reaches.filter(customer__deleted_at=None).values_list("customer", "value")
                pairs += [(pk, (kind, value)) for pk, value in held]
        if "name" in match and (names := wanted.get("name")):
            rows = Customer.present.filter(name_key__in=among(names)).values_list("pk", "name_key")
            pairs += [(pk, ("name", str(name))) for pk, name in rows]
        return pairs

    def _load(self, ids: Sequence[int]) -> list[Record]:
        if not ids:
            return []
        rows = Customer.objects.filter(pk__in=ids).order_by("pk").select_related("owner")
        if self._memory is None:
            rows = rows.select_for_update(of=("self",), no_key=True)
        people: dict[int, list[Person]] = {}
        for contact in Contact.objects.filter(customer__in=ids).order_by("pk"):
            people.setdefault(contact.customer_id, []).append(Person(contact, is_new=False))
        self._reached = {}
        for pk, value in Reach.objects.filter(customer__in=ids, contact=None).values_list("customer", "value"):
            self._reached.setdefault(pk, set()).add(value)
        records = [Record(customer, is_new=False, people=people.get(customer.pk, [])) for customer in rows]
        lines = self._lines_of(ids)
        for record in records:
            record.line = lines.get(record.customer.pk, 0)
        if self._by is not None:
            self._seen = set(visible(self._by, Customer).filter(pk__in=ids).values_list("pk", flat=True))
            self._seen |= set(binned(self._by, Customer).filter(pk__in=ids).values_list("pk", flat=True))
            self._changeable = set(doable(self._by, "change", Customer).filter(pk__in=ids).values_list("pk", flat=True))
        for record in records:
            if self._memory is not None:
                self._memory.apply(record)
            self.records.append(record)
        return records

    def _lines_of(self, ids: Sequence[int]) -> dict[int, int]:
        """Return customer → the row of this very import that has made it."""
        if self._imported is None:
            return {}
        made = self._imported.rows.filter(customer__in=ids, verdict="created", after__made__contains=["customer"])
        return dict(made.values_list("customer", "line"))

    def add(self, record: Record) -> None:
        """Let later rows find a record that is new, or known by more than before."""
        if id(record) not in self._known_of:
            self.records.append(record)
        for known in known_of(record):
            self._point(known, record)

    def _point(self, known: Known, record: Record) -> None:
        found = self._index.setdefault(known, [])
        if record not in found:
            found.append(record)
            self._known_of.setdefault(id(record), []).append(known)

    def sees(self, record: Record) -> bool:
        return record.is_new or self._seen is None or record.customer.pk in self._seen

    def may_change(self, record: Record) -> bool:
        return record.is_new or self._changeable is None or record.customer.pk in self._changeable

    def record_of(self, customer: Customer) -> Record:
        """Return the record of a customer whom a person has named, looked up if no key led there."""
        held = next((one for one in self.records if one.customer.pk == customer.pk), None)
        if held is not None:
            return held
        (record,) = self._load([customer.pk])
        return record

    def reached(self, record: Record) -> set[str]:
        """Return the ways to reach a customer that are known already."""
        customer = record.customer
        more = {customer.phone, customer.email, *(row.value for row in record.reaches)}
        return more | self._reached.get(customer.pk or 0, set())

    def with_key(self, key: str) -> Record | None:
        return next(iter(self._index.get(("id", key), ())), None)

    def find(self, given: Given) -> Found:
        """Return who a row is about: by the first kind of key that finds anybody, narrowed by the others."""
        found = NOBODY
        for kind in self._plan.match:
            hits = self._hits(given, kind)
            if not hits:
                continue
            if not found.records:
                found = Found(kind, hits)
            elif len(found.records) > 1:
                both = [record for record in found.records if record in hits]
                found = Found(found.by, both) if both else found
        return found

    def _hits(self, given: Given, kind: str) -> list[Record]:
        hits: list[Record] = []
        for value in given.known.get(kind, ()):
            hits += [record for record in self._index.get((kind, value), ()) if record not in hits]
        return [record for record in hits if _is_same_name(record.customer, given)] if kind == "name" else hits


def known_of(record: Record) -> list[Known]:
    """Return what a record is known by, as far as this row has said it."""
    customer = record.customer
    found: list[Known] = [("id", customer.key)] if customer.key else []
    if code := customer.custom.get(CREDIT):
        found.append((CREDIT, str(code)))
    found += [("phone", customer.phone)] if customer.phone else []
    found += [("email", customer.email)] if customer.email else []
    found += [(row.kind, row.value) for row in record.reaches if row.kind in _REACHED]
    for person in record.people:
        found += [("phone", person.contact.phone)] if person.contact.phone else []
        found += [("email", person.contact.email)] if person.contact.email else []
        found += [(row.kind, row.value) for row in person.reaches if row.kind in _REACHED]
    return [*found, ("name", customer.name_key)]


def _is_same_name(customer: Customer, given: Given) -> bool:
    """Say whether the names are one and the places do not contradict; of two without a place, neither do the reaches."""
    if customer.name_folded != fold(str(given.columns.get("name", ""))):
        return False
    theirs, ours = customer.city_folded, fold(str(given.columns.get("city", "")))
    if theirs and ours:
        return theirs == ours
    return not any(
        getattr(customer, kind) and given.columns.get(kind) and getattr(customer, kind) != given.columns[kind]
        for kind in _REACHED
    )


def contradiction(record: Record, given: Given, by: str) -> Text | None:
    """Return what speaks against a row being about somebody who was found `by` one key."""
    customer, columns = record.customer, given.columns
    if by != "id" and columns.get("key") and customer.key and columns["key"] != customer.key:
        return Text("编号不同", "another number")
    code = columns.get("custom", {}).get(CREDIT)
    theirs = customer.custom.get(CREDIT)
    if by not in {"id", CREDIT} and code and theirs and code != theirs:
        return Text("信用代码不同", "another credit code")
    if by in _REACHED and columns.get("name") and not _are_alike(str(columns["name"]), customer.name):
        return Text("名称不同", "another name")
    return None


def _are_alike(one: str, other: str) -> bool:
    """Say whether one name is the other, or the other with more words: 梧桐里 and 上海梧桐里有限公司."""
    first, second = _core(one), _core(other)
    if first == second:
        return True
    short, long = sorted((first, second), key=len)
    return len(short) >= _SHORTEST_PART and short in long


def _core(name: str) -> str:
    folded = fold(name)
    return _SPACES.sub("", _LEGAL.sub("", folded)) or folded
