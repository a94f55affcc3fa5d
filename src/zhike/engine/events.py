"""Event files: text becomes typed events, and every row that cannot is named with its reason.

Plain rows are typed all at once; only odd ones (another way to write a date, `1,234.50`) are
looked at one by one, by the same rules.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple

import narwhals as nw

from zhike.core.metrics import METRICS
from zhike.core.text import Text
from zhike.engine import amounts, moments, polars
from zhike.engine.columns import columns_for, further
from zhike.engine.errors import Rejection
from zhike.engine.pipeline import read_all
from zhike.engine.polars import LINE
from zhike.engine.safe import from_cell

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from zhike.engine.files import Block, Table
    from zhike.engine.pipeline import Progress
    from zhike.engine.polars import Frame
    from zhike.engine.rejects import Rejects

COLUMNS = ("customer_id", "occurred_at", "kind", "amount", "currency", "channel", "key")
# Event data that some metric reads.
DATA = sorted({m.value for m in METRICS.values()} - {"", "amount"} | {m.where[0] for m in METRICS.values() if m.where})
NAMES = (*COLUMNS, *DATA)
REQUIRED = ("customer_id", "occurred_at", "kind")
PLACED, REFUNDED = "order.placed", "order.refunded"
_KIND = r"^[a-z][a-z_]*\.[a-z][a-z_]*$"

NO_CUSTOMER = Text("缺少客户编号", "the customer's id is missing")
NO_MOMENT = Text("缺少日期", "the date is missing")
NO_KIND = Text("缺少事件类型", "the kind is missing")
BAD_KIND = Text("事件类型应如 order.placed", "the kind is not of the form order.placed")
BAD_NUMBER = Text("{name} 不是数字", "{name} is not a number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How an event file is to be read. `digits` are those of an amount after the point.

    `numbers` are the event data that metrics add up, with the digits they keep; `texts` those they
    compare. `others` are further currencies that are taken, with the digits of their amounts: then the
    currency of each row is kept. With `instants` the moment is kept besides the day, with `everything` all other columns.
    """

    zone: ZoneInfo
    mapping: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""
    currency: str = "CNY"
    digits: int = 0
    others: Mapping[str, int] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    instants: bool = False
    everything: bool = False


@dataclass(slots=True)
class Events:
    """Typed events: `customer` (text), `day`, `kind`, `amount`, data columns, and what was noticed."""

    frame: Frame
    rows: int = 0
    negative: int = 0
    without_amount: int = 0
    further: tuple[str, ...] = ()


