"""The figures beside the timeline: a year, the year before, and how the months went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from zhike.core.conditions.values import format_value
from zhike.core.facts import Field, Ref, Unit
from zhike.core.metrics import METRICS
from zhike.core.money import brief_money

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from zhike.core.history import History
    from zhike.core.text import Language

YEAR, MONTH, MONTHS = 365, 30, 12
TIMES = 10  # from here on a per cent says less than a factor
SHOWN = ("revenue", "orders", "average_order", "interactions", "visit_days", "tickets")


@dataclass(frozen=True, slots=True)
class Figure:
    """One metric over a year, with the change from the year before in words or per cent."""

    label: str
    value: str
    exact: str
    months: Sequence[int]
    change: str
    direction: int  # 1 up, -1 down, 0 the same or nothing to compare with


def figures(history: History, *, today: date, language: Language, currency: str) -> list[Figure]:
    """Return the metrics of which there is anything in these two years."""
    found = [_figure(key, history, today, language, currency) for key in SHOWN]
    return [figure for figure in found if figure]


def _figure(key: str, history: History, today: date, language: Language, currency: str) -> Figure | None:
    metric = METRICS[key]

    def over(days: int, end: date) -> int:
        return cast("int", history.value(Ref(f"metric.{key}", days), metric.type, end) or 0)

    now, before = over(YEAR, today), over(YEAR, today - timedelta(days=YEAR))
    if not now and not before:
        return None
    exact = format_value(now, Field(f"metric.{key}", metric.type, metric.label, metric.unit), language, currency)
    return Figure(
        label=metric.label.get(language),
        value=brief_money(now, currency, language) if metric.unit is Unit.MONEY else exact,
        exact=exact,
        months=[over(MONTH, today - timedelta(days=MONTH * back)) for back in reversed(range(MONTHS))],
        change=_change(now, before, money=metric.unit is Unit.MONEY),
        direction=(now > before) - (now < before) if before else 0,
    )


def _change(now: int, before: int, *, money: bool) -> str:
    """Return +18% or ×12 for amounts and +4 for counts; nothing without a year to compare with."""
    if not before:
        return ""
    if money and now >= TIMES * before > 0:
        return f"×{now // before}"
    if money:
        return f"{'+' if now >= before else '−'}{abs(now - before) * 100 // before}%"
    return f"{'+' if now >= before else '−'}{abs(now - before):,}"
