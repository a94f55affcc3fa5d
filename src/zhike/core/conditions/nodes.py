"""The nodes of a condition. A tree is hashable, so that work on it can be remembered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, override

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from zhike.core.dates import Period, Unit
    from zhike.core.facts import FieldType, Ref, Value


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time: `{days: 90}`."""

    count: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class InPeriod:
    """A calendar period: `{unit: month, offset: -1}` is last month."""

    unit: Period
    offset: int


type Operand = Value | tuple[Value, ...] | Span | InPeriod


@dataclass(frozen=True, slots=True)
class Test:
    """One fact of a type held against one operand: the leaf of every condition.

    `quantile` is kept where the number was once found as a quantile; it only tells people so.
    """

    ref: Ref
    type: FieldType
    op: str
    value: Operand = None
    quantile: Decimal | None = None
    # A test is looked up dozens of times for every customer.
    _hash: int = field(init=False, repr=False, compare=False)

    __test__ = False  # pytest collects classes of this name

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.ref, self.type, self.op, self.value, self.quantile)))

    @override
    def __hash__(self) -> int:
        return self._hash


@dataclass(frozen=True, slots=True)
class All:
    """True when every node is; `All(())` is true."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """True when some node is; `Any(())` is false."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True when its node is not."""

    node: Node


type Node = All | Any | Not | Test

EVERYONE = All(())
NO_ONE = Any(())


def leaves(node: Node) -> Iterator[Test]:
    """Yield the leaves, left to right."""
    match node:
        case Test():
            yield node
        case Not():
            yield from leaves(node.node)
        case All() | Any():
            for child in node.nodes:
                yield from leaves(child)


def refs(node: Node) -> frozenset[Ref]:
    """Return the facts that the condition reads."""
    return frozenset(test.ref for test in leaves(node))
