"""Customer files: typed fields, custom columns with their inferred type, and refused rows.

A custom column's type follows from all its values: whole numbers, decimals, days, yes and no,
else text. A type that the pack declares wins; a value that does not fit it refuses its row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

import narwhals as nw

from zhike.core.facts import CUSTOMER_FIELDS, FieldType
from zhike.core.text import Text, fold
from zhike.engine import moments, polars
from zhike.engine.amounts import parse_scaled
from zhike.engine.columns import columns_for, further, plain
from zhike.engine.errors import FileError, Rejection
from zhike.engine.pipeline import read_all
from zhike.engine.polars import LINE
from zhike.engine.safe import from_cell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date
    from zoneinfo import ZoneInfo

    from zhike.core.facts import Field
    from zhike.engine.files import Table
    from zhike.engine.pipeline import Progress
    from zhike.engine.polars import Frame
    from zhike.engine.rejects import Rejects

SCALE_DIGITS = 4
# What other files call the id.
_LIKE_ID = {"key", "customerid", "customerkey", "编号", "客户编号", "客户号"}
NO_ID = Text("缺少客户编号（id）", "the id is missing")

_FIELDS: Mapping[str, Field] = {f.key.removeprefix("customer."): f for f in CUSTOMER_FIELDS}
NAMES = ("id", *_FIELDS)
OWN = "custom."
# No fields that conditions read: whoever keeps them has them `passed` on.
ADDRESSES = ("phone", "email")
_WHOLE = re.compile(r"-?(0|[1-9]\d{0,14})", re.ASCII)
_DECIMAL = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d+)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_YES_NO = {"true": True, "false": False}
_MORE_YES_NO = {**_YES_NO, "yes": True, "no": False, "是": True, "否": False, "1": True, "0": False}

type Cell = str | int | bool | date | list[str] | None


@dataclass(slots=True)
class Customers:
    """`id` and typed columns named as conditions name them; decimals in ten-thousandths.

    `custom` holds the type of each custom column; `empty` names those without any value.
    """

    frame: Frame
    rows: int = 0
    custom: dict[str, FieldType] = field(default_factory=dict)
    empty: frozenset[str] = frozenset()


class _BadValue(ValueError):
    """A value that does not fit its type."""


def read_customers(  # noqa: PLR0913  each says one thing about the file
    table: Table,
    mapping: Mapping[str, str],
    rejects: Rejects | None = None,
    *,
    declared: Mapping[str, Field] | None = None,
    passed: Iterable[str] = (),
    id_required: bool = True,
    zone: ZoneInfo = moments.UTC_ZONE,
    on_progress: Progress | None = None,
) -> Customers:
    """Read all customers of a file.

    `declared` are the custom columns that are known, by name; `passed` names columns that are
    neither fields nor custom and are handed on as text (a phone, say, which the caller reads);
    `zone` is that of times which name none.
    """
    check_id(table, mapping)
    known = columns_for(table, mapping, known=(*NAMES, *passed), required=["id"] if id_required else [])
    rest = {_custom_name(name): column for name, column in further(table, mapping, known.values()).items()}
    text, refused = _text(table, on_progress)
    reading = _Reader(declared or {}, known, rest, tuple(passed), zone, id_required=id_required)
    customers, faults = reading.read(text)
    if rejects is not None:
        rejects.add(table.path.name, sorted([*refused, *faults]))
    customers.rows = len(text) + len(refused)
    return customers


def check_id(table: Table, mapping: Mapping[str, str]) -> None:
    """Ask about a column that is called like the id where there is no id: it may be a field of one's own."""
    if columns_for(table, mapping, known=["id"], required=[]):
        return
    for name, column in further(table, mapping, []).items():
        if plain(name) in _LIKE_ID:
            raise FileError(
                f"没有 id 这一列。{column} 是客户编号吗？是就加 --map id={column}，不是就加 --map {OWN}{name}={column}。",
                f"there is no column id. Is {column} the customer's id? If so, add --map id={column}; "
                f"if not, add --map {OWN}{name}={column}.",
                path=table.path.name,
            )


def _custom_name(name: str) -> str:
    return name.removeprefix(OWN)


