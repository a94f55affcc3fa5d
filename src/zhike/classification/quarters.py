"""Reads: the quarter's look back on all dimensions, and the quarter before it.

It is told to the whole company, so it counts everyone's customers and names nobody. Counting them
takes minutes where they are many: `actions.quarter_counts` does it, and pages read what it found.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zhike.accounts.policy import visible
from zhike.base.clock import now
from zhike.classification.models import Placement, QuarterCount, QuarterReview
from zhike.classification.rules import rulebook
from zhike.classification.scorecard import scorecard_by
from zhike.core.advice import advise, advise_on_number
from zhike.core.dates import local_day
from zhike.core.quarters import Period
from zhike.core.scorecard_json import advice_from_json, advice_to_json, card_from_json, card_to_json, for_everybody
from zhike.timeline.models import Event

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from zhike.accounts.models import User
    from zhike.core.advice import Advice
    from zhike.core.quarters import Quarter
    from zhike.core.scorecard import Scorecard


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


def quarter_count(user: User, quarter: Quarter) -> QuarterCount | None:
    """Return what was counted of a quarter, and the count under way."""
    return visible(user, QuarterCount).filter(quarter=str(quarter)).first()


def wants_count(count: QuarterCount | None, today: date, zone: ZoneInfo) -> bool:
    """Say whether a quarter is to be counted without being asked: once a day, however that came out."""
    if count is None:
        return True
    is_of_today = count.as_of == today or local_day(count.asked_at, zone) == today
    return not (count.is_open or is_of_today)


def told(review: QuarterReview | None, count: QuarterCount | None) -> Findings | None:
    """Return the findings as they were told when the review was closed, else as they were counted last."""
    if review is not None and review.closed_at is not None:
        return Findings.from_json(review.snapshot)
    return Findings.from_json(count.findings) if count is not None and count.version else None


def is_recorded(day: date) -> bool:
    """Say whether anybody had a class by the end of a day."""
    changes = Event.objects.filter(kind="class.changed", day__lte=day)
    return Placement.objects.filter(since__lte=day).exists() or changes.exists()


def findings(quarter: Quarter, today: date, progress: Callable[[int, int], None] | None = None) -> Findings:
    """Count what is found in a quarter up to today, scorecard by scorecard.

    `progress` hears before each one how many are done, of how many. All are counted by the rules of the beginning. The quarter
    before is as it was told, if somebody closed it.
    """
    rules, kept = rulebook(), _closed(quarter.away(-1))
    period = Period(quarter.first, min(quarter.period.last, today))
    wanted = [(period, scheme.dimension) for scheme in rules.schemes]
    if kept is None:
        wanted += [(quarter.away(-1).period, scheme.dimension) for scheme in rules.schemes]
    counted: list[Scorecard] = []
    for days, dimension in wanted:
        if progress is not None:
            progress(len(counted), len(wanted))
        counted.append(for_everybody(scorecard_by(None, rules, dimension, days)))
    cards, before = counted[: len(rules.schemes)], counted[len(rules.schemes) :]
    return Findings(
        counted_at=now(),
        cards=cards,
        before={card.dimension: card for card in (before if kept is None else kept)},
        advice={card.dimension: advise(card) for card in cards},
        on_number=advise_on_number(len(cards)),
    )


def _closed(quarter: Quarter) -> Sequence[Scorecard] | None:
    """Return a quarter as it was told when somebody closed it."""
    review = QuarterReview.objects.filter(quarter=str(quarter), closed_at__isnull=False).first()
    return Findings.from_json(review.snapshot).cards if review else None
