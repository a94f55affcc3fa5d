"""The one table of operators: name, types, operand, label and kernel form.

A negative operator has no kernel form of its own: it *is* `Not` of its positive. So there is
one negation in the whole system, and "is not 华东" includes those without a region.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, cast

from zhike.core.conditions.nodes import All, Not, Test
from zhike.core.dates import add_days, anniversary_days, day_start, period_start, shift
from zhike.core.facts import FieldType
from zhike.core.text import Text, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from zoneinfo import ZoneInfo

    from zhike.core.conditions.nodes import InPeriod, Node, Span
    from zhike.core.facts import Value

# What is left after `resolve`; every evaluator has exactly these.
KERNEL = ("is_set", "in", "lt", "lte", "gt", "gte", "contains", "starts_with", "ends_with", "has_any", "has_all")


class Moment(NamedTuple):
    """When and where a condition is asked."""

    as_of: date
    zone: ZoneInfo


class Operand(Enum):
    """What an operator takes as its value."""

    NONE = "none"
    ONE = "one"
    MANY = "many"
    PAIR = "pair"
    SPAN = "span"
    DAYS = "days"
    PERIOD = "period"


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator. `kernel` builds the positive form, `negates` names it instead."""

    key: str
    label: Text
    types: frozenset[FieldType]
    operand: Operand
    kernel: Callable[[Test, Moment], Node] | None = None
    negates: str = ""


T = FieldType
_ALL = frozenset(FieldType)
_EQUAL = frozenset({T.TEXT, T.CHOICE, T.INTEGER, T.BOOL, T.DATE})
_ORDER = frozenset({T.INTEGER, T.DECIMAL, T.DATE, T.DATETIME})
_TEXT = frozenset({T.TEXT})
_SET = frozenset({T.SET})
_TIME = frozenset({T.DATE, T.DATETIME})


def _is_set(test: Test, _at: Moment) -> Node:
    return Test(test.ref, test.type, "is_set")


def _in(test: Test, _at: Moment) -> Node:
    values = test.value if isinstance(test.value, tuple) else (test.value,)
    return Test(test.ref, test.type, "in", tuple(_folded(value, test.type) for value in values))


def _folded(value: object, type_: FieldType) -> Value:
    return fold(cast("str", value)) if type_ is T.TEXT else cast("Value", value)


def _text(test: Test, _at: Moment) -> Node:
    return Test(test.ref, test.type, test.op, fold(cast("str", test.value)))


def _set(test: Test, _at: Moment) -> Node:
    items = {fold(item) for item in cast("tuple[str, ...]", test.value)}
    return Test(test.ref, test.type, test.op, tuple(sorted(items)))


def _compare(test: Test, at: Moment) -> Node:
    """Compare as it stands; a day given for an instant means that local day."""
    value = test.value
    if test.type is not T.DATETIME or isinstance(value, datetime):
        return test
    day = cast("date", value)
    match test.op:
        case "lt":
            return _until(test, day, at)
        case "lte":
            return _until(test, add_days(day, 1), at)
        case "gt":
            return _from(test, add_days(day, 1), at)
        case _:
            return _from(test, day, at)


def _between(test: Test, at: Moment) -> Node:
    low, high = cast("tuple[Value, Value]", test.value)
    return All(
        (
            _compare(Test(test.ref, test.type, "gte", low), at),
            _compare(Test(test.ref, test.type, "lte", high), at),
        )
    )


def _from(test: Test, day: date, at: Moment) -> Test:
    """Test for that day's beginning or later."""
    return Test(test.ref, test.type, "gte", day_start(day, at.zone) if test.type is T.DATETIME else day)


def _until(test: Test, day: date, at: Moment) -> Test:
    """Test for earlier than that day's beginning."""
    return Test(test.ref, test.type, "lt", day_start(day, at.zone) if test.type is T.DATETIME else day)


def _in_last(test: Test, at: Moment) -> Node:
    span = cast("Span", test.value)
    start = add_days(shift(at.as_of, -span.count, span.unit), 1)
    return All((_from(test, start, at), _until(test, add_days(at.as_of, 1), at)))


def _before_last(test: Test, at: Moment) -> Node:
    span = cast("Span", test.value)
    return _until(test, add_days(shift(at.as_of, -span.count, span.unit), 1), at)