def _text(table: Table, on_progress: Progress | None) -> tuple[Frame, list[Rejection]]:
    blocks = list(read_all(table, lambda block: block, on_progress))
    refused = [rejection for block in blocks for rejection in block.rejected]
    frames = [block.frame for block in blocks]
    if not frames:
        return polars.text_rows({name: [] for name in table.columns}, []), refused
    return nw.concat(frames), refused


@dataclass(slots=True)
class _Reader:
    declared: Mapping[str, Field]
    known: Mapping[str, str]
    rest: Mapping[str, str]
    passed: tuple[str, ...]
    zone: ZoneInfo
    id_required: bool
    faults: dict[int, Text] = field(default_factory=dict)

    def read(self, text: Frame) -> tuple[Customers, list[Rejection]]:
        lines: list[int] = text[LINE].to_list()
        ids = self._ids(text, lines)
        columns: dict[str, tuple[FieldType, list[Cell]]] = {}
        custom: dict[str, FieldType] = {}
        empty: set[str] = set()
        for name in (n for n in self.known if n in _FIELDS):
            type_ = _FIELDS[name].type
            columns[f"customer.{name}"] = (type_, self._convert(text, self.known[name], name, type_, lines))
        for name, column in self.rest.items():
            values = text[column].drop_nulls().unique().to_list()
            type_ = self.declared[name].type if name in self.declared else infer(values)
            if not values:
                empty.add(name)
            custom[name] = type_
            columns[f"custom.{name}"] = (type_, self._convert(text, column, name, type_, lines))
        frame = polars.typed_columns({"id": (FieldType.TEXT, ids), **columns}, lines)
        frame = nw.concat([frame, *self._passed(text)], how="horizontal")
        good = frame.filter(~nw.col(LINE).is_in(list(self.faults))) if self.faults else frame
        kept = good if self.id_required or self.passed else good.drop(LINE)
        kept = kept.rename({LINE: "line"}) if LINE in kept.columns else kept
        return Customers(kept, custom=custom, empty=frozenset(empty)), _refused(text, self.faults)

    def _passed(self, text: Frame) -> list[Frame]:
        wanted = [name for name in self.passed if name in self.known and name not in _FIELDS]
        return [text.select(*[nw.col(self.known[name]).alias(name) for name in wanted])] if wanted else []

    def _ids(self, text: Frame, lines: list[int]) -> list[Cell]:
        """Read the ids; a row without one, or with one that came before, is refused."""
        if "id" not in self.known:
            return [None] * len(lines)
        first: dict[str, int] = {}
        ids: list[Cell] = []
        for line, raw in zip(lines, text[self.known["id"]].to_list(), strict=True):
            id_ = from_cell((raw or "").strip())
            ids.append(id_ or None)
            if not id_:
                if self.id_required:
                    self.faults.setdefault(line, NO_ID)
            elif id_ in first:
                before = first[id_]
                self.faults.setdefault(
                    line,
                    Text(
                        f"客户编号 {id_[:40]} 与第 {before} 行重复", f"the id {id_[:40]} was already on line {before}"
                    ),
                )
            else:
                first[id_] = line
        return ids

    def _convert(self, text: Frame, column: str, name: str, type_: FieldType, lines: list[int]) -> list[Cell]:
        """Convert each distinct value once; note the lines of those that do not fit."""
        raw = text[column].to_list()
        known: dict[str, Cell] = {}
        bad: set[str] = set()
        for value in set(raw) - {None}:
            try:
                field = _FIELDS.get(name) if column == self.known.get(name) else self.declared.get(name)
                known[value] = convert(value, type_, field, self.zone)
            except _BadValue:
                bad.add(value)
        for line, value in zip(lines, raw, strict=True):
            if value in bad:
                self.faults.setdefault(line, _misfit(name, value, type_))
        missing: Cell = [] if type_ is FieldType.SET else None
        return [missing if value is None else known.get(value, missing) for value in raw]


def _refused(text: Frame, faults: Mapping[int, Text]) -> list[Rejection]:
    if not faults:
        return []
    return [
        Rejection(line, faults[line], tuple("" if cell is None else str(cell) for cell in cells))
        for *cells, line in text.filter(nw.col(LINE).is_in(list(faults))).iter_rows()
    ]


