"""When time alone will change a class: the steps that each test takes after `as_of`, merged.

A step is (customer, ahead, answer): from `ahead` days after `as_of` on, the test answers so. Each
test finds its own steps over all customers at once; a dimension's are laid over one another,
and its condition is asked only on the days on which some test turns. What
`zhike.core.projection` says of one customer, this says of all.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, cast

import narwhals as nw

from zhike.core.conditions.resolve import resolve
from zhike.core.dates import LAST_DAY, add_days
from zhike.core.facts import FieldType
from zhike.core.metrics import METRICS
from zhike.core.projection import ask, value_steps
from zhike.engine import facts as engine_facts
from zhike.engine import fading, polars
from zhike.engine.conditions import expression, first_match, over_columns, tests_of
from zhike.engine.damping import CLASS, damped_steps
from zhike.engine.facts import days_after, is_first, is_last
from zhike.engine.fading import AHEAD, ANSWER
from zhike.engine.pipeline import WORKERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from zhike.core.conditions.nodes import Span, Test
    from zhike.core.schemes import Scheme
    from zhike.engine.facts import Ago
    from zhike.engine.polars import Frame

UNTIL = "until"
# More days than there are in 9 999 years.
_AGES = 1 << 22
_RELATIVE = frozenset({"in_last", "not_in_last", "before_last", "in_next", "after_next", "in_period"})
_ANNIVERSARY = "anniversary_within"
# Anniversaries come back for ever; no window is longer than a century.
_CENTURY = 110
# Where an anniversary stands in its year depends only on which of the years around it are leap years,
# and twelve years in a row hold every such sequence: leap years are at most eight apart, as 2096 and
# 2104 are. What no anniversary does in the twelve years after the last other turn, none ever will.
_EVERY_SEQUENCE = 12


class Projection:
    """The coming steps of all customers of a frame of facts and classes."""

    def __init__(self, schemes: Iterable[Scheme], frame: Frame, ago: Ago, as_of: date, zone: ZoneInfo) -> None:
        self._frame = frame
        self._as_of = as_of
        self._zone = zone
        tests = [test for test in tests_of(schemes) if test.ref.source != "class"]
        self._windows = fading.Windows(ago, tests)
        self._tests: dict[Test, Frame | None] = {}
        self._classes: dict[str, Frame] = {}
        self._find([test for test in tests if test.op != _ANNIVERSARY])
        self._last_year = self._find_last_year(tests)
        self._find([test for test in tests if test.op == _ANNIVERSARY])

    def _find(self, tests: Sequence[Test]) -> None:
        """Find the steps of tests side by side."""
        with ThreadPoolExecutor(WORKERS) as pool:
            self._tests |= zip(tests, pool.map(self._test_steps, tests), strict=True)

    def _find_last_year(self, tests: Iterable[Test]) -> int:
        """Return the last year whose anniversaries can be the first to change a class."""
        aheads = [test.ref.days or 0 for test in tests]
        aheads += [int(steps[AHEAD].max()) for steps in self._tests.values() if steps is not None and len(steps)]
        last_turn = add_days(self._as_of, max(aheads, default=0))
        return min(last_turn.year + _EVERY_SEQUENCE, self._as_of.year + _CENTURY - 1, LAST_DAY.year - 1)

    def next_changes(self, schemes: Sequence[Scheme]) -> list[Frame]:
        """Return (customer, next_change.<dimension>) of each; dimensions that read no class side by side."""
        alone = [scheme for scheme in schemes if not _reads_classes(scheme)]
        with ThreadPoolExecutor(WORKERS) as pool:
            found = dict(zip([s.dimension for s in alone], pool.map(self._next_change, alone), strict=True))
        for scheme in schemes:
            if scheme.dimension not in found:
                found[scheme.dimension] = self._next_change(scheme)
        return list(found.values())

    def _next_change(self, scheme: Scheme) -> Frame:
        """Return (customer, day, class) for those for whom time alone changes what the rules give."""
        steps = self._class_steps(scheme)
        self._classes[scheme.dimension] = self._in_effect(steps, scheme)
        first = self._until(steps.filter(is_first("customer")), scheme)
        day = days_after(self._as_of, nw.col(AHEAD)).alias(f"next_change.{scheme.dimension}")
        return first.select("customer", day, nw.col(CLASS).alias(f"next_class.{scheme.dimension}"))

    def _class_steps(self, scheme: Scheme) -> Frame:
        """Return (customer, ahead, class) of every change of class after `as_of`, by customer and day."""
        names = {test: f"t{index}" for index, test in enumerate(tests_of([scheme]))}
        found = [(name, self._of_class(t) if t.ref.source == "class" else self._tests[t]) for t, name in names.items()]
        parts = [(name, steps) for name, steps in found if steps is not None and len(steps)]
        if not parts:
            return self._no_steps()
        laid = self._laid_over(names, parts)
        answers = [over_columns(c.when, names) for c in scheme.classes if c.when is not None]
        return self._changes(laid.with_columns(first_match(scheme, answers).alias(CLASS)), scheme)

    def _no_steps(self) -> Frame:
        return self._frame.head(0).select("customer", nw.lit(0, nw.Int32).alias(AHEAD), nw.lit("").alias(CLASS))

    def _laid_over(self, names: dict[Test, str], parts: list[tuple[str, Frame]]) -> Frame:
        """Return a row for today, and for each day on which some test of a customer turns, with all tests' answers."""
        today = [expression(resolve(test, self._as_of, self._zone)).alias(name) for test, name in names.items()]
        rows = [self._frame.with_columns(nw.lit(0, nw.Int32).alias(AHEAD)).select(_place_in_time(), *today)]
        rows += [steps.select(_place_in_time(), nw.col(ANSWER).alias(name)) for name, steps in parts]
        # Today's row answers for all tests, so nothing flows from one customer to the next.
        laid = (
            nw.concat(rows, how="diagonal")
            .sort("order")
            .with_columns(nw.col(*names.values()).fill_null(strategy="forward"))
        )
        return laid.filter(is_last("order")).with_columns(
            (nw.col("order") // _AGES).cast(self._frame.schema["customer"]).alias("customer"),
            (nw.col("order") % _AGES).cast(nw.Int32).alias(AHEAD),
        )

    def _changes(self, laid: Frame, scheme: Scheme) -> Frame:
        """Keep the rows whose class is not the one before, or has held long enough."""
        changes = laid.filter(~is_first("customer") & is_first(CLASS)).select("customer", AHEAD, CLASS)
        return damped_steps(changes, self._frame, scheme) if scheme.is_damped else changes

    def _in_effect(self, steps: Frame, scheme: Scheme) -> Frame:
        """Leave out those whose class in effect does not follow the rules: a person decides."""
        for column in (f"fixed.{scheme.dimension}", f"standing.{scheme.dimension}"):
            if column in self._frame.columns and (column.startswith("fixed.") or scheme.mode != "auto"):
                held = self._frame.filter(~nw.col(column).is_null()).select("customer")
                steps = steps.join(held, on="customer", how="anti")
        return steps

    def _until(self, first: Frame, scheme: Scheme) -> Frame:
        """Put in the days on which what a person fixed ends, where those come first."""
        until = f"until.{scheme.dimension}"
        if until not in self._frame.columns:
            return first
        ends = self._frame.filter(~nw.col(until).is_null()).select(
            "customer",
            (-engine_facts.days_before(self._as_of, until)).alias("end"),
            nw.col(f"computed.{scheme.dimension}").alias("then"),
        )
        both = ends.join(first, on="customer", how="left")
        ends_first = (nw.col("end") < nw.col(AHEAD)).fill_null(value=True)
        both = both.select(
            "customer",
            nw.when(ends_first).then(nw.col("end")).otherwise(nw.col(AHEAD)).cast(nw.Int32).alias(AHEAD),
            nw.when(ends_first).then(nw.col("then")).otherwise(nw.col(CLASS)).alias(CLASS),
        )
        return nw.concat([first.join(ends, on="customer", how="anti"), both])

    def _test_steps(self, test: Test) -> Frame | None:
        """Return (customer, ahead, answer); `None` when the answer never turns."""
        metric = METRICS[test.ref.name] if test.ref.source == "metric" else None
        if metric is not None and metric.is_days_since:
            return self._days_since(test)
        if test.op not in _RELATIVE and test.op != _ANNIVERSARY:
            return self._windows.steps(test)
        return self._of_date(test) if test.ref.days is None else self._of_moving_date(test)

    def _of_class(self, test: Test) -> Frame:
        steps = self._classes[test.ref.name].rename({CLASS: str(test.ref)})
        answer = expression(resolve(test, self._as_of, self._zone))
        return steps.with_columns(answer.alias(ANSWER)).select("customer", AHEAD, ANSWER)

    def _days_since(self, test: Test) -> Frame | None:
        """Find when a number that grows by one a day reaches a bound, or comes to be."""
        days = engine_facts.AGE if test.ref == engine_facts.CREATED else str(test.ref)
        parts = []
        for value in _turning_values(test):
            answer = self._ask(test, value)
            if answer != self._ask(test, value - 1 if value else None):
                ahead = (value - nw.col(days)).cast(nw.Int32).alias(AHEAD)
                later = self._frame.select("customer", ahead, nw.lit(answer).alias(ANSWER))
                parts.append(later.filter(nw.col(AHEAD).is_between(1, (LAST_DAY - self._as_of).days)))
        return nw.concat(parts) if parts else None

    def _ask(self, test: Test, value: int | None) -> bool:
        return ask(test, value, self._as_of, self._zone)

    def _of_date(self, test: Test) -> Frame:
        """Find when moving bounds pass a date that stays."""
        name = str(test.ref)
        known = self._frame.filter(~nw.col(name).is_null()).select("customer", name)
        turns = self._answers(test, known[name]).filter(nw.col(AHEAD) > 0)
        return known.join(turns, on=name, how="inner").select("customer", AHEAD, ANSWER)

    def _of_moving_date(self, test: Test) -> Frame | None:
        """Find when moving bounds pass a date that itself changes as events leave the window."""
        left = self._windows.left(test.ref)
        if left is None:
            return None
        name = str(test.ref)
        since = nw.when(~is_last("customer")).then(nw.col(AHEAD).shift(-1)).otherwise(0)
        spans = left.select("customer", nw.col("before").alias(name), since.alias("since"), nw.col(AHEAD).alias("end"))
        met = spans.join(self._answers(test, left["before"]), on=name, how="inner")
        met = met.filter((nw.col("since") < nw.col(UNTIL)) & (nw.col(AHEAD) < nw.col("end")))
        steps = met.select("customer", nw.max_horizontal("since", AHEAD).alias(AHEAD), ANSWER)
        nothing = nw.lit(self._ask(test, None)).alias(ANSWER)
        gone = left.filter(is_first("customer")).select("customer", AHEAD, nothing)
        return nw.concat([steps, gone]).filter(nw.col(AHEAD) > 0)

    def _answers(self, test: Test, dates: nw.Series[Any]) -> Frame:
        """Return (date, ahead, until, answer): what a test says of each date, from when to when."""
        rows: list[tuple[date, int, int, bool]] = []
        for value in dates.unique().to_list():
            if test.op == _ANNIVERSARY:
                steps = self._anniversaries(value, cast("Span", test.value).count)
            else:
                steps = value_steps(test, value, self._as_of, self._zone)
            aheads = [(day - self._as_of).days for day, _ in steps]
            ends = [*aheads[1:], _AGES]
            rows += [(value, *span, answer) for *span, (_, answer) in zip(aheads, ends, steps, strict=True)]
        types = {str(test.ref): test.type, AHEAD: FieldType.INTEGER, UNTIL: FieldType.INTEGER, ANSWER: FieldType.BOOL}
        columns = {name: (type_, [row[at] for row in rows]) for at, (name, type_) in enumerate(types.items())}
        return polars.typed_columns(columns).with_columns(nw.col(AHEAD, UNTIL).cast(nw.Int32))

    def _anniversaries(self, birth: date, reach: int) -> list[tuple[date, bool]]:
        """Return whether an anniversary is within reach: today, and on the days on which one comes or is over."""
        days = [_anniversary(birth, year) for year in range(self._as_of.year, self._last_year + 2)]
        turns = {turn for day in days[:-1] for turn in (add_days(day, -reach), add_days(day, 1)) if turn > self._as_of}
        steps: list[tuple[date, bool]] = []
        at = 0
        for turn in [self._as_of, *sorted(turns)]:
            while days[at] < turn:
                at += 1
            steps.append((turn, (days[at] - turn).days <= reach))
        return steps


def _place_in_time() -> nw.Expr:
    """Return one number for customer and day ahead: it sorts faster than two."""
    return (nw.col("customer").cast(nw.Int64) * _AGES + nw.col(AHEAD)).alias("order")


def _reads_classes(scheme: Scheme) -> bool:
    return any(ref.source == "class" for ref in scheme.refs())


def _turning_values(test: Test) -> list[int]:
    """Return the numbers of days at which the answer of a test may turn; 0, when there begins to be one."""
    values = test.value if isinstance(test.value, tuple) else (test.value,)
    bounds = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
    return sorted({0} | {bound + more for bound in bounds for more in (0, 1) if 0 < bound + more < _AGES})


def _anniversary(birth: date, year: int) -> date:
    """Return that year's anniversary; 29 February falls on the 28th in years that have no 29th."""
    try:
        return birth.replace(year=year)
    except ValueError:
        return birth.replace(year=year, day=28)
