"""One classification of files: read, place, explain, and say what was noticed on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import narwhals as nw

from zhike.core.conditions.quantiles import wanted, with_numbers
from zhike.core.errors import PackError
from zhike.core.facts import FieldType, Ref, custom_field
from zhike.core.metrics import METRICS
from zhike.core.money import minor_digits
from zhike.core.packs import declared_fields, parse_pack
from zhike.core.text import Text
from zhike.engine.columns import Use, check_mapping, parse_mapping, renamed_note
from zhike.engine.conditions import tests_of
from zhike.engine.customers import NAMES as CUSTOMER_NAMES
from zhike.engine.customers import OWN, Customers, read_customers
from zhike.engine.errors import FileError, OptionError
from zhike.engine.events import NAMES as EVENT_NAMES
from zhike.engine.events import Events, Reading, kind_counts, read_events
from zhike.engine.facts import Needed, event_data, needed
from zhike.engine.files import open_table
from zhike.engine.place import place
from zhike.engine.quantiles import numbers
from zhike.engine.reasons import Reasons
from zhike.engine.roster import enrol
from zhike.packs import load_data

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from zhike.core.facts import Field
    from zhike.core.packs import Pack
    from zhike.core.schemes import Scheme
    from zhike.core.text import Language
    from zhike.engine.files import Table
    from zhike.engine.polars import Frame
    from zhike.engine.rejects import Rejects


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be classified, and how it is written."""

    events: Path | None
    customers: Path | None
    pack: str
    as_of: date
    zone: ZoneInfo
    mapping: tuple[str, ...] = ()
    kind: str = ""
    is_major: bool = False
    currency: str = "CNY"
    language: Language = "zh"
    explain: bool = False
    also: tuple[Needed, ...] = ()


@dataclass(slots=True)
class Outcome:
    """Everybody with id, facts, classes, next changes and reasons; and what a reader should know."""

    frame: Frame
    pack: Pack
    order: Order
    notes: list[Text] = field(default_factory=list)
    event_rows: int = 0
    customer_rows: int = 0

    def table(self) -> Frame:
        """Return the rows that are written: id, classes, next changes and, if asked for, reasons."""
        keys = [scheme.dimension for scheme in self.pack.schemes]
        columns = [nw.col("id"), *[nw.col(f"class.{key}").alias(key) for key in keys]]
        columns += [nw.col(f"next_change.{key}").cast(nw.String).alias(f"{key}.next_change") for key in keys]
        if self.order.explain:
            columns += [nw.col(f"why.{key}").alias(f"{key}.why") for key in keys]
        return self.frame.select(*columns)

    def sizes(self, scheme: Scheme) -> dict[str, int]:
        """Return how many customers each class of a dimension has."""
        column = f"class.{scheme.dimension}"
        counts = self.frame.group_by(column).agg(nw.len().alias("n"))
        return dict(zip(counts[column].to_list(), counts["n"].to_list(), strict=True))


type Steps = Callable[[Text, float], None]


def run(order: Order, rejects: Rejects, on_step: Steps) -> Outcome:
    """Read the files, place everybody and explain. Raises `ZhikeError` for what a person can mend."""
    mapping = parse_mapping(order.mapping)
    events_table = open_table(order.events) if order.events else None
    customers_table = open_table(order.customers) if order.customers else None
    tables = [table for table in (events_table, customers_table) if table is not None]
    if not tables:
        raise OptionError("请用 --events 或 --customers 给出一个文件。", "give a file by --events or --customers.")
    data = load_data(order.pack)
    check_mapping(mapping, _uses(events_table, customers_table, data))
    customers = _customers(customers_table, mapping, data, order.zone, rejects, on_step)
    quantiles = wanted(data)
    # Until the events are read a quantile has no number; any will do to learn what the rules read.
    pack = parse_pack(with_numbers(data, lambda _: 0) if quantiles else data, _custom_fields(customers, data))
    facts = [*needed(tests_of(pack.schemes)), *order.also]
    events = _events(events_table, order, mapping, facts, rejects, on_step)
    on_step(Text("归类", "Placing"), 0.0)
    roster = enrol(events.frame if events else None, customers.frame if customers else None, order.as_of)
    people = roster.people.with_row_index("row")
    if quantiles:
        found = numbers(quantiles, people, roster.ago, customers.custom if customers else {})
        pack = parse_pack(with_numbers(data, found.__getitem__), _custom_fields(customers, data))
    placed = place(pack.schemes, people, roster.ago, as_of=order.as_of, zone=order.zone, also=order.also)
    placed = placed.sort("row")
    if order.explain:
        fields = pack.fieldset(_custom_fields(customers, data))
        placed = Reasons(order.language, fields, order.currency, order.as_of, order.zone).explain(placed, pack.schemes)
    outcome = Outcome(placed, pack, order)
    outcome.event_rows = events.rows if events else 0
    outcome.customer_rows = customers.rows if customers else 0
    outcome.notes = _notes(order, tables, events, facts, len(roster.ago.later))
    return outcome


def _uses(events: Table | None, customers: Table | None, data: object) -> list[Use]:
    """Say which names mean something in which file."""
    uses = [Use(events, EVENT_NAMES)] if events else []
    return uses + ([Use(customers, (*CUSTOMER_NAMES, *_declared(data)), OWN)] if customers else [])


