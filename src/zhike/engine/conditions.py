"""From a condition in kernel form to an expression over a frame of facts.

A fact's column is named `str(ref)`; text and sets are compared in the folded column beside it.
Decimals are whole ten-thousandths. Every test answers yes or no: what is missing satisfies none.
"""

from __future__ import annotations

from decimal import Decimal
from math import ceil, floor
from typing import TYPE_CHECKING, cast

import narwhals as nw

from zhike.core.conditions.nodes import All, Any, Not, Test, leaves
from zhike.core.facts import FieldType, Ref

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from zhike.core.conditions.nodes import Node
    from zhike.core.schemes import Scheme

SCALE = 10_000
FOLDED = "#folded"


def folded(name: str) -> str:
    """Return the name of the column that holds a text or set in the form in which it is compared."""
    return name + FOLDED


def expression(node: Node) -> nw.Expr:
    """Return the condition, which must be in kernel form, as an expression that is never missing."""
    match node:
        case Test():
            return _test(node)
        case Not():
            return ~expression(node.node)
        case All():
            if not node.nodes:
                return nw.lit(value=True)
            return nw.all_horizontal(*[expression(child) for child in node.nodes], ignore_nulls=False)
        case Any():
            if not node.nodes:
                return nw.lit(value=False)
            return nw.any_horizontal(*[expression(child) for child in node.nodes], ignore_nulls=False)


def tests_of(schemes: Iterable[Scheme]) -> list[Test]:
    """Return every test of the schemes, each once."""
    return list(dict.fromkeys(t for s in schemes for c in s.classes if c.when is not None for t in leaves(c.when)))


def over_columns(node: Node, names: Mapping[Test, str]) -> nw.Expr:
    """Return the condition over columns that already hold the answer of each test."""
    match node:
        case Test():
            return nw.col(names[node])
        case Not():
            return ~over_columns(node.node, names)
        case All():
            answers = [over_columns(child, names) for child in node.nodes]
            return nw.all_horizontal(*answers, ignore_nulls=False) if answers else nw.lit(value=True)
        case Any():
            answers = [over_columns(child, names) for child in node.nodes]
            return nw.any_horizontal(*answers, ignore_nulls=False) if answers else nw.lit(value=False)


def first_match(scheme: Scheme, answers: Sequence[nw.Expr]) -> nw.Expr:
    """Return the key of the first class whose answer is yes, else of the default."""
    keys = [c.key for c in scheme.classes if c.when is not None]
    placed: nw.Expr = nw.lit(scheme.default.key)
    for key, answer in zip(reversed(keys), reversed(answers), strict=True):
        placed = nw.when(answer).then(nw.lit(key)).otherwise(placed)
    return placed


def _test(test: Test) -> nw.Expr:
    return FRAMES[test.op](_column(test), test).fill_null(value=False)


def _column(test: Test) -> nw.Expr:
    if test.ref.part:
        day = nw.col(str(Ref(test.ref.field, test.ref.days))).dt
        return day.month().cast(nw.Int64) * 100 + day.day().cast(nw.Int64)
    name = str(test.ref)
    return nw.col(folded(name) if test.type in {FieldType.TEXT, FieldType.SET} else name)


def _is_set(column: nw.Expr, test: Test) -> nw.Expr:
    return column.list.len() > 0 if test.type is FieldType.SET else ~column.is_null()


def _in(column: nw.Expr, test: Test) -> nw.Expr:
    return column.is_in(list(cast("tuple[object, ...]", test.value)))


def _bound(test: Test, rounded: Callable[[Decimal], int]) -> int | date | datetime:
    """Return what the column is compared with; a decimal in ten-thousandths, rounded the safe way."""
    value = test.value
    if test.type is FieldType.DECIMAL:
        return rounded(Decimal(str(value)) * SCALE)
    return cast("int | date | datetime", value)


def _items(test: Test) -> tuple[str, ...]:
    return cast("tuple[str, ...]", test.value)


def _has_any(column: nw.Expr, test: Test) -> nw.Expr:
    found = [column.list.contains(item).fill_null(value=False) for item in _items(test)]
    return nw.any_horizontal(*found, ignore_nulls=False) if found else nw.lit(value=False)


def _has_all(column: nw.Expr, test: Test) -> nw.Expr:
    found = [column.list.contains(item).fill_null(value=False) for item in _items(test)]
    return nw.all_horizontal(*found, ignore_nulls=False) if found else nw.lit(value=True)


# The kernel's tests; the same keys as the Python evaluator's.
FRAMES: Mapping[str, Callable[[nw.Expr, Test], nw.Expr]] = {
    "is_set": _is_set,
    "in": _in,
    "lt": lambda column, test: column < _bound(test, ceil),
    "lte": lambda column, test: column <= _bound(test, floor),
    "gt": lambda column, test: column > _bound(test, floor),
    "gte": lambda column, test: column >= _bound(test, ceil),
    "contains": lambda column, test: column.str.contains(cast("str", test.value), literal=True),
    "starts_with": lambda column, test: column.str.starts_with(cast("str", test.value)),
    "ends_with": lambda column, test: column.str.ends_with(cast("str", test.value)),
    "has_any": _has_any,
    "has_all": _has_all,
}
