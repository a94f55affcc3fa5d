"""What a windowed metric will be as its window moves on: events leave it, oldest first.

Over all customers at once: sort the events of the window, add them up once, and what is left
after a day has gone is the customer's total less what has gone. Only customers whose answer can
still turn are looked at.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import narwhals as nw

from zhike.core.conditions.resolve import resolve
from zhike.core.metrics import METRICS, Fold
from zhike.engine.conditions import expression
from zhike.engine.facts import half_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zhike.core.conditions.nodes import Test
    from zhike.core.facts import Ref
    from zhike.core.metrics import Metric
    from zhike.engine.facts import Ago
    from zhike.engine.polars import Frame

AHEAD, ANSWER = "ahead", "answer"

# The folds whose windows fade. A new metric of another fold must be taught here.
FADING = frozenset({Fold.COUNT, Fold.SUM, Fold.DISTINCT_DAYS, Fold.RATIO, Fold.AVERAGE})

# A test on a number reads no clock: any day and zone resolve it alike.
_ANY_DAY, _ANY_ZONE = date(2000, 1, 1), ZoneInfo("UTC")
_SUMS = frozenset({Fold.COUNT, Fold.SUM, Fold.DISTINCT_DAYS})
# Whether a test that a falling number can turn holds before it does.
_FALLS = {"gte": True, "gt": True, "lt": False, "lte": False}


class Windows:
    """The events of all windows, sorted once, and what each metric loses day by day."""

    def __init__(self, ago: Ago, tests: Iterable[Test], frame: Frame) -> None:
        self._ago = ago
        self._frame = frame
        self._tests = [test for test in tests if _fades(test, ago)]
        self._widest = max((test.ref.days or 0 for test in self._tests), default=0)
        self._key = frame.schema["customer"]
        self._sorted: Frame | None = None
        self._gone: dict[Ref, Frame] = {}

    def steps(self, test: Test) -> Frame | None:
        """Return (customer, ahead, answer) of each turn of a test on a windowed metric."""
        if not _fades(test, self._ago):
            return None
        gone = self._gone.get(test.ref)
        if gone is None:
            gone = self._gone[test.ref] = self._find_gone(METRICS[test.ref.name], test.ref.days or 0)
        answer, name = expression(resolve(test, _ANY_DAY, _ANY_ZONE)), str(test.ref)
        turns = gone.with_columns(
            gone.select(nw.col("before").alias(name)).select(answer.alias("was"))["was"],
            gone.select(nw.col("after").alias(name)).select(answer.alias(ANSWER))[ANSWER],
        )
        return turns.filter(nw.col("was") != nw.col(ANSWER)).select("customer", AHEAD, ANSWER)

    def _find_gone(self, metric: Metric, days: int) -> Frame:
        """Return the value before and after each day leaves the window."""
        assert metric.fold in FADING, metric
        ago = self._ago
        events = self._in_order()
        if days < self._widest:
            events = events.filter(_ago() < days)
        takes_part = ago.takes_part(metric)
        if takes_part is not None:
            events = events.filter(takes_part)
        # Of the events of one day only the last carries the whole day's sum.
        last = (nw.col("order") != nw.col("order").shift(-1)).fill_null(value=True)
        if metric.fold is Fold.DISTINCT_DAYS:
            sums = events.select("order").filter(last).with_row_index("value")
            sums = sums.with_columns(nw.col("value").cast(nw.Int64) + 1)
        else:
            given = {"value": ago.value(metric)}
            if metric.fold in {Fold.RATIO, Fold.AVERAGE}:
                given["weight"] = ago.weight(metric)
            sums = events.select("order", **given).with_columns(nw.col(*given).cum_sum()).filter(last)
        sums = sums.with_columns(_customer().cast(self._key).alias("customer"), _ago().alias("ago"))
        return _left(sums, metric, days)

    def _in_order(self) -> Frame:
        """Return the events of the widest window as they leave it, customer by customer."""
        if self._sorted is None:
            ago = self._ago
            metrics = {METRICS[test.ref.name] for test in self._tests}
            data = {m.value for m in metrics if m.value} | {m.where[0] for m in metrics if m.where}
            kept = ["customer", "ago", "kind", *sorted(data & ago.columns)]
            events = self._of_candidates(ago.frame.filter(nw.col("ago") < self._widest).select(*kept))
            # The order holds customer and day: to sort these along would only cost time.
            self._sorted = events.select(order().alias("order"), *kept[2:]).sort("order")
        return self._sorted

    def _of_candidates(self, events: Frame) -> Frame:
        """Leave out customers none of whose answers can turn: a sum of gains only falls."""
        candidates: list[Frame] = []
        for test in self._tests:
            metric = METRICS[test.ref.name]
            if test.op not in _FALLS or metric.fold not in _SUMS:
                return events
            answer = expression(resolve(test, _ANY_DAY, _ANY_ZONE))
            candidates.append(self._frame.filter(answer if _FALLS[test.op] else ~answer).select("customer"))
            if metric.value or self._ago.is_minus(metric) is not None:
                given = events.select("customer", self._ago.value(metric).alias("value"))
                candidates.append(given.filter(nw.col("value") < 0).select("customer").unique("customer"))
        found = nw.concat(candidates).unique("customer")
        # To look everybody up costs more than it saves when nearly everybody stays.
        return events if len(found) > len(self._frame) * 0.7 else events.join(found, on="customer", how="semi")


# Days ago fit in 20 bits: 2 800 years.
_BITS = 20


def order() -> nw.Expr:
    """Return one number that sorts by customer, then oldest first."""
    return nw.col("customer").cast(nw.Int64) * 2**_BITS - nw.col("ago").cast(nw.Int64)


def _customer() -> nw.Expr:
    return (nw.col("order") + (2**_BITS - 1)) // 2**_BITS


def _ago() -> nw.Expr:
    return _customer() * 2**_BITS - nw.col("order")


def _fades(test: Test, ago: Ago) -> bool:
    if test.ref.source != "metric" or test.ref.days is None:
        return False
    return ago.reads(METRICS[test.ref.name])


def _left(sums: Frame, metric: Metric, days: int) -> Frame:
    """Turn running sums over all customers into what is left of each customer's own."""
    ends = (nw.col("customer") != nw.col("customer").shift(-1)).fill_null(value=True)
    before, after = [], []
    for name in ("value", "weight"):
        if name in sums.columns:
            end = nw.when(ends).then(nw.col(name)).fill_null(strategy="backward")
            before.append(end - nw.col(name).shift(1).fill_null(0))
            after.append(end - nw.col(name))
    ahead = (days - nw.col("ago")).cast(nw.Int32).alias(AHEAD)
    return sums.select(
        "customer", ahead, _value(metric, before).alias("before"), _value(metric, after).alias("after")
    )


def _value(metric: Metric, tallies: Sequence[nw.Expr]) -> nw.Expr:
    if metric.fold in {Fold.RATIO, Fold.AVERAGE}:
        return half_up(tallies[0], tallies[1])
    return tallies[0] if metric.floor is None else tallies[0].clip(lower_bound=metric.floor)
