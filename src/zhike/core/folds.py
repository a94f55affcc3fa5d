"""Folds: a metric's value over a customer's events, within a window of days or over all of them.

A window of n days is the n calendar days that end with `as_of`. A value that does not exist is
missing (`None`); counts and sums are 0.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from zhike.core.dates import add_days
from zhike.core.metrics import Fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from zhike.core.events import Event
    from zhike.core.facts import Value
    from zhike.core.metrics import Metric

# Means are decimals of this scale.
SCALE = 10_000

_MEANS = frozenset({Fold.RATIO, Fold.AVERAGE})
# These look at the days alone.
_BY_DAY = frozenset({Fold.DISTINCT_DAYS, Fold.FIRST_AT, Fold.LAST_AT, Fold.DAYS_SINCE_FIRST, Fold.DAYS_SINCE_LAST})


class Contribution(NamedTuple):
    """What one event gives to one metric. `weight` is what a mean divides by."""

    day: date
    value: int
    weight: int


def contributions(metric: Metric, events: Iterable[Event]) -> list[Contribution]:
    """Return what the events give to the metric, oldest first."""
    found = [_contribution(metric, event) for event in events if metric.reads(event)]
    found.sort(key=_day)
    return found


def _day(item: Contribution) -> date:
    return item.day


def _contribution(metric: Metric, event: Event) -> Contribution:
    sign = -1 if event.kind in metric.minus else 1
    if not metric.value:
        return Contribution(event.day, sign, 1)
    return Contribution(event.day, sign * _number(metric, event), 1 if sign > 0 else 0)


def _number(metric: Metric, event: Event) -> int:
    """Return the event's value; for a mean in ten-thousandths, so that sums stay exact."""
    if metric.value == "amount":
        return event.amount
    raw = event.data.get(metric.value, 0)
    if metric.fold is Fold.AVERAGE:
        return int(Decimal(str(raw)) * SCALE)
    return int(str(raw))


@dataclass(slots=True)
class _Tally:
    """What contributions add up to; of each fold only what it reads."""

    total: int = 0
    weight: int = 0
    days: int = 0
    first: date | None = None
    last: date | None = None
    maximum: int | None = None

    def add(self, fold_: Fold, items: Sequence[Contribution], *, days: int) -> None:
        """Add items that fall on so many further days."""
        self.days += days
        if fold_ not in _BY_DAY:
            self.total += sum([item.value for item in items])
        if fold_ in _MEANS:
            self.weight += sum([item.weight for item in items])
        elif fold_ is Fold.MAXIMUM:
            best = max([item.value for item in items])
            self.maximum = best if self.maximum is None else max(self.maximum, best)

    def value(self, metric: Metric, as_of: date) -> Value:
        match metric.fold:
            case Fold.COUNT | Fold.SUM:
                return self.total if metric.floor is None else max(metric.floor, self.total)
            case Fold.DISTINCT_DAYS:
                return self.days
            case Fold.FIRST_AT:
                return self.first
            case Fold.LAST_AT:
                return self.last
            case Fold.DAYS_SINCE_FIRST:
                return None if self.first is None else (as_of - self.first).days
            case Fold.DAYS_SINCE_LAST:
                return None if self.last is None else (as_of - self.last).days
            case Fold.RATIO:
                return half_up(self.total, self.weight) if self.weight else None
            case Fold.AVERAGE:
                return Decimal(half_up(self.total, self.weight)).scaleb(-4) if self.weight else None
            case Fold.MAXIMUM:
                return self.maximum


def half_up(numerator: int, denominator: int) -> int:
    """Divide and round to the nearest integer, halves toward +∞."""
    return (2 * numerator + denominator) // (2 * denominator)


def in_window(items: Sequence[Contribution], as_of: date, days: int | None) -> Sequence[Contribution]:
    """Return the items of the `days` calendar days that end with `as_of`, or of all days up to it."""
    end = bisect_right(items, as_of, key=_day)
    start = 0 if days is None else bisect_left(items, add_days(as_of, 1 - days), key=_day)
    return items[start:end]


def fold_items(metric: Metric, items: Sequence[Contribution], as_of: date) -> Value:
    """Return the metric's value over items that are already those of the window, oldest first."""
    tally = _Tally()
    if items:
        days = len({item.day for item in items}) if metric.fold is Fold.DISTINCT_DAYS else 0
        tally.add(metric.fold, items, days=days)
        tally.first, tally.last = items[0].day, items[-1].day
    return tally.value(metric, as_of)


def fold(metric: Metric, events: Iterable[Event], as_of: date, days: int | None = None) -> Value:
    """Return the metric's value on `as_of` over a window of `days` calendar days, or over all.

    All events of `as_of`'s day count; later ones do not. Metrics of `days_since_created` read
    the first event only: `zhike.core.history` puts ``created_on`` before it.
    """
    return fold_items(metric, in_window(contributions(metric, events), as_of, days), as_of)


def fading(metric: Metric, items: Sequence[Contribution], days: int) -> Iterator[tuple[date, Value]]:
    """Yield (day, value) as the window of `days` moves on and `items` leave it, oldest first.

    `items` are those of the window now. The values are those that hold if nothing else happens.
    """
    tally = _Tally()
    later: list[tuple[date, Value]] = []
    end = len(items)
    while end:
        leaving = items[end - 1].day
        exit_day = add_days(leaving, days)
        later.append((exit_day, tally.value(metric, exit_day)))
        start = end - 1
        while start and items[start - 1].day == leaving:
            start -= 1
        tally.add(metric.fold, items[start:end], days=1)
        tally.first, tally.last = leaving, tally.last or leaving
        end = start
    yield from reversed(later)