class _Typed(NamedTuple):
    frame: Frame
    rejected: list[Rejection]
    rows: int
    negative: int
    without_amount: int


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where the file has what; `extra` are the columns that are kept as they are."""

    known: Mapping[str, str]
    numbers: Mapping[str, int]
    texts: tuple[str, ...]
    extra: Mapping[str, str]


def read_events(
    table: Table, reading: Reading, rejects: Rejects | None = None, on_progress: Progress | None = None
) -> Events:
    """Read all events of a file. Refused rows go to `rejects`."""
    columns = _columns(table, reading)
    parts: list[Frame] = []
    found = Events(_no_events(columns, reading))
    for typed in read_all(table, partial(_type_block, columns=columns, reading=reading), on_progress):
        parts.append(typed.frame)
        found.rows += typed.rows
        found.negative += typed.negative
        found.without_amount += typed.without_amount
        if rejects is not None and typed.rejected:
            rejects.add(table.path.name, typed.rejected)
    if parts:
        found.frame = nw.concat(parts)
    found.further = tuple(columns.extra)
    return found


def _columns(table: Table, reading: Reading) -> _Columns:
    required = [name for name in REQUIRED if not (name == "kind" and reading.kind)]
    data = (*reading.numbers, *reading.texts)
    known = columns_for(table, reading.mapping, known=(*COLUMNS, *data), required=required)
    if reading.kind:
        known.pop("kind", None)
    rest = further(table, reading.mapping, known.values())
    return _Columns(
        known=known,
        numbers={name: digits for name, digits in reading.numbers.items() if name in known},
        texts=tuple(name for name in reading.texts if name in known),
        extra=rest if reading.everything else {},
    )


def _no_events(columns: _Columns, reading: Reading) -> Frame:
    """Return the frame of a file without rows."""
    names = [*columns.known.values(), *columns.extra.values()]
    empty = polars.text_rows({name: [] for name in names}, [])
    return _finish(_type_plain(_canonical(empty, columns), columns, reading), columns, reading)


def _canonical(frame: Frame, columns: _Columns) -> Frame:
    named = [nw.col(column).alias(f"in.{name}") for name, column in columns.known.items()]
    extra = [nw.col(column).alias(f"extra.{name}") for name, column in columns.extra.items()]
    return frame.select(*named, *extra, LINE)


def _type_block(block: Block, *, columns: _Columns, reading: Reading) -> _Typed:
    frame = _type_plain(_canonical(block.frame, columns), columns, reading)
    rejected = list(block.rejected)
    odd = frame.filter(~nw.col("plain"))
    if len(odd):
        mended, faults = _read_odd(odd, block.frame, columns, reading)
        rejected += faults
        frame = nw.concat([frame.filter(nw.col("plain")), mended])
        if reading.instants:
            frame = frame.sort(LINE)
    finished = _finish(frame, columns, reading)
    order, below_zero = nw.col("kind") == PLACED, nw.col("amount") < 0
    counts = finished.select(
        below=below_zero.sum(),
        negative=(below_zero & order).sum(),
        without=(order & nw.col("no_amount")).sum() if "no_amount" in finished.columns else nw.lit(0),
    )
    below, negative, without = counts.row(0) if len(finished) else (0, 0, 0)
    finished = _turn_negative(finished) if below else finished
    return _Typed(
        finished.drop("no_amount", strict=False),
        sorted(rejected),
        len(block.frame) + len(block.rejected),
        negative,
        without,
    )


def _type_plain(frame: Frame, columns: _Columns, reading: Reading) -> Frame:
    """Type all rows at once and mark those for which that was enough (`plain`)."""
    known = columns.known
    frame = frame.with_columns(nw.col("in.customer_id").str.strip_chars().alias("customer"))
    frame = polars.moments(frame, "in.occurred_at", reading.zone, instants=reading.instants)
    first, last = date(moments.FIRST_YEAR, 1, 1), date(moments.LAST_YEAR, 12, 31)
    unmarked = ~nw.col("customer").str.starts_with("'")
    plain = [
        (~nw.col("customer").is_null() & (nw.col("customer") != "") & unmarked).fill_null(value=False),
        *_unless_all(frame, "day", nw.col("day").is_between(first, last).fill_null(value=False)),
    ]
    if reading.instants:
        plain.append(~nw.col("occurred_at").is_null())
    if "kind" in known:
        frame = frame.with_columns(polars.keys(nw.col("in.kind")).alias("kind"))
        kinds = frame["kind"].unique().cast(nw.String).to_list()
        good = [kind for kind in kinds if kind and re.match(_KIND, kind)]
        if len(good) < len(kinds):
            plain.append(nw.col("kind").is_in(good).fill_null(value=False))
    if "currency" in known:
        plain.append(nw.col("in.currency").is_null() | (nw.col("in.currency") == reading.currency))
    numbers = {"amount": reading.digits, **columns.numbers} if "amount" in known else columns.numbers
    for name, digits in numbers.items():
        frame = polars.whole_numbers(frame, f"in.{name}", digits, into=name)
        if frame[name].null_count() > frame[f"in.{name}"].null_count():
            plain.append(nw.col(f"in.{name}").is_null() | ~nw.col(name).is_null())
    return frame.with_columns(nw.all_horizontal(*plain, ignore_nulls=False).alias("plain"))


def _unless_all(frame: Frame, column: str, condition: nw.Expr) -> list[nw.Expr]:
    """Return the condition, or nothing where a look at the ends of the column shows that all fulfil it."""
    first, last = date(moments.FIRST_YEAR, 1, 1), date(moments.LAST_YEAR, 12, 31)
    if not len(frame) or frame[column].null_count():
        return [condition]
    inside = (nw.col(column).min() >= first) & (nw.col(column).max() <= last)  # no Python date: there may be a year 0
    return [] if frame.select(inside=inside)["inside"].item() else [condition]


def _finish(frame: Frame, columns: _Columns, reading: Reading) -> Frame:
    """Keep what events are made of."""
    known = columns.known
    kind = nw.col("kind") if "kind" in known else polars.keys(nw.lit(reading.kind)).alias("kind")
    kept = [polars.keys(nw.col("customer")), nw.col("day"), kind]
    if "amount" in known:
        kept += [nw.col("amount").fill_null(0), nw.col("amount").is_null().alias("no_amount")]
    else:
        kept.append(nw.lit(0, nw.Int64).alias("amount"))
    kept += [nw.col(name) for name in columns.numbers]
    kept += [polars.keys(nw.col(f"in.{name}")).alias(name) for name in columns.texts]
    if reading.instants:
        kept += [nw.col("occurred_at"), nw.col(LINE)]
        kept += [nw.col(f"in.{name}").alias(name) for name in ("channel", "key") if name in known]
        if reading.others and "currency" in known:
            kept.append(nw.col("in.currency").alias("currency"))
    kept += [nw.col(f"extra.{name}") for name in columns.extra]
    return frame.select(*kept)


def _turn_negative(frame: Frame) -> Frame:
    """Read an order of less than nothing as a refund, and a refund without its sign."""
    below = nw.col("amount") < 0
    turned = below & (nw.col("kind") == PLACED)
    kind = nw.when(turned).then(polars.keys(nw.lit(REFUNDED))).otherwise(nw.col("kind"))
    frame = frame.with_columns(kind.alias("kind"))
    refund = below & (nw.col("kind") == REFUNDED)
    return frame.with_columns(nw.when(refund).then(-nw.col("amount")).otherwise(nw.col("amount")).alias("amount"))


class _Fault(Exception):
    """What is wrong with a row."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


