"""The Python evaluator: `holds` says yes or no, `explain` walks the same tree and keeps the values."""

from __future__ import annotations

import operator
import typing
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from zhike.core.conditions.nodes import All, Any, Not, Test
from zhike.core.conditions.resolve import resolve
from zhike.core.dates import month_day
from zhike.core.facts import FieldType, Ref
from zhike.core.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from zhike.core.conditions.nodes import Node
    from zhike.core.facts import Facts, Value

type _Check = Callable[[typing.Any, typing.Any], bool]

# The kernel's tests on a value that is not missing. `fact` and `value` are of one type by then.
PYTHON: Mapping[str, _Check] = {
    "is_set": lambda _fact, _value: True,
    "in": lambda fact, value: fact in value,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
    "contains": lambda fact, value: value in fact,
    "starts_with": lambda fact, value: fact.startswith(value),
    "ends_with": lambda fact, value: fact.endswith(value),
    "has_any": lambda fact, value: not fact.isdisjoint(value),
    "has_all": lambda fact, value: fact.issuperset(value),
}


def holds(node: Node, facts: Facts) -> bool:
    """Say whether the condition holds for these facts, on their day and in their zone."""
    return holds_resolved(resolve(node, facts.as_of, facts.zone), facts)


def holds_resolved(node: Node, facts: Facts) -> bool:
    """Say whether a condition that is already in kernel form holds."""
    match node:
        case Test():
            return test_value(node, _read(node.ref, facts))
        case Not():
            return not holds_resolved(node.node, facts)
        case All():
            return all(holds_resolved(child, facts) for child in node.nodes)
        case Any():
            return any(holds_resolved(child, facts) for child in node.nodes)


def test_value(test: Test, value: Value) -> bool:
    """Hold one value against a kernel test. A missing value satisfies none; an empty set is one."""
    if value is None or (test.type is FieldType.SET and test.op == "is_set" and not value):
        return False
    return PYTHON[test.op](_comparable(value, test.type), test.value)


test_value.__test__ = False  # type: ignore[attr-defined]  # pytest collects functions of this name


def over_answers(node: Node, at: Mapping[Test, int]) -> Callable[[Sequence[bool]], bool]:
    """Return the condition as a function of the answers to its tests, each in the place that `at` says."""
    match node:
        case Test():
            return operator.itemgetter(at[node])
        case Not():
            inner = over_answers(node.node, at)
            return lambda answers: not inner(answers)
        case All():
            every = [over_answers(child, at) for child in node.nodes]
            return lambda answers: all(holds_(answers) for holds_ in every)
        case Any():
            some = [over_answers(child, at) for child in node.nodes]
            return lambda answers: any(holds_(answers) for holds_ in some)


def _read(ref: Ref, facts: Facts) -> Value:
    if not ref.part:
        return facts[ref]
    value = facts[Ref(ref.field, ref.days)]
    return None if value is None else month_day(cast("date", value))


def _comparable(value: Value, type_: FieldType) -> object:
    if type_ is FieldType.TEXT:
        return fold(cast("str", value))
    if type_ is FieldType.SET:
        return frozenset(fold(item) for item in cast("frozenset[str]", value))
    return value


@dataclass(frozen=True, slots=True)
class Explained:
    """A node with its answer; for a test the value seen, for the others the explained children."""

    node: Node
    met: bool
    seen: Value = None
    children: tuple[Explained, ...] = ()


def explain(node: Node, facts: Facts) -> Explained:
    """Walk the condition as a person wrote it, every branch, and keep what was seen."""
    match node:
        case Test():
            return Explained(node, holds(node, facts), facts[node.ref])
        case Not():
            child = explain(node.node, facts)
            return Explained(node, not child.met, children=(child,))
        case All():
            children = tuple(explain(child, facts) for child in node.nodes)
            return Explained(node, all(child.met for child in children), children=children)
        case Any():
            children = tuple(explain(child, facts) for child in node.nodes)
            return Explained(node, any(child.met for child in children), children=children)
