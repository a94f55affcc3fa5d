"""Reads: the quarter's look back on all dimensions, and the quarter before it.

It is told to the whole company, so it counts everyone's customers and names nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.cache import cache

from zhike.accounts.policy import visible
from zhike.base.clock import now
from zhike.classification.models import Placement, QuarterReview
from zhike.classification.scorecard import scorecards
from zhike.core.advice import advise, advise_on_number
from zhike.core.quarters import Period
from zhike.core.scorecard_json import advice_from_json, advice_to_json, card_from_json, card_to_json, for_everybody
from zhike.timeline.models import Event

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from zhike.accounts.models import User
    from zhike.core.advice import Advice
    from zhike.core.quarters import Quarter
    from zhike.core.scorecard import Scorecard


# Counting a quarter of a large company takes seconds, and whoever saves a note wants no new count.
KEPT_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Findings:
    """What is found in a quarter: a scorecard a dimension, the one of the quarter before, and advice."""

    counted_at: datetime
    cards: Sequence[Scorecard]
    before: Mapping[str, Scorecard]
    advice: Mapping[str, Sequence[Advice]]
    on_number: Sequence[Advice]

    def to_json(self) -> dict[str, Any]:
        return {
            "counted_at": self.counted_at.isoformat(),
            "cards": [card_to_json(card) for card in self.cards],
            "before": [card_to_json(card) for card in self.before.values()],
            "advice": {dimension: advice_to_json(advice) for dimension, advice in self.advice.items()},
            "on_number": advice_to_json(self.on_number),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Findings:
        return cls(
            counted_at=datetime.fromisoformat(data["counted_at"]),
            cards=[card_from_json(card) for card in data["cards"]],
            before={card["dimension"]: card_from_json(card) for card in data["before"]},
            advice={dimension: advice_from_json(advice) for dimension, advice in data["advice"].items()},
            on_number=advice_from_json(data["on_number"]),
        )


def quarter_review(user: User, quarter: Quarter) -> QuarterReview | None:
    """Return what was written about a quarter."""
    return visible(user, QuarterReview).select_related("by").filter(quarter=str(quarter)).first()


def is_recorded(day: date) -> bool:
    """Say whether anybody had a class by the end of a day."""
    changes = Event.objects.filter(kind="class.changed", day__lte=day)
    return Placement.objects.filter(since__lte=day).exists() or changes.exists()


def findings(quarter: Quarter, today: date) -> Findings:
    """Return what is found in a quarter up to today. Of one that was closed its snapshot says so for good."""
    period = quarter.period
    cards = _cards(Period(period.first, min(period.last, today)))
    return Findings(
        counted_at=now(),
        cards=cards,
        before={card.dimension: card for card in _before(quarter)},
        advice={card.dimension: advise(card) for card in cards},
        on_number=advise_on_number(len(cards)),
    )


def told(review: QuarterReview | None, quarter: Quarter, today: date) -> Findings:
    """Return the findings as they were told when the review was closed, else as they were minutes ago or are now."""
    if review is not None and review.closed_at is not None:
        return Findings.from_json(review.snapshot)
    key = f"findings:{quarter}:{today}"
    found: Findings | None = cache.get(key)
    if found is None:
        found = findings(quarter, today)
        cache.set(key, found, KEPT_SECONDS)
    return found


def _before(quarter: Quarter) -> Sequence[Scorecard]:
    """Return the quarter before as it was told, if somebody closed it."""
    earlier = quarter.away(-1)
    closed = QuarterReview.objects.filter(quarter=str(earlier), closed_at__isnull=False).first()
    return Findings.from_json(closed.snapshot).cards if closed else _cards(earlier.period)


def _cards(period: Period) -> list[Scorecard]:
    return [for_everybody(card) for card in scorecards(None, period)]
