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
        refs = list(dict.fromkeys(test.ref for test in tests if _fades(test, ago)))
        with ThreadPoolExecutor(WORKERS) as pool:
            self._left = dict(zip(refs, pool.map(partial(_left, ago), refs), strict=True))

    def left(self, ref: Ref) -> Frame | None:
        """Return (customer, ahead, before, after) of each day that leaves the window, newest first; `None` for none."""
        return self._left.get(ref)

    def steps(self, test: Test) -> Frame | None:
        """Return (customer, ahead, answer) of each turn of a test; `None` when nothing leaves its window."""
        left = self.left(test.ref)
        if left is None:
            return None
        answer, name = expression(resolve(test, _ANY_DAY, _ANY_ZONE)), str(test.ref)
        turns = left.with_columns(
            left.select(nw.col("before").alias(name)).select(answer.alias("was"))["was"],
            left.select(nw.col("after").alias(name)).select(answer.alias(ANSWER))[ANSWER],
        )
        return turns.filter(nw.col("was") != nw.col(ANSWER)).select("customer", AHEAD, ANSWER)


def _fades(test: Test, ago: Ago) -> bool:
    if test.ref.source != "metric" or test.ref.days is None:
        return False
    return ago.reads(METRICS[test.ref.name])


def _left(ago: Ago, ref: Ref) -> Frame:
    metric, days = METRICS[ref.name], ref.days
    assert days is not None
    # The last event of a day, newest first, is the one with which the whole day is added up.
    left = _added_up(ago, metric, days).filter(is_last("customer", "ago"))
    newer = nw.when(~is_first("customer")).then(nw.col("before").shift(1))
    after = newer if _nothing(metric) is None else newer.otherwise(_nothing(metric))
    return left.select("customer", (days - nw.col("ago")).alias(AHEAD), "before", after.alias("after"))


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
