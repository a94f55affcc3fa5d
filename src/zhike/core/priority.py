"""Whom to turn to first: what is at stake × how urgent it is × what the customer's classes say.

    priority = stake × urgency × standing

- stake: 1 + log₁₀(1 + what the customer bought for in 365 days ÷ 1,000 in whole units of the company's currency);
  one who brings ten times as much counts one more, so that a single large customer does not push all others down.
- urgency: 1 for what is due today, + 0.1 for each day overdue up to thirty, 1 ÷ (1 + days) for what lies ahead;
  × 1.5 for a task of high priority, × 0.6 for one of low.
- standing: 1 + the mean of how high each class of the customer ranks in its dimension, from 0 for the lowest to 1 for
  the highest; dimensions without ranks say nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log10
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zhike.core.schemes import Class, Scheme
    from zhike.core.text import Text

UNIT = 100_000  # a thousand whole units in minor ones
OVERDUE_STEP, OVERDUE_MOST = 0.1, 30
WEIGHTS: Mapping[str, float] = {"high": 1.5, "normal": 1.0, "low": 0.6}
NOTABLE = 0.99  # of a class that ranks highest


@dataclass(frozen=True, slots=True)
class Priority:
    """The three factors with what they came from: minor units, days (negative: ahead), the names of the classes that rank highest."""

    stake: float
    urgency: float
    standing: float
    amount: int
    overdue_days: int
    weight: str
    highest: tuple[Text, ...]

    @property
    def score(self) -> float:
        return self.stake * self.urgency * self.standing


class Ranks:
    """How high each class ranks in its dimension, worked out once for many customers."""

    def __init__(self, schemes: Iterable[Scheme]) -> None:
        self._shares: dict[tuple[str, str], tuple[float, Class]] = {}
        for scheme in schemes:
            ranks = [one.rank for one in scheme.classes if one.rank is not None]
            if len(set(ranks)) < 2:  # noqa: PLR2004  one rank orders nothing
                continue
            low, high = min(ranks), max(ranks)
            for one in scheme.classes:
                if one.rank is not None:
                    self._shares[scheme.dimension, one.key] = (one.rank - low) / (high - low), one

    @property
    def dimensions(self) -> frozenset[str]:
        """Return the dimensions that say anything."""
        return frozenset(dimension for dimension, _ in self._shares)

    def standing(self, classes: Mapping[str, str]) -> tuple[float, tuple[Class, ...]]:
        """Return the factor of a customer's classes (dimension → class), and those that rank highest."""
        found = [self._shares[one] for one in classes.items() if one in self._shares]
        if not found:
            return 1.0, ()
        highest = tuple(class_ for share, class_ in found if share >= NOTABLE)
        return 1 + sum(share for share, _ in found) / len(found), highest


def priority(*, amount: int, overdue_days: int, weight: str, classes: Mapping[str, str], ranks: Ranks) -> Priority:
    """Return how much a line matters. `amount`: what the customer bought for in 365 days, in minor units."""
    standing, highest = ranks.standing(classes)
    return Priority(
        stake=1 + log10(1 + max(amount, 0) / UNIT),
        urgency=_urgency(overdue_days) * WEIGHTS.get(weight, 1.0),
        standing=standing,
        amount=max(amount, 0),
        overdue_days=overdue_days,
        weight=weight,
        highest=tuple(one.label for one in highest),
    )


def _urgency(overdue_days: int) -> float:
    if overdue_days < 0:
        return 1 / (1 - overdue_days)
    return 1 + OVERDUE_STEP * min(overdue_days, OVERDUE_MOST)
