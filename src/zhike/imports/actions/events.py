"""Writes: rows that are events, each joined to its customer by the keys of the plan and recorded once.

A row is known by its own key or by what it says; of rows that say the same each is one event. So the same file again
records nothing, and what was recorded can be found to be taken back.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from zhike.accounts.queries import colleagues, company
from zhike.base.clock import now
from zhike.base.inputs import Invalid
from zhike.core.errors import ZhikeError
from zhike.core.money import minor_digits
from zhike.core.text import Text, fold
from zhike.customers.actions.imported import store_records
from zhike.engine.amounts import parse_amount
from zhike.engine.safe import from_cell
from zhike.imports.actions.log import CASTS, SOURCE, check_kind
from zhike.imports.judging import HIDDEN, Judge
from zhike.imports.matching import LABELS, Book, Memory
from zhike.imports.models import Row
from zhike.imports.plans import Plan
from zhike.imports.reading import Given, Reader
from zhike.imports.values import instant
from zhike.imports.verdicts import NewRow
from zhike.timeline.actions import bulk_setting, place_set_wise, store_rows
from zhike.timeline.models import Event
from zhike.timeline.rows import NewEvent, checked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zhike.accounts.models import User
    from zhike.customers.actions.imported import Record
    from zhike.imports.models import Import
    from zhike.imports.spool import Raw
    from zhike.timeline.rows import Row as EventRow

_PLACED, _REFUNDED = "order.placed", "order.refunded"
_V = Row.Verdict
_UNKNOWN = Text("没有这位客户", "there is no such customer")
_NOT_YOURS = Text("这位客户你只能看，不能修改", "this customer is yours to see, not to change")


class _Reading:
    """Turns the cells of a row into an event."""

    def __init__(self, plan: Plan, columns: Sequence[str], by: User | None) -> None:
        ours = company()
        self._plan = plan
        self._zone = ours.zone
        self._currency = plan.currency or ours.currency
        self._by = by
        self._authors = {fold(word): user.pk for user in colleagues() for word in (user.name, user.email)}
        self._at = {use.to: index for index, column in enumerate(columns) if (use := plan.uses.get(column))}
        self._data = [
            (index, column)
            for index, column in enumerate(columns)
            if (use := plan.uses.get(column)) and use.to == "data"
        ]

    def event(self, raw: Raw, customer: int) -> NewEvent:
        kind = check_kind(self._cell(raw, "kind") or self._plan.kind)
        amount, kind = self._amount(raw, kind)
        author = self._authors.get(fold(self._cell(raw, "author")))
        return NewEvent(
            customer_id=customer,
            kind=kind,
            occurred_at=self._moment(raw),
            actor_id=author or (self._by.pk if self._by else None),
            channel=self._cell(raw, "channel"),
            source=SOURCE,
            amount=amount,
            currency=(self._cell(raw, "currency") or self._currency).upper(),
            data=self._data_of(raw),
            key=self._cell(raw, "key") or key_of(raw),
        )

    def _moment(self, raw: Raw) -> Any:  # noqa: ANN401  a datetime; what is none was refused
        text = self._cell(raw, "occurred_at")
        found = instant(text, self._plan.order, self._zone) if text else None
        if found is None:
            shown = text[:40]
            raise Invalid(f"「{shown}」不是时间", f"“{shown}” is not a time", path="occurred_at")
        return found

    def _amount(self, raw: Raw, kind: str) -> tuple[int | None, str]:
        text = self._cell(raw, "amount")
        if not text:
            return None, kind
        currency = (self._cell(raw, "currency") or self._currency).upper()
        digits = minor_digits(currency) if self._plan.unit == "major" else 0
        amount = parse_amount(text, digits)
        if amount.fault is not None:
            raise Invalid(amount.fault.zh, amount.fault.en, path="amount")
        if amount.minor < 0 and kind == _PLACED:
            return -amount.minor, _REFUNDED
        return amount.minor, kind

    def _data_of(self, raw: Raw) -> dict[str, object]:
        data: dict[str, object] = {}
        if text := self._cell(raw, "text"):
            data["text"] = text
        for index, column in self._data:
            if index < len(raw.cells) and (cell := from_cell(raw.cells[index].strip())):
                data[column] = CASTS[column](cell) if column in CASTS else cell
        return data

    def _cell(self, raw: Raw, target: str) -> str:
        index = self._at.get(target)
        return from_cell(raw.cells[index].strip()) if index is not None and index < len(raw.cells) else ""


def key_of(raw: Raw) -> str:
    """Return what a row without a key of its own is known by: what it says, and the how-manieth such it is."""
    text = "\x1f".join(raw.cells)
    return f"row:{blake2b(text.encode('utf-8', 'replace'), digest_size=16).hexdigest()}:{raw.nth}"


def deal_with_events(
    imported: Import, plan: Plan, rows: Sequence[Raw], *, by: User | None, is_trial: bool = False
) -> list[NewRow]:
    """Record some rows and return the verdicts; of a trial only the verdicts."""
    # The columns that tell the customer are read like those of a customer.
    of_customer = Plan(what="customers", uses=_customer_uses(plan), match=plan.match, order=plan.order)
    givens = Reader(of_customer, imported.columns, by=by).read(rows)
    book = Book(of_customer, by=by, memory=Memory() if is_trial else None)
    book.open(givens)
    judge = Judge(of_customer, book, by=by)
    found = [_holder(given, book, judge, is_made=plan.unknown) for given in givens]
    if not is_trial:
        store_records(book.records, by=by)
    reading, setting = _Reading(plan, imported.columns, by), bulk_setting()
    verdicts: list[NewRow] = []
    events: list[tuple[int, EventRow]] = []
    for given, (record, said, made) in zip(givens, found, strict=True):
        raw = given.raw
        if record is None:
            verdict = _V.REVIEW if said == HIDDEN else _V.REJECTED
            verdicts.append(NewRow(raw.line, raw.at, verdict, said))
            continue
        try:
            pk = record.customer.pk or 0
            row = checked(reading.event(raw, pk), setting)
        except ZhikeError as error:
            why = Text(error.message("zh"), error.message("en"))
            verdicts.append(NewRow(raw.line, raw.at, _V.REJECTED, why, record.customer.pk, after=_made(made)))
            continue
        events.append((len(verdicts), row))
        verdicts.append(
            NewRow(raw.line, raw.at, _V.CREATED, said, record.customer.pk, after=_made(made) | {"event": row.key})
        )
    return _record(verdicts, events, by, is_trial=is_trial)


def _made(made: bool) -> dict[str, object]:  # noqa: FBT001  named where it is called
    return {"made": ["customer"]} if made else {}


def _record(
    verdicts: list[NewRow],
    events: Sequence[tuple[int, EventRow]],
    by: User | None,
    *,
    is_trial: bool,
) -> list[NewRow]:
    known = set(
        Event.objects.filter(source=SOURCE, key__in=[row.key for _, row in events]).values_list("key", flat=True)
    )
    new = []
    for at, row in events:
        if row.key in known:
            kept = {name: value for name, value in verdicts[at].after.items() if name != "event"}
            verdicts[at] = verdicts[at]._replace(verdict=_V.UNCHANGED, after=kept)
        else:
            known.add(row.key)
            new.append(row)
    if new and not is_trial:
        stored = store_rows(new, by=by, place=False)
        place_set_wise(stored.late, recomputed="late")
        place_set_wise(stored.touched - stored.late)
    return verdicts


def _customer_uses(plan: Plan) -> Mapping[str, Any]:
    known = {"id", "name", "credit_code", "phone", "email", "city"}
    return {column: use for column, use in plan.uses.items() if use.to in known}


def _holder(given: Given, book: Book, judge: Judge, *, is_made: bool) -> tuple[Record | None, Text, bool]:
    """Return whose event a row is, or why nobody's; and whether the customer was made for it."""
    if given.refused is not None:
        return None, given.refused, False
    found = book.find(given)
    if not found.records:
        if not is_made:
            return None, _UNKNOWN, False
        verdict = judge.judge(given)
        return (verdict.record, Text("", ""), True) if verdict.record else (None, verdict.said, False)
    if not all(book.sees(record) for record in found.records):
        return None, HIDDEN, False
    if len(found.records) > 1:
        label, size = LABELS[found.by], len(found.records)
        return None, Text(f"{label.zh}对得上 {size} 位客户", f"the {label.en} fits {size} customers"), False
    record = found.records[0]
    if record.customer.deleted_at is not None:
        return None, Text("这位客户在回收站里", "this customer lies in the bin"), False
    if not book.may_change(record):
        return None, _NOT_YOURS, False
    return record, Text("", ""), False


def void_events(keys: Iterable[str], *, by: User | None, source: str = SOURCE) -> dict[str, int]:
    """Take back the events of these keys that are still counted; return key → customer."""
    rows = Event.objects.filter(source=source, key__in=list(keys), voided_by=None)
    found = {row.key: row for row in rows.only("pk", "key", "customer_id")}
    setting = bulk_setting()
    events = [
        checked(
            NewEvent(
                customer_id=row.customer_id,
                kind="event.voided",
                occurred_at=now(),
                actor_id=by.pk if by else None,
                source=SOURCE,
                voids_id=row.pk,
            ),
            setting,
        )
        for row in found.values()
    ]
    if events:
        store_rows(events, by=by, place=False)
        place_set_wise({row.customer_id for row in found.values()}, recomputed="late")
    return {key: row.customer_id for key, row in found.items()}
