"""What every evaluator must agree on: hand-written cases, a grid of boundaries, random trees.

Each evaluator's own test file runs all three against the Python one. A grid kills mutations
that random trees let live; random trees find combinations that no grid holds.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from zhike.core.conditions.nodes import All, Any, InPeriod, Not, Span, Test
from zhike.core.conditions.operators import OPERATORS, Operand
from zhike.core.conditions.parse import parse
from zhike.core.facts import CUSTOMER_FIELDS, Facts, FieldSet, FieldType, Ref, custom_field, value_from_json
from zhike.core.metrics import metric_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zhike.core.conditions.nodes import Node
    from zhike.core.facts import Value

ZONE = ZoneInfo("Asia/Shanghai")
AS_OF = date(2026, 3, 31)

# One custom field of each type, as the company would define them.
CUSTOM = {
    "custom.note": FieldType.TEXT,
    "custom.grade": FieldType.CHOICE,
    "custom.seats": FieldType.INTEGER,
    "custom.rate": FieldType.DECIMAL,
    "custom.vip": FieldType.BOOL,
    "custom.since": FieldType.DATE,
    "custom.seen_at": FieldType.DATETIME,
    "custom.labels": FieldType.SET,
}
FIELDS = FieldSet([*CUSTOMER_FIELDS, *metric_fields()]).plus(
    custom_field(key.removeprefix("custom."), type_) for key, type_ in CUSTOM.items()
)

# Values around every bound that a test may hold them against, and missing ones.
VALUES: dict[FieldType, tuple[Value, ...]] = {
    FieldType.TEXT: (None, "华东", "华东区", "大华东", "ＶＩＰ客户", " vip客户 ", "ÉCOLE", "a%b_c\\d", "ß"),
    FieldType.CHOICE: (None, "a", "b", "c"),
    FieldType.INTEGER: (None, -1, 0, 1, 4, 5, 6, 2**53 + 1),
    FieldType.DECIMAL: (None, Decimal("-0.5000"), Decimal("0.0000"), Decimal("0.3000"), Decimal("0.3001"), Decimal(5)),
    FieldType.BOOL: (None, True, False),
    FieldType.DATE: (
        None,
        *(date(2026, 3, day) for day in (1, 2, 24, 25, 30, 31)),
        *(date(2026, 4, day) for day in (1, 7, 8, 30)),
        date(2026, 2, 28),
        date(2024, 2, 29),
        date(2025, 3, 31),
        date(2025, 12, 31),
    ),
    FieldType.DATETIME: (
        None,
        datetime(2026, 3, 24, 15, 59, 59, tzinfo=UTC),
        datetime(2026, 3, 24, 16, 0, tzinfo=UTC),
        datetime(2026, 3, 30, 15, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 3, 30, 16, 0, tzinfo=UTC),
        datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC),
        datetime(2026, 3, 31, 16, 0, tzinfo=UTC),
        datetime(2026, 4, 7, 16, 0, tzinfo=UTC),
    ),
    FieldType.SET: (frozenset(), frozenset({"A"}), frozenset({"a", "b"}), frozenset({"黑名单"}), frozenset({"b", "c"})),
}
_OPERANDS: dict[FieldType, tuple[Value, ...]] = {
    FieldType.TEXT: ("华东", "VIP客户", "école", "%", "_", "\\", "ss"),
    FieldType.CHOICE: ("a", "b"),
    FieldType.INTEGER: (0, 5, 2**53 + 1),
    FieldType.DECIMAL: (Decimal("0.0000"), Decimal("0.3000")),
    FieldType.BOOL: (True, False),
    FieldType.DATE: (date(2026, 3, 31), date(2026, 3, 25)),
    FieldType.DATETIME: (date(2026, 3, 31), datetime(2026, 3, 30, 16, 0, tzinfo=UTC)),
    FieldType.SET: ("a", "黑名单"),
}
_SPANS = (Span(1, "days"), Span(7, "days"), Span(1, "weeks"), Span(1, "months"), Span(1, "years"))
_PERIODS = tuple(InPeriod(unit, offset) for unit in ("week", "month", "quarter", "year") for offset in (-1, 0, 1))


def operands(type_: FieldType, operand: Operand) -> tuple[object, ...]:
    """Return the operands that the grid tries for a type."""
    values = _OPERANDS[type_]
    match operand:
        case Operand.NONE:
            return (None,)
        case Operand.ONE:
            return values
        case Operand.MANY:
            return (values[:1], values)
        case Operand.PAIR:
            return (
                (min(values[:1] * 2), values[0]),
                tuple(sorted(values[:2])) if type_ is not FieldType.DATETIME else (values[1], values[1]),
            )
        case Operand.SPAN:
            return _SPANS
        case Operand.DAYS:
            return (Span(1, "days"), Span(30, "days"), Span(366, "days"))
        case Operand.PERIOD:
            return _PERIODS


def tests_of(ref: Ref, type_: FieldType) -> Iterator[Test]:
    """Yield every operator of the type with every operand of the grid."""
    for key, operator in OPERATORS.items():
        if type_ in operator.types:
            for value in operands(type_, operator.operand):
                yield Test(ref, type_, key, value)


def facts(values: dict[Ref, Value], as_of: date = AS_OF) -> Facts:
    return Facts(values, as_of=as_of, zone=ZONE)


@dataclass(frozen=True)
class Case:
    """A condition, the facts of a customer on a day, and the answer that a person expects."""

    name: str
    node: Node
    facts: Facts
    expected: bool


def cases() -> list[Case]:
    """Return the hand-written cases of ``cases/conditions.json``."""
    path = Path(__file__).parent / "cases" / "conditions.json"
    return [_case(*row) for row in json.loads(path.read_text(encoding="utf-8"))]


def _case(name: str, data: object, raw: dict[str, object], as_of: str, expected: bool) -> Case:
    values = {Ref.parse(key): value_from_json(value, FIELDS[Ref.parse(key).field].type) for key, value in raw.items()}
    return Case(name, parse(data, FIELDS), facts(values, date.fromisoformat(as_of)), expected)


_REFS = [(Ref(key), type_) for key, type_ in CUSTOM.items()]
_LEAVES = st.sampled_from([test for ref, type_ in _REFS for test in tests_of(ref, type_)])

trees: st.SearchStrategy[Node] = st.recursive(
    _LEAVES,
    lambda children: st.one_of(
        st.builds(Not, children),
        st.builds(lambda nodes: All(tuple(nodes)), st.lists(children, max_size=4)),
        st.builds(lambda nodes: Any(tuple(nodes)), st.lists(children, max_size=4)),
    ),
    max_leaves=8,
)
records: st.SearchStrategy[dict[Ref, Value]] = st.fixed_dictionaries(
    {ref: st.sampled_from(VALUES[type_]) for ref, type_ in _REFS}
)


# --- Edges: what windows, ages, holding and other classes come to, by arithmetic alone ---
#
# Every customer of the grid has been on record for 100 days and has one order, `ago` days before AS_OF.
# What each dimension says of them needs no evaluator to be known.

BEGAN = AS_OF - timedelta(days=100)
AGES = (0, 1, 2, 3, 6, 7, 8, 29, 30, 31)
WINDOWS = (1, 7, 30)
RECENT, HELD, HOLD = 7, 30, 3


def _dimension(key: str, when: object, **yes: object) -> dict[str, object]:
    def label(text: str) -> dict[str, str]:
        return {"zh": text, "en": text}

    one = {"key": "yes", "label": label("yes"), "when": when, **yes}
    return {"key": key, "label": label(key), "classes": [one], "default": {"key": "no", "label": label("no")}}


def _ordered(days: int) -> dict[str, object]:
    return {"field": "metric.orders", "over": {"days": days}, "op": "gte", "value": 1}


def _reads(op: str, value: object = None) -> dict[str, object]:
    return {"field": "class.within_7", "op": op, **({} if value is None else {"value": value})}


EDGES: dict[str, object] = {
    "pack": "edges",
    "version": 1,
    "dimensions": [
        *(_dimension(f"within_{days}", _ordered(days)) for days in WINDOWS),
        _dimension("recent", {"field": "metric.days_since_order", "op": "lte", "value": RECENT}),
        _dimension("held", _ordered(HELD), hold_days=HOLD),
        _dimension("is_yes", _reads("eq", "yes")),
        _dimension("is_not_yes", _reads("ne", "yes")),
        _dimension("is_either", _reads("in", ["yes", "no"])),
        _dimension("is_outside_no", _reads("not_in", ["no"])),
        _dimension("is_set", _reads("is_set")),
        _dimension("reads_held", {"field": "class.held", "op": "eq", "value": "yes"}),
    ],
}


@dataclass(frozen=True)
class Edge:
    """The class of a dimension on AS_OF, and the day on which time alone changes it."""

    key: str
    changes_on: date | None


def edges(ago: int) -> dict[str, Edge]:
    """Return what every dimension of EDGES says of a customer whose one order lies so many days back."""

    def inside(days: int) -> Edge:
        return Edge("yes", AS_OF + timedelta(days=days - ago)) if ago < days else Edge("no", None)

    found = {f"within_{days}": inside(days) for days in WINDOWS}
    found["recent"] = inside(RECENT + 1)
    # The day of the order counts: three days in a row are complete on the second day after it.
    waits = HOLD - 1 - ago
    found["held"] = Edge("no", AS_OF + timedelta(days=waits)) if waits > 0 else inside(HELD)
    week = found["within_7"]
    found["is_yes"] = found["is_outside_no"] = week
    found["is_not_yes"] = Edge("no" if week.key == "yes" else "yes", week.changes_on)
    found["is_either"] = found["is_set"] = Edge("yes", None)
    found["reads_held"] = found["held"]
    return found


def orders_within(ago: int, days: int) -> int:
    """Return how many orders such a customer has within a window; one that lies ahead counts nowhere."""
    return int(0 <= ago < days)


# Sorted numbers, and shares of which the quantile lies on, before and after one of them.
NUMBERS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
SHARES = tuple(Decimal(text) for text in ("0.0001", "0.1", "0.1001", "0.5", "0.5001", "0.8", "0.9", "0.9001", "0.9999"))


def quantile_of(share: Decimal) -> int:
    """Return the smallest of NUMBERS that at least this share of them do not exceed."""
    return next(n for n in NUMBERS if Decimal(sum(m <= n for m in NUMBERS)) / len(NUMBERS) >= share)
