"""What becomes of a row: the one place that decides it, for a dry run and for the run alike.

The records are changed in memory, row after row, so that a row is judged by what those before it have left.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from zhike.base.clock import now
from zhike.core.text import Text, fold
from zhike.customers.actions.changes import changes_between, plain
from zhike.customers.actions.imported import Person, Record
from zhike.customers.columns import derived, new_customer
from zhike.customers.models import Contact
from zhike.customers.sensitive import Guard, refusal, sensitive_fields
from zhike.imports.matching import LABELS, contradiction
from zhike.imports.models import Row
from zhike.imports.plans import Mode, OnMatch
from zhike.imports.reading import CREDIT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from zhike.accounts.models import User
    from zhike.customers.actions.changes import Changes
    from zhike.customers.models import Customer, CustomField
    from zhike.imports.matching import Book, Found
    from zhike.imports.plans import Plan
    from zhike.imports.reading import Given

_V = Row.Verdict
NOTHING = Text("", "")
HIDDEN = Text("已经有这位客户，但不归你看：请主管处理", "a duplicate exists that is not yours to see: ask a manager")
_BINNED = Text("这位客户在回收站里，先恢复它", "this customer lies in the bin: restore it")
_NOT_YOURS = Text("这位客户你只能看，不能修改", "this customer is yours to see, not to change")
_TAKEN = Text("这个编号已经有一位客户", "there is a customer of this number already")
_JOIN = Text("；", "; ")
_SHOWN = 5


@dataclass(slots=True)
class Verdict:
    """What becomes of a row. `made` says what of its record is new: the customer, the contact."""

    given: Given
    verdict: str
    said: Text = NOTHING
    record: Record | None = None
    person: Person | None = None
    made: tuple[str, ...] = ()
    changes: Changes = field(default_factory=dict)
    candidates: Sequence[Record] = ()

    @property
    def before(self) -> dict[str, object]:
        return {name: pair[0] for name, pair in self.changes.items()}

    @property
    def after(self) -> dict[str, object]:
        made: dict[str, object] = {"made": list(self.made)} if self.made else {}
        some: dict[str, object] = {}
        if self.candidates:
            some["candidates"] = [one.customer.pk for one in self.candidates if one.customer.pk][:_SHOWN]
        return {name: pair[1] for name, pair in self.changes.items()} | made | some


class _New(NamedTuple):
    """What a row changes of a customer, as the history tells it and as the columns hold it."""

    changes: Changes
    columns: dict[str, Any]


class Judge:
    """Judges the rows of one import."""

    def __init__(self, plan: Plan, book: Book, *, by: User | None, tags: Mapping[str, str] | None = None) -> None:
        self._plan = plan
        self._book = book
        self._by = by
        self.tags: Mapping[str, str] = tags or {}
        self._modes = {_field_of(use.to): use.mode for use in plan.uses.values() if use.mode}
        self._moment = now()
        self._guard = Guard(sensitive_fields(), [one.customer.pk for one in book.records if one.customer.pk])

    def judge(self, given: Given) -> Verdict:
        return _with_left_out(self._judge(given), [*given.left_out, *given.withheld])

    def _judge(self, given: Given) -> Verdict:
        if given.refused is not None:
            return Verdict(given, _V.REJECTED, given.refused)
        self._tag(given)
        found = self._book.find(given)
        if not found.records:
            holder = self._book.with_key(str(given.columns.get("key", "")))
            if holder is None:
                return self._create(given)
            said = (_BINNED if holder.customer.deleted_at else _TAKEN) if self._book.sees(holder) else HIDDEN
            return Verdict(given, _V.REJECTED, said)
        return self._meet(given, found)

    def _meet(self, given: Given, found: Found) -> Verdict:
        """Judge a row about somebody who is there."""
        if not all(self._book.sees(record) for record in found.records):
            return Verdict(given, _V.REVIEW, HIDDEN)
        record = found.records[0]
        if record.customer.deleted_at is not None:
            return Verdict(given, _V.REJECTED, _BINNED)
        if len(found.records) > 1:
            size, label = len(found.records), LABELS[found.by]
            said = Text(f"{label.zh}对得上 {size} 位客户", f"the {label.en} fits {size} customers")
            return Verdict(given, _V.REVIEW, said, candidates=found.records)
        said = self._told(record, found.by)
        if (against := contradiction(record, given, found.by)) is not None:
            return Verdict(given, _V.REVIEW, _joined([said, against]), candidates=[record])
        if given.contact and self._plan.what == "contacts":
            return self._change(given, record, said)
        match self._plan.on_match:
            case OnMatch.SKIP:
                return Verdict(given, _V.SKIPPED, said, record)
            case OnMatch.REVIEW:
                return Verdict(given, _V.REVIEW, said, candidates=[record])
        return self._change(given, record, said)

    def _told(self, record: Record, by: str) -> Text:
        label = LABELS[by]
        if record.line:
            return Text(f"{label.zh}和第 {record.line} 行相同", f"the same {label.en} as line {record.line}")
        return Text(f"{label.zh}对得上", f"the {label.en} fits")

    def resolve(self, given: Given, record: Record | None) -> Verdict:
        """Judge a row about which a person has decided: it is this customer, or somebody new."""
        if given.refused is not None:
            return Verdict(given, _V.REJECTED, given.refused)
        self._tag(given)
        if record is None:
            if self._book.with_key(str(given.columns.get("key", ""))) is not None:
                return Verdict(given, _V.REJECTED, _TAKEN)
            return _with_left_out(self._create(given), given.withheld)
        return _with_left_out(self._change(given, record, NOTHING), given.withheld)

    def _tag(self, given: Given) -> None:
        if tags := given.columns.get("tags"):
            given.columns["tags"] = list(dict.fromkeys(self.tags.get(fold(tag), tag) for tag in tags))

    def _create(self, given: Given) -> Verdict:
        columns = {
            "name": str(given.columns.get("key") or given.columns.get("custom", {}).get(CREDIT, "")),
            **given.columns,
        }
        kind, own = columns.get("kind", ""), columns.get("custom", {})
        for one in self._guard.refused(None, kind=kind, own=own):
            given.withheld.append(_withheld(one))
            for name in ("custom", "custom_folded"):
                columns[name] = {key: value for key, value in columns[name].items() if key != one.key}
        owner = columns.pop("owner", self._by if self._plan.owner == "me" else None)
        moments = {"created_at": self._moment, "updated_at": self._moment}
        customer = new_customer({**columns, **derived(columns), **moments, "owner": owner})
        record = Record(customer, is_new=True, author=given.author, line=given.raw.line, reaches=list(given.reaches))
        person = self._person(record, given)
        self._book.add(record)
        made = ("customer", "contact") if person else ("customer",)
        return Verdict(given, _V.CREATED, NOTHING, record, person, made)

    def _person(self, record: Record, given: Given) -> Person | None:
        if not given.contact:
            return None
        person = Person(Contact(**given.contact), is_new=True, reaches=list(given.contact_reaches))
        record.people.append(person)
        return person

    def _change(self, given: Given, record: Record, said: Text) -> Verdict:
        new = self._columns(given, record)
        person, told = self._of_person(given, record)
        reaches = [row for row in given.reaches if row.value not in self._book.reached(record)]
        is_new_person = person is not None and not any(person is one for one in record.people)
        if not new.changes and not told and not reaches and not is_new_person:
            return Verdict(given, _V.UNCHANGED, said, record, person)
        if not self._book.may_change(record):
            return Verdict(given, _V.REVIEW, _joined([said, _NOT_YOURS]), candidates=[record])
        _apply(record, new)
        record.reaches += reaches
        if person is not None and is_new_person:
            record.people.append(person)
        elif person is not None:
            _tell(person, told)
        self._book.add(record)
        every = new.changes | {f"contact.{name}": [plain(one) for one in pair] for name, pair in told.items()}
        if reaches:
            every["reaches"] = [None, [row.value for row in reaches]]
        made = ("contact",) if is_new_person else ()
        is_new = is_new_person and self._plan.what == "contacts"
        return Verdict(given, _V.CREATED if is_new else _V.UPDATED, said, record, person, made, every)

    def _columns(self, given: Given, record: Record) -> _New:
        """Return what really changes of a customer's columns, with the folded ones."""
        customer, columns = record.customer, dict(given.columns)
        # Of the company of a contact a file only says what nobody knew.
        is_aside = self._plan.what == "contacts" and bool(given.contact)
        if customer.key:
            columns.pop("key", None)
        for name in [name for name in columns if name == _base(name) and name not in {"custom", "key"}]:
            held = customer.owner_id if name == "owner" else getattr(customer, name)
            if held not in (None, "", []) and (is_aside or self._fills(name)):
                for one in (name, f"{name}_folded", f"{name}_state"):
                    columns.pop(one, None)
        if "custom" in columns:
            kept = {
                key: value
                for key, value in columns["custom"].items()
                if key not in customer.custom or not (is_aside or self._fills(f"custom.{key}"))
            }
            folded = {key: value for key, value in columns["custom_folded"].items() if key in kept}
            columns["custom"] = {**customer.custom, **kept}
            columns["custom_folded"] = {**customer.custom_folded, **folded}
        self._withhold(given, customer, columns)
        changes = changes_between(customer, columns)
        changed = {name.partition(".")[0] for name in changes}
        return _New(changes, {name: value for name, value in columns.items() if _base(name) in changed})

    def _withhold(self, given: Given, customer: Customer, columns: dict[str, Any]) -> None:
        """Take out what a person has not agreed to; and whoever has such values becomes no person by a file."""
        kind, own = columns.get("kind", customer.kind), columns.get("custom", customer.custom)
        for one in self._guard.refused(customer.pk, kind=kind, own=own, was=customer.kind, held=customer.custom):
            given.withheld.append(_withheld(one))
            if one.key in customer.custom and own[one.key] == customer.custom[one.key]:
                columns.pop("kind", None)
                continue
            for name in ("custom", "custom_folded"):
                held = getattr(customer, name)
                kept = {key: value for key, value in columns[name].items() if key != one.key}
                columns[name] = kept | ({one.key: held[one.key]} if one.key in held else {})

    def _fills(self, name: str) -> bool:
        """Say whether a column is only written where nothing stands."""
        mode = self._modes.get(name, "")
        return mode == Mode.FILL or (not mode and self._plan.on_match == OnMatch.FILL)

    def _of_person(self, given: Given, record: Record) -> tuple[Person | None, Changes]:
        """Return the contact that a row is about, new or known, and what the row changes of it."""
        if not given.contact:
            return None, {}
        person = _known_person(record.people, given.contact)
        if person is None:
            return Person(Contact(**given.contact), is_new=True, reaches=list(given.contact_reaches)), {}
        if self._plan.what == "contacts" and self._plan.on_match == OnMatch.SKIP:
            return person, {}
        told: Changes = {}
        for name, value in given.contact.items():
            held = getattr(person.contact, name)
            if name.endswith("_state") or held == value or (held not in (None, "") and self._fills(f"contact.{name}")):
                continue
            if name == "name" and value == given.contact.get("email"):
                continue
            told[name] = [held, value]
        return person, told


