"""What a windowed metric will be as its window moves on: events leave it, oldest first.

Over all customers at once: with the events of a window newest first, adding up gives what is
left of each customer's value when all that is older has left.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import narwhals as nw

from zhike.core.conditions.resolve import resolve
from zhike.core.metrics import METRICS, Fold
from zhike.engine import polars
from zhike.engine.conditions import expression
from zhike.engine.facts import days_after, half_up, is_first, is_last
from zhike.engine.pipeline import WORKERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zhike.core.conditions.nodes import Test
    from zhike.core.facts import Ref
    from zhike.core.metrics import Metric
    from zhike.engine.facts import Ago
    from zhike.engine.polars import Frame

AHEAD, ANSWER = "ahead", "answer"

# A test on a value that stays reads no clock: any day and zone resolve it alike.
_ANY_DAY, _ANY_ZONE = date(2000, 1, 1), ZoneInfo("UTC")


class Windows:
    """What each windowed metric loses day by day; found once for all tests on the same metric and window."""

    def __init__(self, ago: Ago, tests: Iterable[Test]) -> None:
        self._tests: dict[Ref, list[Test]] = {}
        for test in dict.fromkeys(tests):
            if _fades(test, ago):
                self._tests.setdefault(test.ref, []).append(test)
        widest: dict[str, int] = {}
        for ref in self._tests:
            widest[ref.name] = max(_days(ref), widest.get(ref.name, 0))
        with ThreadPoolExecutor(WORKERS) as pool:
            # Newest first, what a narrower window holds is where a wider one begins.
            lost = dict(zip(widest, pool.map(partial(_lost, ago), widest, widest.values()), strict=True))
            self._left = {ref: _left(lost[ref.name], ref, widest[ref.name]) for ref in self._tests}
            self._answers = dict(zip(self._tests, pool.map(self._answered, self._tests), strict=True))

    def left(self, ref: Ref) -> Frame | None:
        """Return (customer, ahead, before, after) of each day that leaves the window, newest first; `None` for none."""
        return self._left.get(ref)

    def steps(self, test: Test) -> Frame | None:
        """Return (customer, ahead, answer) of each turn of a test; `None` when nothing leaves its window."""
        if test.ref not in self._answers:
            return None
        number = self._tests[test.ref].index(test)
        turns = self._answers[test.ref].filter(nw.col(f"was{number}") != nw.col(f"is{number}"))
        return turns.select("customer", AHEAD, nw.col(f"is{number}").alias(ANSWER))

    def _answered(self, ref: Ref) -> Frame:
        """Return (customer, ahead, was0, …, is0, …): each test's answer before that day, and from it on."""
        left, answers = self._left[ref], [expression(resolve(t, _ANY_DAY, _ANY_ZONE)) for t in self._tests[ref]]
        parts = [left.select("customer", AHEAD)]
        for when, word in (("before", "was"), ("after", "is")):
            value = left.select(nw.col(when).alias(str(ref)))
            parts.append(value.select(*[answer.alias(f"{word}{n}") for n, answer in enumerate(answers)]))
        return nw.concat(parts, how="horizontal")


def _fades(test: Test, ago: Ago) -> bool:
    if test.ref.source != "metric" or test.ref.days is None:
        return False
    return ago.reads(METRICS[test.ref.name])


def _days(ref: Ref) -> int:
    assert ref.days is not None
    return ref.days


def _left(lost: Frame, ref: Ref, widest: int) -> Frame:
    days = _days(ref)
    inside = lost if days == widest else lost.filter(nw.col("ago") < days)
    return inside.select("customer", (days - nw.col("ago")).alias(AHEAD), "before", "after")


def _lost(ago: Ago, name: str, days: int) -> Frame:
    """Return (customer, ago, before, after): the value with the events of a day, and without them, newest first."""
    metric = METRICS[name]
    # The last event of a day, newest first, is the one with which the whole day is added up.
    found = _added_up(ago, metric, days).filter(is_last("customer", "ago"))
    newer = nw.when(~is_first("customer")).then(nw.col("before").shift(1))
    after = newer if _nothing(metric) is None else newer.otherwise(_nothing(metric))
    return found.select("customer", "ago", "before", after.alias("after"))


def _added_up(ago: Ago, metric: Metric, days: int) -> Frame:
    """Return (customer, ago, before): the value of the events so far, newest first."""
    match metric.fold:
        case Fold.FIRST_AT:
            return ago.days(metric, days).with_columns(days_after(ago.as_of, -nw.col("ago")).alias("before"))
        case Fold.LAST_AT:
            newest = nw.when(is_first("customer")).then(days_after(ago.as_of, -nw.col("ago")))
            return ago.days(metric, days).with_columns(newest.fill_null(strategy="forward").alias("before"))
        case Fold.DISTINCT_DAYS:
            return _summed(ago.days(metric, days).with_columns(nw.lit(1, nw.Int64).alias("value")), metric)
        case Fold.MAXIMUM:
            given = _given(ago, metric, days)
            return given.with_columns(nw.col("value").cum_max().over("customer").alias("before"))
        case Fold.COUNT | Fold.SUM | Fold.RATIO | Fold.AVERAGE:
            return _summed(_given(ago, metric, days), metric)
        case Fold.DAYS_SINCE_FIRST | Fold.DAYS_SINCE_LAST:
            raise AssertionError(metric)


def _given(ago: Ago, metric: Metric, days: int) -> Frame:
    """Return what each event inside the window gives."""
    given = {"value": ago.value(metric)}
    if metric.fold in {Fold.RATIO, Fold.AVERAGE}:
        given["weight"] = ago.weight(metric)
    return polars.collect(ago.within(metric, days).select("customer", "ago", **given))


def _summed(given: Frame, metric: Metric) -> Frame:
    """Add up over all customers at once, and take off what those before had."""
    sums = []
    for name in given.columns[2:]:
        running = nw.col(name).cum_sum()
        others = nw.when(is_first("customer")).then(running - nw.col(name)).fill_null(strategy="forward")
        sums.append(running - others)
    if metric.fold in {Fold.RATIO, Fold.AVERAGE}:
        value = half_up(*sums)
    else:
        value = sums[0] if metric.floor is None else sums[0].clip(lower_bound=metric.floor)
    return given.select("customer", "ago", value.alias("before"))


def _nothing(metric: Metric) -> int | None:
    """Return the value of a metric without events."""
    return max(0, metric.floor or 0) if metric.fold in {Fold.COUNT, Fold.SUM, Fold.DISTINCT_DAYS} else None
