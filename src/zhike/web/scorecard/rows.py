"""A scorecard as a page shows it: chips, advice beside the class it is about, lists behind the numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from zhike.base.chips import Chip
from zhike.core.advice import Kind, order_text
from zhike.core.comparing import orders
from zhike.core.scorecard import FIGURES, MIN_CUSTOMERS
from zhike.web.as_of import AS_OF
from zhike.web.chips import class_chip

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from zhike.core.advice import Advice
    from zhike.core.comparing import Difference, Order
    from zhike.core.schemes import Scheme
    from zhike.core.scorecard import ClassScore, PersonScore, Scorecard
    from zhike.core.text import Language

ICONS: Mapping[str, str] = {
    Kind.UNRECORDED: "history",
    Kind.OVERRIDDEN: "pin",
    Kind.ORDER: "arrows-exchange",
    Kind.USELESS: "alert-triangle",
    Kind.FLICKER: "repeat",
    Kind.SAME: "arrows-exchange",
    Kind.EMPTY: "user-off",
    Kind.IDLE: "clock",
    Kind.FOUND_WRONG: "message-report",
    Kind.UNDECIDED: "circle-dashed",
    Kind.MANY: "category-2",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One piece of advice in the reader's language."""

    kind: str
    icon: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One class: its numbers, how it compares with everyone, and what to do about it."""

    score: ClassScore
    chip: Chip
    link: str  # to the customers in it at the end
    start_link: str  # and at the start
    lifts: Mapping[str, float | None]
    revenue_share: float | None
    advice: Sequence[Line]

    @property
    def kinds(self) -> set[str]:
        return {line.kind for line in self.advice}


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person, and which way most of those went whom they moved."""

    score: PersonScore
    before: Chip
    after: Chip


@dataclass(frozen=True, slots=True)
class Check:
    """Whether one measure falls with the rank: the classes compared, and each pair that breaks it."""

    label: str
    order: Order
    chips: Sequence[tuple[Chip, float | None]]
    breaks: Sequence[tuple[str, Difference]]
    left_out: Sequence[tuple[Chip, int]]
    least: int = MIN_CUSTOMERS


def lines(advice: Iterable[Advice], language: Language) -> list[Line]:
    """Return advice in the reader's language."""
    return [Line(one.kind, ICONS[one.kind], one.text.get(language)) for one in advice]


LIFTS = ("conversion", "first_conversion", "average_order", "repurchase", "retention", "revenue_each")


class Screen:
    """Draws the scorecard of one dimension by the rules in force; of a dimension that is gone, without them."""

    def __init__(self, card: Scorecard, scheme: Scheme | None, advice: Iterable[Advice], language: Language) -> None:
        self.card, self._scheme, self._language = card, scheme, language
        told = list(advice)
        self._advice = list(zip(told, lines(told, language), strict=True))

    @property
    def is_in_force(self) -> bool:
        return self._scheme is not None

    def rows(self, *, today: date) -> list[Row]:
        """Return one row a class."""
        return [self._row(score, today) for score in self.card.classes]

    def _members(self, key: str, day: date, today: date) -> str:
        """Return the list of those who were in a class at the end of a day."""
        then = {AS_OF: day.isoformat()} if day < today else {}
        return f"{reverse('web:customers')}?{urlencode({f'class.{self.card.dimension}': key, **then})}"

    def _row(self, score: ClassScore, today: date) -> Row:
        period = self.card.period
        return Row(
            score=score,
            chip=self.chip(score),
            link=self._members(score.key, period.last, today),
            start_link=self._members(score.key, period.before, today),
            lifts={figure: self.card.lift(score.key, figure) for figure in LIFTS},
            revenue_share=self.card.revenue_share(score.key),
            advice=[line for advice, line in self._advice if advice.classes == (score.key,)],
        )

    @property
    def advice(self) -> list[Line]:
        """What is about more than one class, or about the dimension."""
        return [line for advice, line in self._advice if len(advice.classes) != 1]

    @property
    def every_advice(self) -> list[Line]:
        return [line for _, line in self._advice]

    def checks(self) -> list[Check]:
        return [self._check(order) for order in orders(self.card)]

    def _check(self, order: Order) -> Check:
        return Check(
            label=FIGURES[order.measure].label.get(self._language),
            order=order,
            chips=[(self.chip(score), getattr(score.outcome, order.measure)) for score in order.compared],
            breaks=[(order_text(gap, self.card.currency).get(self._language), gap) for gap in order.breaks],
            left_out=[(self.chip(score), score.outcome.customers) for score in order.too_few],
        )

    def people(self) -> list[PersonRow]:
        return [PersonRow(p, self.named(p.from_key), self.named(p.to_key)) for p in self.card.people]

    def named(self, key: str) -> Chip:
        """Return the chip of a class of this dimension by its key."""
        score = next((score for score in self.card.classes if score.key == key), None)
        return self.chip(score) if score else Chip(self.card.label.get(self._language), key or gettext("无"))

    def chip(self, score: ClassScore) -> Chip:
        """Return the chip of a class, called as it was called when it was counted."""
        label = score.label.get(self._language)
        if self._scheme is None or score.key not in {class_.key for class_ in self._scheme.classes}:
            return Chip(self.card.label.get(self._language), label)
        return replace(class_chip(self._scheme, score.key, self._language), label=label)


@dataclass(frozen=True, slots=True)
class Head:
    """A figure as the head of a column: what it is called and how it is worked out."""

    key: str
    label: str
    formula: str


def heads(keys: Iterable[str], language: Language) -> list[Head]:
    """Return the heads of these figures."""
    return [Head(key, FIGURES[key].label.get(language), FIGURES[key].formula.get(language)) for key in keys]