def _apply(record: Record, new: _New) -> None:
    """Change a customer in memory; of a field that several rows change the first value is what was there."""
    for name, value in new.columns.items():
        setattr(record.customer, name, value)
    if "name" in new.columns:
        for name, value in derived(new.columns).items():
            setattr(record.customer, name, value)
    for name, pair in new.changes.items():
        record.changes[name] = [record.changes[name][0] if name in record.changes else pair[0], pair[1]]


def _known_person(people: Sequence[Person], given: Mapping[str, Any]) -> Person | None:
    """Return the contact of the same number, address or name; the former two come first."""
    tests: tuple[Callable[[Contact], bool], ...] = (
        lambda one: bool(given.get("phone")) and one.phone == given["phone"],
        lambda one: bool(given.get("email")) and one.email == given["email"],
        lambda one: fold(one.name) == fold(str(given["name"])),
    )
    for test in tests:
        found = next((person for person in people if test(person.contact)), None)
        if found is not None:
            return found
    return None


def _tell(person: Person, told: Changes) -> None:
    """Change a contact in memory."""
    for name, (before, after) in told.items():
        setattr(person.contact, name, after)
        if not person.is_new:
            first = person.changes[name][0] if name in person.changes else plain(before)
            person.changes[name] = [first, plain(after)]


def _withheld(field: CustomField) -> Text:
    error = refusal(field)
    return Text(error.zh, error.en)


def _with_left_out(verdict: Verdict, left_out: Sequence[Text]) -> Verdict:
    """Say in a verdict what of its row was not written."""
    verdict.said = _joined([verdict.said, *(Text(f"没有写入：{one.zh}", f"left out: {one.en}") for one in left_out)])
    return verdict


def _base(name: str) -> str:
    return name.removesuffix("_folded").removesuffix("_state")


def _field_of(target: str) -> str:
    return {"id": "key", CREDIT: f"custom.{CREDIT}"}.get(target, target)


def _joined(texts: Sequence[Text]) -> Text:
    said = [one for one in texts if one.zh]
    return Text(_JOIN.zh.join(one.zh for one in said), _JOIN.en.join(one.en for one in said))
