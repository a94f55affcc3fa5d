"""What a windowed metric will be as its window moves on: events leave it, oldest first.

Over all customers at once: sort the events of the window, add them up once, and what is left
after a day has gone is the customer's total less what has gone. Customers whose answer can no
longer turn are left out first.
"""

from __future__ import annotations

from datetime import date
from threading import Lock
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import narwhals as nw

from zhike.core.conditions.resolve import resolve
from zhike.core.metrics import METRICS, Fold
from zhike.engine import polars
from zhike.engine.conditions import expression
from zhike.engine.facts import ago_of, customer_of, half_up, order

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
    """What each metric loses day by day; found once for all tests on the same metric and window."""

    def __init__(self, ago: Ago, tests: Iterable[Test], frame: Frame) -> None:
        self._ago = ago
        self._frame = frame
        self._tests: dict[Ref, list[Test]] = {}
        for test in tests:
            if _fades(test, ago):
                self._tests.setdefault(test.ref, []).append(test)
        self._gone: dict[Ref, Frame] = {}
        self._locks = {ref: Lock() for ref in self._tests}

    def steps(self, test: Test) -> Frame | None:
        """Return (customer, ahead, answer) of each turn of a test on a windowed metric."""
        if test.ref not in self._tests:
            return None
        with self._locks[test.ref]:
            if test.ref not in self._gone:
                self._gone[test.ref] = self._find_gone(METRICS[test.ref.name], test.ref)
        gone = self._gone[test.ref]
        answer, name = expression(resolve(test, _ANY_DAY, _ANY_ZONE)), str(test.ref)
        turns = gone.with_columns(
            gone.select(nw.col("before").alias(name)).select(answer.alias("was"))["was"],
            gone.select(nw.col("after").alias(name)).select(answer.alias(ANSWER))[ANSWER],
        )
        turns = turns.filter(nw.col("was") != nw.col(ANSWER))
        ahead = ((test.ref.days or 0) - ago_of("order")).cast(nw.Int32).alias(AHEAD)
        customer = customer_of("order").cast(self._frame.schema["customer"]).alias("customer")
        return turns.select(customer, ahead, ANSWER)

    def _find_gone(self, metric: Metric, ref: Ref) -> Frame:
        """Return the value before and after each day leaves the window."""
        assert metric.fold in FADING, metric
        # Of the events of one day only the last carries the whole day's sum.
        last = (nw.col("order") != nw.col("order").shift(-1)).fill_null(value=True)
        if metric.fold is Fold.DISTINCT_DAYS:
            return _left(_numbered(self._ago.days(metric, ref.days)), metric)
        given = self._given(metric, ref).sort("order")
        tallies = [name for name in given.columns if name != "order"]
        if not tallies:
            return _left(_numbered(given).filter(last), metric)
        return _left(given.with_columns(nw.col(*tallies).cum_sum()).filter(last), metric)

    def _given(self, metric: Metric, ref: Ref) -> Frame:
        """Return what each event inside the window gives; nothing but its order where all give one."""
        ago = self._ago
        takes_part = ago.takes_part(metric)
        recent = nw.col("ago") < ref.days
        given: dict[str, nw.Expr] = {}
        if metric.value or ago.is_minus(metric) is not None:
            given["value"] = ago.value(metric)
        if metric.fold in {Fold.RATIO, Fold.AVERAGE}:
            given["weight"] = ago.weight(metric)
        lazy = ago.frame.lazy().filter(recent if takes_part is None else recent & takes_part)
        events = polars.collect(lazy.select("customer", order().alias("order"), **given))
        return self._of_candidates(events, metric, ref).drop("customer")

    def _of_candidates(self, events: Frame, metric: Metric, ref: Ref) -> Frame:
        """Leave out customers none of whose answers can turn: a sum of gains only falls."""
        if metric.fold not in _SUMS or any(test.op not in _FALLS for test in self._tests[ref]):
            return events
        candidates: list[Frame] = []
        for test in self._tests[ref]:
            answer = expression(resolve(test, _ANY_DAY, _ANY_ZONE))
            candidates.append(self._frame.filter(answer if _FALLS[test.op] else ~answer).select("customer"))
        if "value" in events.columns:
            candidates.append(events.filter(nw.col("value") < 0).select("customer").unique("customer"))
        found = nw.concat(candidates).unique("customer")
        # To look everybody up costs more than it saves when nearly everybody stays.
        return events if len(found) > len(self._frame) * 0.7 else events.join(found, on="customer", how="semi")


def _numbered(rows: Frame) -> Frame:
    """Add up ones: a row's number is their sum."""
    return rows.with_row_index("value").with_columns(nw.col("value").cast(nw.Int64) + 1)


def _fades(test: Test, ago: Ago) -> bool:
    if test.ref.source != "metric" or test.ref.days is None:
        return False
    return ago.reads(METRICS[test.ref.name])


def _left(sums: Frame, metric: Metric) -> Frame:
    """Turn running sums over all customers into what is left of each customer's own."""
    customers = sums.select(customer_of("order").alias("customer"))
    ends = (nw.col("customer") != nw.col("customer").shift(-1)).fill_null(value=True)
    sums = sums.with_columns(customers.select(ends.alias("ends"))["ends"])
    before, after = [], []
    for name in ("value", "weight"):
        if name in sums.columns:
            end = nw.when(nw.col("ends")).then(nw.col(name)).fill_null(strategy="backward")
            before.append(end - nw.col(name).shift(1).fill_null(0))
            after.append(end - nw.col(name))
    return sums.select("order", _value(metric, before).alias("before"), _value(metric, after).alias("after"))


def _value(metric: Metric, tallies: Sequence[nw.Expr]) -> nw.Expr:
    if metric.fold in {Fold.RATIO, Fold.AVERAGE}:
        return half_up(tallies[0], tallies[1])
    return tallies[0] if metric.floor is None else tallies[0].clip(lower_bound=metric.floor)
