"""What every evaluator must agree on: hand-written cases, a grid of boundaries, random trees.

Each evaluator's own test file runs all three against the Python one. A grid kills mutations
that random trees let live; random trees find combinations that no grid holds.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
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
