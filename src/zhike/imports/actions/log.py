"""Writes: a log of events that names its customers by their number, millions of rows long: what it says twice is written once.

Everything happens in one transaction, placing included: an import that is interrupted has done nothing, and the same
file again changes nothing. A row that cannot be used goes to `rejects` with its line and reason, the others go on.
Every row has its verdict, so that the whole can be looked at and taken back like any other import.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import blake2b
from itertools import batched
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from django.db import transaction

from zhike.base.clock import now
from zhike.base.garbage import uncollected
from zhike.base.inputs import Invalid
from zhike.core.errors import ZhikeError
from zhike.core.metrics import METRICS, Fold
from zhike.core.text import Text
from zhike.customers.bulk import Saved, save_customers
from zhike.customers.merged import keys_held
from zhike.customers.models import Customer
from zhike.customers.stored import shown_name
from zhike.engine.amounts import parse_scaled
from zhike.engine.errors import Rejection
from zhike.engine.events import read_events
from zhike.engine.polars import LINE
from zhike.imports.models import Import
from zhike.imports.models import Row as RowModel
from zhike.imports.plans import Plan
from zhike.imports.verdicts import NewRow, write_rows
from zhike.timeline.actions import CHUNK, bulk_setting, place_set_wise, store_rows
from zhike.timeline.kinds import KINDS, Group
from zhike.timeline.locks import lock_customers
from zhike.timeline.rows import NewEvent, checked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from zhike.accounts.models import User
    from zhike.engine.events import Reading
    from zhike.engine.files import Table
    from zhike.engine.rejects import Rejects
    from zhike.timeline.rows import Row, Setting

    # Called with the step, how much is done and how much there is.
    type Progress = Callable[[str, float, float], None]

SOURCE = "import"
NOTHING = Text("", "")
_V = RowModel.Verdict

# Of events' data, what metrics add up (with the digits they keep) and what they compare.
NUMBERS = {m.value: 4 if m.fold is Fold.AVERAGE else 0 for m in METRICS.values() if m.value not in {"", "amount"}}
TEXTS = tuple(sorted({m.where[0] for m in METRICS.values() if m.where}))

# Zhike's own bookkeeping: a file that brought its own would make history contradict itself.
_OWN = {kind.key for kind in KINDS.values() if kind.group in {Group.CLASS, Group.RECORD}} - {"note.added", "task.done"}


def _cast(digits: int) -> Callable[[str], object]:
    def cast(text: str) -> object:
        number = parse_scaled(text, digits)
        return text if number is None else Decimal(number).scaleb(-digits) if digits else number

    return cast


# Name of a datum that metrics add up → how its text becomes a number.
CASTS: Mapping[str, Callable[[str], object]] = {name: _cast(digits) for name, digits in NUMBERS.items()}


def check_kind(kind: str) -> str:
    """Return the kind of an event that a file may bring, or raise `Invalid`."""
    if kind in _OWN:
        raise Invalid(
            f"{kind} 由系统自己记录，不能导入", f"{kind} is Zhike's own record and cannot be imported", path="kind"
        )
    return kind


@dataclass(slots=True)
class Imported:
    """What came of a file. `rejected` counts the rows that were refused.

    `id` is that of the import, by which it is taken back. `columns_renamed`: how columns are called whose name stood there before, and that name.
    """

    rows: int = 0
    rejected: int = 0
    customers_created: int = 0
    customers_changed: int = 0
    customers_unchanged: int = 0
    contact_details_dropped: int = 0
    fields_created: list[str] = field(default_factory=list)
    events_created: int = 0
    id: int = 0
    events_known: int = 0
    orders_read_as_refunds: int = 0
    columns_renamed: dict[str, str] = field(default_factory=dict)


def _count(found: Imported, saved: Saved) -> None:
    found.customers_created = len(saved.created)
    found.customers_changed = len(saved.changed)
    found.customers_unchanged = saved.unchanged
    found.contact_details_dropped = saved.dropped


def _refuse(rejects: Rejects, table: Table, raw: Mapping[str, Any], error: ZhikeError) -> None:
    reason = Text(error.message("zh"), error.message("en"))
    line = raw[LINE] if LINE in raw else raw["line"]
    cells = tuple("" if value is None else str(value) for name, value in raw.items() if name not in {LINE, "line"})
    rejects.add(table.path.name, [Rejection(line, reason, cells)])


def digest(values: Mapping[str, object]) -> str:
    """Return what stands for a row that names no key of its own."""
    text = "\x1f".join(f"{name}\x1e{value}" for name, value in sorted(values.items()) if value is not None)
    return f"row:{blake2b(text.encode(), digest_size=16).hexdigest()}"


@transaction.atomic
def import_events(  # noqa: PLR0913  one keyword each
    table: Table,
    reading: Reading,
    rejects: Rejects,
    *,
    by: User | None,
    create_customers: bool | None,
    progress: Progress,
    source: str = SOURCE,
) -> Imported:
    """Record the events of a file and place their customers.

    `create_customers`: whether a customer whom nobody knows is made, by the id alone. When it is
    left open, they are made if the file speaks of no known customer at all, as the first log of a
    new installation does; else an unknown id is a slip, and its rows are refused.
    """
    before = len(rejects)
    read = read_events(table, reading, rejects, on_progress=lambda share: progress("read", share, 1))
    found = Imported(rows=read.rows, orders_read_as_refunds=read.negative, columns_renamed=dict(table.renamed))
    setting = bulk_setting()
    keys = [str(key) for key in read.frame["customer"].unique().to_list()]
    known, made = _known(keys), set[int]()
    if create_customers or (create_customers is None and not known):
        unknown = [{"key": key} for key in sorted(keys) if key not in known]
        saved = save_customers(unknown, by=by, source=SOURCE, progress=lambda n, of: progress("customers", n, of))
        known |= saved.ids
        made = set(saved.created)
        _count(found, saved)
    written = _Written(_begun(table, by, source), by)
    written.made = made
    lock_customers(known.values())
    progress("events", 0, len(read.frame))
    origin = _Origin(source, by.pk if by else None, reading.currency)
    rows = _event_rows(table, read.frame.iter_rows(named=True), known, setting, rejects, origin)
    with uncollected():
        for chunk in batched(rows, CHUNK):
            written.store(chunk)
            progress("events", written.created + written.known, len(read.frame))
    found.events_created, found.events_known = written.created, written.known
    progress("place", 0, 1)
    if found.events_created or found.customers_created:
        place_set_wise(written.late, recomputed="late")
        place_set_wise((written.touched | set(known.values())) - written.late)
    progress("place", 1, 1)
    found.rejected = len(rejects)
    written.refuse(rejects.told(since=before))
    found.id = written.finish(found)
    return found


class _Numbered(NamedTuple):
    """An event that can be stored, and the line of the file that says so."""

    line: int
    row: Row


def _begun(table: Table, by: User | None, source: str) -> Import:
    moment = now()
    return Import.objects.create(
        owner=by,
        what=Import.What.EVENTS,
        state=Import.State.DONE,
        file_name=shown_name(table.path.name),
        size=table.path.stat().st_size,
        columns=list(table.columns),
        plan=Plan(what=Import.What.EVENTS.value, source=source).as_data(),
        created_at=moment,
        started_at=moment,
    )


class _Written:
    """Stores events, a chunk at a time, and writes down for each row what became of it."""

    def __init__(self, imported: Import, by: User | None) -> None:
        self._imported = imported
        self._by = by
        self.made: set[int] = set()
        self.created = self.known = 0
        self.touched: set[int] = set()
        self.late: set[int] = set()

    def store(self, chunk: Sequence[_Numbered]) -> None:
        stored = store_rows([one.row for one in chunk], by=self._by, place=False)
        left = set(stored.keys)
        verdicts = []
        for line, row in chunk:
            is_new = row.key in left
            left.discard(row.key)
            after: dict[str, object] = {"event": row.key} if is_new else {}
            if row.customer_id in self.made:
                # The first row of a customer whom this log has made takes it along when it is taken back.
                self.made.discard(row.customer_id)
                after["made"] = ["customer"]
            verdict = _V.CREATED if is_new else _V.UNCHANGED
            verdicts.append(NewRow(line, 0, verdict, NOTHING, row.customer_id, after=after))
        write_rows(self._imported, verdicts)
        self.created += stored.new
        self.known += len(chunk) - stored.new
        self.touched |= stored.touched
        self.late |= stored.late

    def refuse(self, told: Iterable[tuple[int, Text]]) -> None:
        """Write down the rows that were refused; their cells stand in the file of whoever brings it in, and in no other."""
        reasons = dict(told)
        for chunk in batched(sorted(reasons), CHUNK):
            write_rows(self._imported, [NewRow(line, 0, _V.REJECTED, reasons[line]) for line in chunk])

    def finish(self, found: Imported) -> int:
        one = self._imported
        one.total = one.done = found.rows
        one.created, one.unchanged, one.rejected = found.events_created, found.events_known, found.rejected
        one.finished_at = now()
        one.save()
        return one.pk


class _Origin(NamedTuple):
    """Where events come from: keys are unique within a source."""

    source: str
    actor: int | None
    currency: str = ""


def _known(keys: Iterable[str]) -> dict[str, int]:
    """Return the ids of the customers who are there, by their keys."""
    held = keys_held(keys)
    present = set(Customer.present.filter(pk__in=held.values()).values_list("pk", flat=True))
    return {key: pk for key, pk in held.items() if pk in present}


def _event_rows(
    table: Table,
    raws: Iterable[Mapping[str, Any]],
    known: Mapping[str, int],
    setting: Setting,
    rejects: Rejects,
    origin: _Origin,
) -> Iterator[_Numbered]:
    """Yield the rows that can be stored; two equal rows of a file are two events."""
    seen: Counter[str] = Counter()
    for raw in raws:
        try:
            event = _event(raw, known, origin)
            event["currency"] = str(raw.get("currency") or "").strip().upper() or origin.currency
            if not event["key"]:
                key = digest({name: value for name, value in raw.items() if name not in {LINE, "day"}})
                seen[key] += 1
                event["key"] = f"{key}:{seen[key]}"
            yield _Numbered(int(raw[LINE]), checked(NewEvent(**event), setting))
        except ZhikeError as error:
            _refuse(rejects, table, raw, error)


def _event(raw: Mapping[str, Any], known: Mapping[str, int], origin: _Origin) -> dict[str, Any]:
    customer = known.get(raw["customer"])
    if customer is None:
        shown = str(raw["customer"])[:60]
        raise Invalid(f"没有编号为 {shown} 的客户", f"there is no customer {shown}", path="customer_id")
    return {
        "customer_id": customer,
        "kind": check_kind(raw["kind"]),
        "occurred_at": raw["occurred_at"],
        "actor_id": origin.actor,
        "channel": raw.get("channel") or "",
        "source": origin.source,
        "amount": cast("int | None", raw["amount"]) or None,
        "data": _data(raw),
        "key": (raw.get("key") or "").strip(),
    }


def _data(raw: Mapping[str, Any]) -> dict[str, object]:
    data: dict[str, object] = {name: raw[name] for name in TEXTS if raw.get(name) is not None}
    for name, digits in NUMBERS.items():
        if raw.get(name) is not None:
            data[name] = Decimal(raw[name]).scaleb(-digits) if digits else raw[name]
    data |= {
        column.removeprefix("extra."): value
        for column, value in raw.items()
        if column.startswith("extra.") and value is not None
    }
    return data
