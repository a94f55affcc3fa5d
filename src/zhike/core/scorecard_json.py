"""Scorecards as JSON, as a closed quarter keeps them, and back."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from zhike.core.advice import Advice, Kind
from zhike.core.quarters import Period
from zhike.core.scorecard import ClassScore, Missing, Outcome, Overridden, PersonScore, Scorecard, Sources
from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    type Json = dict[str, Any]


def for_everybody(card: Scorecard) -> Scorecard:
    """Return the scorecard without what was said of single customers, and by whom."""
    classes = tuple(
        replace(score, overridden=replace(score.overridden, reason="", reason_customers=0)) for score in card.classes
    )
    return replace(card, classes=classes, people=())


def card_to_json(card: Scorecard) -> Json:
    data = asdict(card)
    data["period"] = [day.isoformat() for day in card.period]
    data["recorded_since"] = card.recorded_since.isoformat() if card.recorded_since else None
    return data


def card_from_json(data: Json) -> Scorecard:
    first, last = (date.fromisoformat(day) for day in data["period"])
    since = data["recorded_since"]
    return Scorecard(
        **data
        | {
            "label": Text(*data["label"]),
            "period": Period(first, last),
            "classes": tuple(_class_from_json(score) for score in data["classes"]),
            "everyone": Outcome(**data["everyone"]),
            "people": tuple(PersonScore(**person) for person in data["people"]),
            "recorded_since": date.fromisoformat(since) if since else None,
            "missing": _missing_from_json(data["missing"]),
        }
    )


def advice_to_json(advice: Iterable[Advice]) -> list[Json]:
    return [{"kind": one.kind.value, "classes": list(one.classes), "text": list(one.text)} for one in advice]


def advice_from_json(data: Sequence[Mapping[str, object]]) -> list[Advice]:
    return [
        Advice(
            Kind(cast("str", one["kind"])),
            tuple(cast("list[str]", one["classes"])),
            Text(*cast("list[str]", one["text"])),
        )
        for one in data
    ]


def _class_from_json(data: Json) -> ClassScore:
    return ClassScore(
        **data
        | {
            "label": Text(*data["label"]),
            "sources": Sources(**data["sources"]),
            "overridden": Overridden(**data["overridden"]),
            "outcome": Outcome(**data["outcome"]),
        }
    )


def _missing_from_json(data: Json | None) -> Missing | None:
    return Missing(Text(*data["label"]), data["customers"]) if data else None
