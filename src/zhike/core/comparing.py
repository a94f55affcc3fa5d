"""Whether classes that should be better are better, and whether the difference can be told from chance.

Two shares are held against each other by the two-proportion z-test with the pooled share, two
means by the difference over its standard error with unequal variances, which is normal for
samples of this size (Fleiss, Levin & Paik, "Statistical Methods for Rates and Proportions", 3rd
ed., 2003, chapter 3; Welch, Biometrika 34, 1947, 28-35). |z| ≥ 1.96 is the usual 5 % level.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import copysign, inf, sqrt
from typing import TYPE_CHECKING, Literal

from zhike.core.scorecard import MIN_CUSTOMERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zhike.core.scorecard import ClassScore, Outcome, Scorecard

type Measure = Literal["conversion", "revenue_each"]

SURE = 1.96


@dataclass(frozen=True, slots=True)
class Difference:
    """How far the better of two classes is ahead of the worse by one measure; behind when negative.

    `sure` says that the difference is more than chance would explain.
    """

    measure: Measure
    better: ClassScore
    worse: ClassScore
    value: float
    sure: bool

    @property
    def is_break(self) -> bool:
        return self.value < 0


@dataclass(frozen=True, slots=True)
class Order:
    """Whether one measure falls with the rank. `too_few` are left out: fewer customers than the minimum."""

    measure: Measure
    compared: tuple[ClassScore, ...]
    too_few: tuple[ClassScore, ...]
    breaks: tuple[Difference, ...]

    @property
    def is_known(self) -> bool:
        return len({score.rank for score in self.compared}) > 1

    @property
    def holds(self) -> bool:
        return self.is_known and not self.breaks


def orders(card: Scorecard) -> list[Order]:
    """Check conversion against the ranks, and revenue where the rules read amounts."""
    if not card.is_ranked:
        return []
    measures: tuple[Measure, ...] = ("conversion", "revenue_each") if card.reads_money else ("conversion",)
    compared = tuple(card.ranked())
    few = tuple(s for s in card.ranked(least=0) if s.outcome.customers < MIN_CUSTOMERS)
    pairs = list(neighbours(compared))
    return [
        Order(measure, compared, few, tuple(d for d in (difference(a, b, measure) for a, b in pairs) if d.is_break))
        for measure in measures
    ]


def neighbours(ranked: Sequence[ClassScore]) -> Iterator[tuple[ClassScore, ClassScore]]:
    """Yield each class of a rank with each of the next rank below it."""
    ranks = sorted({score.rank or 0 for score in ranked}, reverse=True)
    for above, below in pairwise(ranks):
        yield from ((a, b) for a in ranked if a.rank == above for b in ranked if b.rank == below)


def difference(better: ClassScore, worse: ClassScore, measure: Measure) -> Difference:
    """Return how far one class is ahead of another. Both have customers."""
    a, b = better.outcome, worse.outcome
    z = shares_z(a, b) if measure == "conversion" else means_z(a, b)
    return Difference(measure, better, worse, _value(a, measure) - _value(b, measure), abs(z) >= SURE)


def are_separable(a: ClassScore, b: ClassScore) -> bool:
    """Say whether conversion or revenue tells the classes apart."""
    return abs(shares_z(a.outcome, b.outcome)) >= SURE or abs(means_z(a.outcome, b.outcome)) >= SURE


def shares_z(a: Outcome, b: Outcome) -> float:
    """Return the z of the difference of the conversions; 0 where both are all or nothing."""
    pooled = (a.buyers + b.buyers) / (a.customers + b.customers)
    error = sqrt(pooled * (1 - pooled) * (1 / a.customers + 1 / b.customers))
    return (a.buyers / a.customers - b.buyers / b.customers) / error if error else 0.0


def means_z(a: Outcome, b: Outcome) -> float:
    """Return the z of the difference of the revenues each; without any spread no difference is chance."""
    error = sqrt(a.spread / a.customers + b.spread / b.customers)
    ahead = a.revenue / a.customers - b.revenue / b.customers
    if not error:
        return copysign(inf, ahead) if ahead else 0.0
    return ahead / error


def _value(outcome: Outcome, measure: Measure) -> float:
    value = outcome.conversion if measure == "conversion" else outcome.revenue_each
    assert value is not None
    return value
