"""A quarter beside the one before it: each figure with its change, and which way is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from zhike.base.templatetags.zhike import money, number, percent
from zhike.web.scorecard.rows import Screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zhike.base.chips import Chip
    from zhike.classification.quarters import Findings
    from zhike.classification.rules import Rulebook
    from zhike.core.scorecard import ClassScore, Scorecard
    from zhike.core.text import Language
    from zhike.web.scorecard.rows import Check, Line

# The figures of the table, and whether more of it is better: 1, worse: -1, or neither.
SHOWN = (
    ("size", 0),
    ("override_rate", -1),
    ("flip_rate", -1),
    ("conversion", 1),
    ("average_order", 1),
    ("repurchase", 1),
    ("retention", 1),
    ("revenue_share", 0),
)
OF_OUTCOME = {"conversion", "average_order", "repurchase", "retention"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure, its change since the quarter before, and whether that is good (1), bad (-1) or neither."""

    value: str
    change: str = ""
    direction: int = 0
    verdict: int = 0


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One class of a quarter."""

    chip: Chip
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Section:
    """One dimension of a quarter."""

    dimension: str
    label: str
    is_in_force: bool
    rows: Sequence[ClassRow]
    advice: Sequence[Line]
    checks: Sequence[Check]
    currency: str


def sections(found: Findings, rules: Rulebook, language: Language) -> list[Section]:
    """Return one section a dimension, in the order of the scorecards."""
    schemes = {scheme.dimension: scheme for scheme in rules.schemes}
    return [
        _section(
            Screen(card, schemes.get(card.dimension), found.advice.get(card.dimension, ()), language),
            found.before.get(card.dimension),
            language,
        )
        for card in found.cards
    ]


def _section(screen: Screen, before: Scorecard | None, language: Language) -> Section:
    card = screen.card
    earlier = {score.key: score for score in before.classes} if before else {}
    return Section(
        dimension=card.dimension,
        label=card.label.get(language),
        is_in_force=screen.is_in_force,
        rows=[
            ClassRow(
                screen.chip(score),
                [
                    _cell(key, better, _value(card, score, key), _earlier(before, earlier.get(score.key), key), card)
                    for key, better in SHOWN
                ],
            )
            for score in card.classes
        ],
        advice=screen.every_advice,
        checks=screen.checks(),
        currency=card.currency,
    )


def _value(card: Scorecard, score: ClassScore, key: str) -> float | None:
    if key == "revenue_share":
        return card.revenue_share(score.key)
    value: float | None = getattr(score.outcome if key in OF_OUTCOME else score, key)
    return value


def _earlier(before: Scorecard | None, score: ClassScore | None, key: str) -> float | None:
    return None if before is None or score is None else _value(before, score, key)


def _cell(key: str, better: int, value: float | None, before: float | None, card: Scorecard) -> Cell:
    text, change = _written(key, value, card.currency), ""
    if value is None or before is None:
        return Cell(text)
    difference = value - before
    change = _written_change(key, abs(difference), card.currency)
    if change == _written_change(key, 0, card.currency):
        return Cell(text, gettext("持平"))
    direction = 1 if difference > 0 else -1
    return Cell(text, change, direction, better * direction)


def _written(key: str, value: float | None, currency: str) -> str:
    if key == "size":
        return number(value)
    if key == "average_order":
        return money(None if value is None else int(value), currency)
    return percent(value)


def _written_change(key: str, difference: float, currency: str) -> str:
    """Write a difference without its sign; of shares in percentage points."""
    if key in {"size", "average_order"}:
        return _written(key, difference, currency)
    return gettext("%(points).1f pt") % {"points": 100 * difference}
