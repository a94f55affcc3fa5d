"""What to do about a dimension, in plain words, each piece with the figures behind it.

A pure function of the scorecard. The bounds below are ours: docs/scorecard.md gives them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from zhike.core.comparing import are_separable, neighbours, orders
from zhike.core.money import format_money
from zhike.core.scorecard import FLIP_DAYS, percent
from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zhike.core.comparing import Difference
    from zhike.core.scorecard import ClassScore, Scorecard

OVERRIDE_RATE, OVERRIDE_MIN = 0.05, 5
FLIP_RATE, FLIP_MIN = 0.10, 10
UNDETERMINED_RATE = 0.20
FEEDBACK_MIN = 3
IDLE_MIN = 30
# That two classes cannot be told apart is only said where a difference would have shown.
SAME_MIN = 100
MOST_DIMENSIONS = 8
MOST_HOLD_DAYS = 30


class Kind(StrEnum):
    """The kinds of advice, the weightiest first."""

    UNRECORDED = "unrecorded"
    OVERRIDDEN = "overridden"
    ORDER = "order"
    USELESS = "useless"
    FLICKER = "flicker"
    SAME = "same"
    EMPTY = "empty"
    IDLE = "idle"
    FOUND_WRONG = "found_wrong"
    UNDECIDED = "undecided"
    MANY = "many"


@dataclass(frozen=True, slots=True)
class Advice:
    """One piece of advice; `classes` are those it is about, none where it is about the dimension."""

    kind: Kind
    classes: tuple[str, ...]
    text: Text


_TEXTS = {
    Kind.UNRECORDED: Text(
        "{day} 起才有记录，在这之前就开始的时段说不出期初的情况。",
        "Records begin on {day}: of a period that starts earlier nobody can say where customers stood at its start.",
    ),
    Kind.OVERRIDDEN: Text(
        "有 {n} 位{label}被人改判，占 {rate}，多改成{to}（{k} 位）。看看规则漏了什么。",
        "People moved {n} customers out of {label} ({rate}), most of them to {to} ({k}). See what the rules miss.",
    ),
    Kind.ORDER: Text(
        "{better}本该好过{worse}，转化率却是 {a} 对 {b}，低 {gap} 个百分点（{n} 位对 {m} 位）。检查两类的条件和先后。",
        "{better} should do better than {worse}, but converts at {a} against {b}, {gap} points less "
        "({n} customers against {m}). Check the conditions of both and their order.",
    ),
    Kind.USELESS: Text(
        "这个维度分不出谁会买：{n} 个类别之间，转化率和人均成交额都看不出差别。改写规则，或者停用这个维度。",
        "This dimension does not tell who buys: between its {n} classes neither conversion nor revenue differs by more "
        "than chance. Rewrite its rules, or stop using it.",
    ),
    Kind.FLICKER: Text(
        "进入{label}的 {n} 位里有 {k} 位 {flip} 天内又离开，占 {rate}，其中一半没超过 {days} 天。建议连续满足 {new} 天才进入（现在是 {old} 天）。",
        "{k} of the {n} customers who entered {label} left again within {flip} days ({rate}), half of them after no more than "
        "{days}. Let them qualify {new} days in a row before they enter (now {old}).",
    ),
    Kind.SAME: Text(
        "{better}和{worse}分不开：转化率 {a} 和 {b}，人均成交额 {c} 和 {d}，差别在误差之内（{n} 位和 {m} 位）。可以合并。",
        "{better} and {worse} cannot be told apart: conversion {a} and {b}, revenue each {c} and {d}, no more than chance "
        "({n} and {m} customers). Consider merging them.",
    ),
    Kind.EMPTY: Text(
        "{label}里没有客户，{days} 天里也没有人进来过。条件可能太严，或者用不着这一类。",
        "Nobody is in {label}, and nobody entered it in {days} days. Its condition may be too strict, or the class is not needed.",
    ),
    Kind.IDLE: Text(
        "{label}期初有 {n} 位，期内没有主动联系过一位，也没有人改判过谁。写清楚该为他们做什么，或者并入别的类别。",
        "Of the {n} customers in {label} at the start nobody was contacted, and nobody set a class by hand. "
        "Say what to do for them, or merge the class into another.",
    ),
    Kind.FOUND_WRONG: Text(
        "期内有 {n} 次反馈说{label}判得不准。和反馈的人对一遍条件。",
        "{label} was found wrong {n} times. Go through its condition with those who said so.",
    ),
    Kind.UNDECIDED: Text(
        "有 {n} 位还没有判定，占 {rate}：规则要看的，他们一样都没有。",
        "{n} customers ({rate}) are not decided: of what the rules read, nothing is known of them.",
    ),
    Kind.MANY: Text(
        "启用了 {n} 个维度。超过 {most} 个，一线通常就不看了，先停用分不出好坏的。",
        "{n} dimensions are in use. Beyond {most} people stop looking: stop using those that tell nothing apart first.",
    ),
}
_WITH_REASON = Text(
    "有 {n} 位{label}被人改判，占 {rate}，多改成{to}（{k} 位），理由最多的是「{reason}」（{times} 位）。看看规则漏了什么。",
    "People moved {n} customers out of {label} ({rate}), most of them to {to} ({k}); the reason given most is “{reason}” "
    "({times}). See what the rules miss.",
)
_ORDER_OF_REVENUE = Text(
    "{better}本该好过{worse}，人均成交额却是 {a} 对 {b}，少 {gap}（{n} 位对 {m} 位）。检查两类的条件和先后。",
    "{better} should do better than {worse}, but brings {a} each against {b}, {gap} less ({n} customers against {m}). "
    "Check the conditions of both and their order.",
)
_WITH_MISSING = Text(
    "有 {n} 位还没有判定，占 {rate}：规则要看的，他们一样都没有。全部客户里缺得最多的是{fact}，{k} 位没有。",
    "{n} customers ({rate}) are not decided: of what the rules read, nothing is known of them. Of all customers, "
    "most lack this: {fact} ({k}).",
)


def advise(card: Scorecard) -> list[Advice]:
    """Return what to do about a dimension, the weightiest first; nothing where all is well."""
    found = [*_of_dimension(card), *_of_order(card), *_of_likeness(card)]
    for score in card.classes:
        found += _of_class(card, score)
    weights = list(Kind)
    return sorted(found, key=lambda advice: weights.index(advice.kind))


def advise_on_number(dimensions: int) -> list[Advice]:
    """Return what to do when there are more dimensions than people look at."""
    if dimensions <= MOST_DIMENSIONS:
        return []
    return [Advice(Kind.MANY, (), _TEXTS[Kind.MANY].format(n=dimensions, most=MOST_DIMENSIONS))]


def _of_dimension(card: Scorecard) -> Iterator[Advice]:
    if card.recorded_since is not None and card.recorded_since > card.period.before:
        yield Advice(Kind.UNRECORDED, (), _TEXTS[Kind.UNRECORDED].format(day=card.recorded_since.isoformat()))
    rate = card.undetermined / card.size if card.size else 0
    if rate >= UNDETERMINED_RATE:
        n = f"{card.undetermined:,}"
        if card.missing is None:
            text = _TEXTS[Kind.UNDECIDED].format(n=n, rate=percent(rate))
        else:
            text = _in_both(
                _WITH_MISSING, {"fact": card.missing.label}, n=n, rate=percent(rate), k=f"{card.missing.customers:,}"
            )
        yield Advice(Kind.UNDECIDED, (), text)


def _of_order(card: Scorecard) -> Iterator[Advice]:
    for order in orders(card):
        for gap in order.breaks:
            if gap.sure:
                yield Advice(Kind.ORDER, (gap.better.key, gap.worse.key), order_text(gap, card.currency))


def order_text(gap: Difference, currency: str) -> Text:
    """Say of two classes that the one which should be better is worse, and by how much."""
    a, b = gap.better.outcome, gap.worse.outcome
    labels = {"better": gap.better.label, "worse": gap.worse.label}
    sizes = {"n": f"{a.customers:,}", "m": f"{b.customers:,}"}
    if gap.measure == "conversion":
        points = f"{-100 * gap.value:.1f}"
        return _in_both(
            _TEXTS[Kind.ORDER], labels, a=percent(a.conversion), b=percent(b.conversion), gap=points, **sizes
        )
    money = [format_money(amount, currency) for amount in (a.revenue_each or 0, b.revenue_each or 0, -int(gap.value))]
    return _in_both(_ORDER_OF_REVENUE, labels, a=money[0], b=money[1], gap=money[2], **sizes)


def _of_likeness(card: Scorecard) -> list[Advice]:
    """Ranked classes that neither conversion nor revenue tells apart: some of them, or all."""
    ranked = card.ranked(least=SAME_MIN)
    pairs = list(neighbours(ranked))
    alike = [(a, b) for a, b in pairs if not are_separable(a, b)]
    everything = [(a, b) for i, a in enumerate(ranked) for b in ranked[i + 1 :]]
    if len(ranked) > 2 and not any(are_separable(a, b) for a, b in everything):  # noqa: PLR2004  two are a pair
        keys = tuple(score.key for score in ranked)
        return [Advice(Kind.USELESS, keys, _TEXTS[Kind.USELESS].format(n=len(ranked)))]
    return [Advice(Kind.SAME, (a.key, b.key), _same(a, b, card.currency)) for a, b in alike]


def _same(a: ClassScore, b: ClassScore, currency: str) -> Text:
    each = [format_money(s.outcome.revenue_each or 0, currency) for s in (a, b)]
    return _in_both(
        _TEXTS[Kind.SAME],
        {"better": a.label, "worse": b.label},
        a=percent(a.outcome.conversion),
        b=percent(b.outcome.conversion),
        c=each[0],
        d=each[1],
        n=f"{a.outcome.customers:,}",
        m=f"{b.outcome.customers:,}",
    )


def _of_class(card: Scorecard, score: ClassScore) -> Iterator[Advice]:
    def advice(
        kind: Kind, template: Text | None = None, labels: dict[str, Text] | None = None, **values: str
    ) -> Advice:
        text = _in_both(template or _TEXTS[kind], {"label": score.label, **(labels or {})}, **values)
        return Advice(kind, (score.key,), text)

    moved = score.overridden
    if moved.customers >= OVERRIDE_MIN and (score.override_rate or 0) >= OVERRIDE_RATE:
        yield advice(
            Kind.OVERRIDDEN,
            _WITH_REASON if moved.reason else None,
            {"to": _label(card.classes, moved.to)},
            n=f"{moved.customers:,}",
            rate=percent(score.override_rate),
            k=f"{moved.to_customers:,}",
            reason=moved.reason,
            times=f"{moved.reason_customers:,}",
        )
    if score.flipped >= FLIP_MIN and (score.flip_rate or 0) >= FLIP_RATE and score.hold_days < MOST_HOLD_DAYS:
        days = score.flip_days or 0
        yield advice(
            Kind.FLICKER,
            n=f"{score.entered:,}",
            k=f"{score.flipped:,}",
            flip=str(FLIP_DAYS),
            rate=percent(score.flip_rate),
            days=str(days),
            old=str(score.hold_days),
            new=str(hold_days_against(score)),
        )
    if card.size and not score.members:
        yield advice(Kind.EMPTY, days=f"{card.period.days:,}")
    acted_on = score.outcome.contacted + moved.customers + score.chosen
    if score.start >= IDLE_MIN and not acted_on:
        yield advice(Kind.IDLE, n=f"{score.start:,}")
    if score.feedback >= FEEDBACK_MIN:
        yield advice(Kind.FOUND_WRONG, n=f"{score.feedback:,}")


def hold_days_against(score: ClassScore) -> int:
    """Return how long a class would have to hold to keep out half of those who left it again.

    They met its condition for `hold_days` - 1 days before they entered and for `flip_days` or fewer after it.
    """
    return min(score.hold_days + (score.flip_days or 0), MOST_HOLD_DAYS)


def _label(classes: Sequence[ClassScore], key: str) -> Text:
    return next((score.label for score in classes if score.key == key), Text(key, key))


def _in_both(template: Text, labels: dict[str, Text], **values: str) -> Text:
    """Fill a sentence in each language with the labels of that language."""
    zh = {name: label.zh for name, label in labels.items()}
    en = {name: label.en for name, label in labels.items()}
    return Text(template.zh.format(**values, **zh), template.en.format(**values, **en))