_TYPE_NAMES = {
    FieldType.TEXT: Text("文字", "text"),
    FieldType.CHOICE: Text("可选的值", "one of the choices"),
    FieldType.INTEGER: Text("整数", "a whole number"),
    FieldType.DECIMAL: Text("数字", "a number"),
    FieldType.BOOL: Text("true 或 false", "true or false"),
    FieldType.DATE: Text("日期（应如 2026-03-31）", "a date (expected as in 2026-03-31)"),
    FieldType.DATETIME: Text("时间", "a time"),
    FieldType.SET: Text("用 | 分开的词", "words with | between them"),
}


def _misfit(name: str, value: str, type_: FieldType) -> Text:
    shown = value if len(value) <= 40 else f"{value[:40]}…"  # noqa: PLR2004
    wanted = _TYPE_NAMES[type_]
    return Text(f"{name} 的值「{shown}」不是{wanted.zh}", f"{name} is “{shown}”, which is not {wanted.en}")


def infer(values: Iterable[str]) -> FieldType:
    """Return the type that all values of a column have; text when there are none."""
    plain = [value.strip() for value in values if value.strip()]
    if not plain:
        return FieldType.TEXT
    if all(_WHOLE.fullmatch(value) for value in plain):
        return FieldType.INTEGER
    if all(_DECIMAL.fullmatch(value) for value in plain):
        return FieldType.DECIMAL
    if all(_DAY.fullmatch(value) and _is_day(value) for value in plain):
        return FieldType.DATE
    if all(value.lower() in _YES_NO for value in plain):
        return FieldType.BOOL
    return FieldType.TEXT


def _is_day(value: str) -> bool:
    moment = moments.parse_moment(value)
    return moment is not None and moments.fault_of(moments.day_of(moment, moments.UTC_ZONE)) is None


def convert(raw: str, type_: FieldType, known: Field | None = None, zone: ZoneInfo = moments.UTC_ZONE) -> Cell:
    """Return the typed value. Raises `ValueError` when it does not fit."""
    value = raw.strip()
    if not value:
        return [] if type_ is FieldType.SET else None
    if type_ is FieldType.DATETIME:
        return _to_instant(value, zone)
    return _CONVERTERS[type_](value, known)


def _to_text(value: str, _known: Field | None) -> Cell:
    return from_cell(value)


def _to_choice(value: str, known: Field | None) -> Cell:
    """Accept the key, or the label in either language."""
    choices = (known.choices if known else None) or {}
    for key, label in choices.items():
        if fold(value) in {key, fold(label.zh), fold(label.en)}:
            return key
    if choices:
        raise _BadValue(value)
    return value


def _to_integer(value: str, _known: Field | None) -> Cell:
    if not _WHOLE.fullmatch(value):
        raise _BadValue(value)
    return int(value)


def _to_decimal(value: str, _known: Field | None) -> Cell:
    """Return ten-thousandths, halves rounded toward +∞."""
    if not _DECIMAL.fullmatch(value):
        raise _BadValue(value)
    scaled = parse_scaled(str(Decimal(value) * 2), SCALE_DIGITS + 8)
    if scaled is None:
        raise _BadValue(value)
    return (scaled + 10**8) // (2 * 10**8)


def _to_bool(value: str, _known: Field | None) -> Cell:
    try:
        return _MORE_YES_NO[fold(value)]
    except KeyError:
        raise _BadValue(value) from None


def _to_day(value: str, _known: Field | None) -> Cell:
    moment = moments.parse_moment(value)
    day = None if moment is None else moments.day_of(moment, moments.UTC_ZONE)
    if moments.fault_of(day):
        raise _BadValue(value)
    return day


def _to_instant(value: str, zone: ZoneInfo) -> Cell:
    moment = moments.parse_moment(value)
    if moment is None or moments.fault_of(moments.day_of(moment, zone)):
        raise _BadValue(value)
    return moments.instant_of(moment, zone)


def _to_set(value: str, known: Field | None) -> Cell:
    items = {from_cell(item.strip()) for item in value.split("|") if item.strip()}
    if known and known.choices:
        return sorted({str(_to_choice(item, known)) for item in items})
    return sorted(items)


_CONVERTERS: Mapping[FieldType, Callable[[str, Field | None], Cell]] = {
    FieldType.TEXT: _to_text,
    FieldType.CHOICE: _to_choice,
    FieldType.INTEGER: _to_integer,
    FieldType.DECIMAL: _to_decimal,
    FieldType.BOOL: _to_bool,
    FieldType.DATE: _to_day,
    FieldType.SET: _to_set,
}