def _customers(
    table: Table | None, mapping: Mapping[str, str], data: object, zone: ZoneInfo, rejects: Rejects, on_step: Steps
) -> Customers | None:
    if table is None:
        return None
    label = Text(f"读取 {table.path.name}", f"Reading {table.path.name}")
    found = read_customers(
        table, mapping, rejects, declared=_declared(data), zone=zone, on_progress=lambda done: on_step(label, done)
    )
    _refuse_if_nothing_is_left(table, found.rows, len(found.frame), rejects)
    return found


def _events(
    table: Table | None,
    order: Order,
    mapping: Mapping[str, str],
    facts: Sequence[Needed],
    rejects: Rejects,
    on_step: Steps,
) -> Events | None:
    if table is None:
        return None
    numbers, texts = event_data(facts)
    reading = Reading(
        zone=order.zone,
        mapping=mapping,
        kind=order.kind,
        currency=order.currency,
        digits=minor_digits(order.currency) if order.is_major else 0,
        numbers=numbers,
        texts=texts,
    )
    label = Text(f"读取 {table.path.name}", f"Reading {table.path.name}")
    found = read_events(table, reading, rejects, lambda done: on_step(label, done))
    _refuse_if_nothing_is_left(table, found.rows, len(found.frame), rejects)
    return found


def _refuse_if_nothing_is_left(table: Table, rows: int, kept: int, rejects: Rejects) -> None:
    """Refuse a file none of whose rows can be used: it is not what it was taken for."""
    if rows == 0 or kept:
        return
    (_, reason), count = next(item for item in rejects.counts.most_common() if item[0][0] == table.path.name)
    raise FileError(
        f"{rows:,} 行没有一行能用；{count:,} 行{reason.zh}。",
        f"none of its {rows:,} rows can be used; in {count:,} of them {reason.en}.",
        path=table.path.name,
    )


def _declared(data: object) -> dict[str, Field]:
    """Return the fields that the pack brings, by name. What is wrong there is said when the pack is read."""
    try:
        return {Ref(field.key).name: field for field in declared_fields(data)}
    except PackError:
        return {}


def _custom_fields(customers: Customers | None, data: object) -> list[Field]:
    """Return the file's custom columns as fields; an empty one takes the type that the pack needs."""
    if customers is None:
        return []
    found = []
    for name, type_ in customers.custom.items():
        wanted = _wanted_type(data, f"custom.{name}") if name in customers.empty else None
        found.append(custom_field(name, wanted or type_))
    return found


def _wanted_type(data: object, key: str) -> FieldType | None:
    """Find the type for which some condition of the pack uses a field."""
    if isinstance(data, Mapping):
        if data.get("field") == key:
            return _type_of_operand(data)
        data = list(data.values())
    if isinstance(data, Sequence) and not isinstance(data, str):
        for item in data:
            if found := _wanted_type(item, key):
                return found
    return None


def _type_of_operand(test: Mapping[str, object]) -> FieldType | None:
    op, value = test.get("op"), test.get("value")
    if op in {"has_any", "has_all", "has_none"}:
        return FieldType.SET
    if isinstance(value, Mapping):
        return FieldType.DATE
    if isinstance(value, list) and value:
        value = value[0]
    match value:
        case bool():
            return FieldType.BOOL
        case int():
            return FieldType.INTEGER
        case float():
            return FieldType.DECIMAL
        case str():
            is_day = op in {"lt", "lte", "gt", "gte", "between"}
            return FieldType.DATE if is_day else FieldType.TEXT
    return FieldType.DATE if hasattr(value, "year") else None


def _notes(
    order: Order, tables: Sequence[Table], events: Events | None, facts: Sequence[Needed], later: int
) -> list[Text]:
    """Say what was read otherwise than it stands, and what was not used."""
    notes = [
        Text(f"{t.path.name} 按 {t.encoding} 编码读取", f"{t.path.name} was read as {t.encoding}")
        for t in tables
        if t.encoding not in {"utf-8", "utf-8-sig", "xlsx", "parquet"}
    ]
    notes += [renamed_note(table.path.name, table.renamed) for table in tables if table.renamed]
    if events is None:
        return notes
    if n := events.negative:
        en = "1 order of a negative amount was read as a refund"
        many = f"{n:,} orders of a negative amount were read as refunds"
        notes.append(Text(f"{n:,} 条金额为负的订单按退款计", en if n == 1 else many))
    if n := events.without_amount:
        en = "1 order without an amount counts as 0" if n == 1 else f"{n:,} orders without an amount count as 0"
        notes.append(Text(f"{n:,} 条订单没有金额，按 0 计", en))
    if n := later:
        en = "1 event after {} does not count" if n == 1 else f"{n:,} events after {{}} do not count"
        notes.append(Text(f"{n:,} 条事件晚于 {order.as_of}，不计入", en.format(order.as_of)))
    return notes + _unread_kinds(events.frame, facts)


def _unread_kinds(frame: Frame, facts: Sequence[Needed]) -> list[Text]:
    metrics = [METRICS[item.ref.name] for item in facts if item.ref.source == "metric"]
    read = {kind for metric in metrics for kind in (*metric.kinds, *metric.minus)}
    counts = {kind: n for kind, n in kind_counts(frame).items() if kind not in read}
    if not counts:
        return []
    listed = [f"{kind} {n:,}" for kind, n in sorted(counts.items(), key=lambda item: -item[1])[:8]]
    return [
        Text(f"分类包用不到的事件：{'、'.join(listed)}", f"events that the pack does not read: {', '.join(listed)}")
    ]