def _read_odd(odd: Frame, raw: Frame, columns: _Columns, reading: Reading) -> tuple[Frame, list[Rejection]]:
    """Type rows one by one; return those that can be used, and the others with their reasons."""
    mended: dict[str, list[object]] = {name: [] for name in _mended_names(columns, reading)}
    lines: list[int] = []
    faults: dict[int, Text] = {}
    read = [name for name in odd.columns if name.startswith("in.")]  # what was typed may not exist in Python: year 0
    for row in odd.select(*read, LINE).iter_rows(named=True):
        try:
            values = _read_row(row, columns, reading)
        except _Fault as fault:
            faults[row[LINE]] = fault.reason
            continue
        lines.append(row[LINE])
        for name, value in values.items():
            mended[name].append(value)
    kept = odd.filter(nw.col(LINE).is_in(lines)) if lines else odd.head(0)
    replaced = polars.replace_columns(kept, mended)
    return replaced, _rejections(raw, faults)


def _rejections(raw: Frame, faults: Mapping[int, Text]) -> list[Rejection]:
    if not faults:
        return []
    rows = raw.filter(nw.col(LINE).is_in(list(faults)))
    return [
        Rejection(line, faults[line], tuple("" if cell is None else str(cell) for cell in cells))
        for *cells, line in rows.iter_rows()
    ]


def _mended_names(columns: _Columns, reading: Reading) -> list[str]:
    names = ["customer", "day", *(["occurred_at"] if reading.instants else [])]
    names += ["amount"] if "amount" in columns.known else []
    return [*names, *columns.numbers, *(["kind"] if "kind" in columns.known else [])]


def _read_row(row: Mapping[str, str | None], columns: _Columns, reading: Reading) -> dict[str, object]:
    customer = from_cell((row["in.customer_id"] or "").strip())
    if not customer:
        raise _Fault(NO_CUSTOMER)
    day, instant = _moment(row["in.occurred_at"] or "", reading)
    values: dict[str, object] = {"customer": customer, "day": day}
    if reading.instants:
        values["occurred_at"] = instant
    if "kind" in columns.known:
        values["kind"] = _kind(row["in.kind"] or "")
    digits = _digits_of(row["in.currency"], reading) if "currency" in columns.known else reading.digits
    if "amount" in columns.known:
        values["amount"] = _amount(row["in.amount"], digits)
    for name, digits in columns.numbers.items():
        values[name] = _number(row[f"in.{name}"], name, digits)
    return values


def _moment(text: str, reading: Reading) -> tuple[date, datetime]:
    if not text.strip():
        raise _Fault(NO_MOMENT)
    moment = _parsed(text)
    fault = moments.fault_of(None if moment is None else moments.day_of(moment, reading.zone))
    if moment is None or fault:
        raise _Fault(fault or moments.NOT_A_DATE)
    return moments.day_of(moment, reading.zone), moments.instant_of(moment, reading.zone)


# In a file where every date is written in an odd way, the same days come again and again.
_parsed = lru_cache(maxsize=1 << 16)(moments.parse_moment)


def _kind(text: str) -> str:
    kind = text.strip().lower()
    if not kind:
        raise _Fault(NO_KIND)
    if not re.match(_KIND, kind):
        raise _Fault(BAD_KIND)
    return kind


def _amount(text: str | None, digits: int) -> int | None:
    if text is None or not text.strip():
        return None
    amount = amounts.parse_amount(text, digits)
    if amount.fault:
        raise _Fault(amount.fault)
    return amount.minor


def _digits_of(text: str | None, reading: Reading) -> int:
    """Return the digits of a row's amount, or refuse its currency."""
    currency = (text or "").strip().upper()
    if currency in reading.others:
        return reading.others[currency]
    if currency and currency != reading.currency:
        raise _Fault(
            Text(
                f"货币是 {currency[:12]}，不是 {reading.currency}，这里没有汇率",
                f"the currency is {currency[:12]}, not {reading.currency}, and there are no rates here",
            )
        )
    return reading.digits


def _number(text: str | None, name: str, digits: int) -> int | None:
    if text is None or not text.strip():
        return None
    number = amounts.parse_scaled(text, digits)
    if number is None:
        raise _Fault(BAD_NUMBER.format(name=name))
    return number


def kind_counts(frame: Frame) -> Counter[str]:
    """Return how many events there are of each kind."""
    counts = frame.group_by("kind").agg(nw.len().alias("n"))
    return Counter(dict(zip(counts["kind"].cast(nw.String).to_list(), counts["n"].to_list(), strict=True)))