def _in_next(test: Test, at: Moment) -> Node:
    span = cast("Span", test.value)
    end = add_days(shift(at.as_of, span.count, span.unit), 1)
    return All((_from(test, add_days(at.as_of, 1), at), _until(test, end, at)))


def _after_next(test: Test, at: Moment) -> Node:
    span = cast("Span", test.value)
    return _from(test, add_days(shift(at.as_of, span.count, span.unit), 1), at)


def _in_period(test: Test, at: Moment) -> Node:
    period = cast("InPeriod", test.value)
    start = period_start(at.as_of, period.unit, period.offset)
    end = period_start(at.as_of, period.unit, period.offset + 1)
    return All((_from(test, start, at), _until(test, end, at)))


def _anniversary(test: Test, at: Moment) -> Node:
    """Read the date as month × 100 + day: "0 … n days ahead" is a set of such numbers."""
    days = anniversary_days(at.as_of, cast("Span", test.value).count)
    return Test(test.ref._replace(part="month_day"), T.INTEGER, "in", tuple(sorted(days)))


_TABLE: tuple[Operator, ...] = (
    Operator("is_set", Text("已填写", "is set"), _ALL, Operand.NONE, _is_set),
    Operator("is_not_set", Text("未填写", "is not set"), _ALL, Operand.NONE, negates="is_set"),
    Operator("eq", Text("是", "is"), _EQUAL, Operand.ONE, _in),
    Operator("ne", Text("不是", "is not"), _EQUAL, Operand.ONE, negates="eq"),
    Operator("in", Text("属于", "is one of"), _EQUAL, Operand.MANY, _in),
    Operator("not_in", Text("不属于", "is none of"), _EQUAL, Operand.MANY, negates="in"),
    Operator("lt", Text("小于", "is below"), _ORDER, Operand.ONE, _compare),
    Operator("lte", Text("不超过", "is at most"), _ORDER, Operand.ONE, _compare),
    Operator("gt", Text("大于", "is above"), _ORDER, Operand.ONE, _compare),
    Operator("gte", Text("不低于", "is at least"), _ORDER, Operand.ONE, _compare),
    Operator("between", Text("介于", "is between"), _ORDER, Operand.PAIR, _between),
    Operator("contains", Text("包含", "contains"), _TEXT, Operand.ONE, _text),
    Operator("not_contains", Text("不包含", "does not contain"), _TEXT, Operand.ONE, negates="contains"),
    Operator("starts_with", Text("开头是", "starts with"), _TEXT, Operand.ONE, _text),
    Operator("not_starts_with", Text("开头不是", "does not start with"), _TEXT, Operand.ONE, negates="starts_with"),
    Operator("ends_with", Text("结尾是", "ends with"), _TEXT, Operand.ONE, _text),
    Operator("not_ends_with", Text("结尾不是", "does not end with"), _TEXT, Operand.ONE, negates="ends_with"),
    Operator("has_any", Text("含有任一", "has any of"), _SET, Operand.MANY, _set),
    Operator("has_all", Text("含有全部", "has all of"), _SET, Operand.MANY, _set),
    Operator("has_none", Text("不含", "has none of"), _SET, Operand.MANY, negates="has_any"),
    Operator("in_last", Text("在最近", "is in the last"), _TIME, Operand.SPAN, _in_last),
    Operator("not_in_last", Text("不在最近", "is not in the last"), _TIME, Operand.SPAN, negates="in_last"),
    Operator("before_last", Text("早于最近", "is before the last"), _TIME, Operand.SPAN, _before_last),
    Operator("in_next", Text("在未来", "is in the next"), _TIME, Operand.SPAN, _in_next),
    Operator("after_next", Text("晚于未来", "is after the next"), _TIME, Operand.SPAN, _after_next),
    Operator("in_period", Text("在", "is in"), _TIME, Operand.PERIOD, _in_period),
    Operator(
        "anniversary_within",
        Text("周年日将至", "has its anniversary within"),
        frozenset({T.DATE}),
        Operand.DAYS,
        _anniversary,
    ),
)

OPERATORS: Mapping[str, Operator] = {operator.key: operator for operator in _TABLE}


def kernel(test: Test, at: Moment) -> Node:
    """Return the test in kernel form at a moment."""
    operator = OPERATORS[test.op]
    if operator.negates:
        return Not(kernel(Test(test.ref, test.type, operator.negates, test.value), at))
    assert operator.kernel is not None
    return operator.kernel(test, at)
