"""When time alone will change a class: the steps that each test takes after `as_of`, merged.

A step is (customer, ahead, answer): from `ahead` days after `as_of` on, the test answers so. Each
test finds its own steps over all customers at once; a dimension's are laid over one another,
and its condition is asked only on the days on which some test turns. What
`zhike.core.projection` says of one customer, this says of all.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, cast

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

# More days than there are in 9 999 years.
_AGES = 1 << 22
_RELATIVE = frozenset({"in_last", "not_in_last", "before_last", "in_next", "after_next", "in_period"})
_ANNIVERSARY = "anniversary_within"
# Anniversaries come back for ever. A century of them is looked at as long as that is no burden;
# after twenty years, leap days included, nothing new can come of them beside rules of some years.
_CENTURY, _DECADES = 110, 20
_BURDEN = 20_000


class Projection:
    """The coming steps of all customers of a frame of facts and classes."""

    def __init__(self, schemes: Iterable[Scheme], frame: Frame, ago: Ago, as_of: date, zone: ZoneInfo) -> None:
        self._frame = frame
        self._ago = ago
        self._as_of = as_of
        self._zone = zone
        self._windows = fading.Windows(ago, tests_of(schemes), frame)
        self._steps: dict[str, Frame] = {}

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
        name = f"next_change.{scheme.dimension}"
        steps = self._class_steps(scheme)
        self._steps[scheme.dimension] = self._in_effect(steps, scheme)
        begins = (nw.col("customer") != nw.col("customer").shift(1)).fill_null(value=True)
        first = self._until(steps.filter(begins), scheme).rename({CLASS: f"next_class.{scheme.dimension}"})
        aheads = first[AHEAD].unique().to_list()
        days = polars.typed_columns(
            {
                AHEAD: (FieldType.INTEGER, aheads),
                name: (FieldType.DATE, [add_days(self._as_of, ahead) for ahead in aheads]),
            }
        ).with_columns(nw.col(AHEAD).cast(nw.Int32))
        return first.join(days, on=AHEAD, how="left").select("customer", name, f"next_class.{scheme.dimension}")

    def _class_steps(self, scheme: Scheme) -> Frame:
        """Return (customer, ahead, class) of every change of class after `as_of`."""
        ruled = [c.when for c in scheme.classes if c.when is not None]
        names = {test: f"t{index}" for index, test in enumerate(tests_of([scheme]))}
        found = [(name, self._test_steps(test)) for test, name in names.items()]
        parts = [(name, steps.rename({ANSWER: name})) for name, steps in found if steps is not None and len(steps)]
        if not parts:
            return self._no_steps()
        laid = self._laid_over(names, parts)
        answers = [over_columns(when, names) for when in ruled]
        return self._changes(laid.with_columns(first_match(scheme, answers).alias(CLASS)), scheme)

    def _no_steps(self) -> Frame:
        return self._frame.head(0).select("customer", nw.lit(0, nw.Int32).alias(AHEAD), nw.lit("").alias(CLASS))

    def _laid_over(self, names: dict[Test, str], parts: list[tuple[str, Frame]]) -> Frame:
        """Return a row for each day on which some test of a customer turns, with all tests' answers."""
        moving = {name for name, _ in parts}
        columns = list(names.values())
        first = self._initial(names, parts)
        shown = [name for name in columns if name in moving]
        rows = [first.select(_place_in_time(), *shown)]
        for name, steps in parts:
            filled = [nw.col(name) if other == name else nw.lit(None, nw.Boolean).alias(other) for other in shown]
            rows.append(steps.select(_place_in_time(), *filled))
        # Every customer's first row answers for all tests, so nothing flows from one to the next.
        laid = nw.concat(rows).sort("order").with_columns(nw.col(*shown).fill_null(strategy="forward"))
        last = nw.col("order") != nw.col("order").shift(-1)
        laid = laid.filter(last.fill_null(value=True)).with_columns(
            (nw.col("order") // _AGES).cast(first.schema["customer"]).alias("customer"),
            (nw.col("order") % _AGES).cast(nw.Int32).alias(AHEAD),
        )
        still = [name for name in columns if name not in moving]
        return laid.join(first.select("customer", *still), on="customer", how="left") if still else laid

    def _initial(self, names: dict[Test, str], parts: list[tuple[str, Frame]]) -> Frame:
        """Return today's answers of the customers for whom some test will turn."""
        moved = nw.concat([steps.select("customer") for _, steps in parts]).unique("customer")
        today = [expression(resolve(test, self._as_of, self._zone)).alias(name) for test, name in names.items()]
        frame = self._frame.join(moved, on="customer", how="semi")
        frame = frame.with_columns(*today, nw.lit(0, nw.Int32).alias(AHEAD))
        return frame.select("customer", AHEAD, *names.values())

    def _changes(self, laid: Frame, scheme: Scheme) -> Frame:
        """Keep the rows whose class is not the one before, or has held long enough."""
        same = (nw.col("customer") == nw.col("customer").shift(1)) & (nw.col(CLASS) != nw.col(CLASS).shift(1))
        changes = laid.filter(same.fill_null(value=False)).select("customer", AHEAD, CLASS)
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
        match test.ref.source:
            case "class":
                return self._of_class(test)
            case "metric":
                return self._of_metric(test)
            case _:
                return self._of_field(test)

    def _of_class(self, test: Test) -> Frame:
        steps = self._steps[test.ref.name].rename({CLASS: str(test.ref)})
        answer = expression(resolve(test, self._as_of, self._zone))
        return steps.with_columns(answer.alias(ANSWER)).select("customer", AHEAD, ANSWER)

    def _of_metric(self, test: Test) -> Frame | None:
        metric = METRICS[test.ref.name]
        if metric.is_days_since:
            return self._days_since(test)
        return self._windows.steps(test)

    def _days_since(self, test: Test) -> Frame | None:
        """Find when a number that grows by one a day reaches a bound, or comes to be."""
        days = engine_facts.AGE if test.ref == engine_facts.CREATED else str(test.ref)
        parts = []
        for value in _turning_values(test):
            answer = self._ask(test, value)
            if answer != self._ask(test, value - 1 if value else None):
                later = self._frame.filter(nw.col(days) < value)
                ahead = (value - nw.col(days)).cast(nw.Int32).alias(AHEAD)
                parts.append(later.select("customer", ahead, nw.lit(answer).alias(ANSWER)))
        return nw.concat(parts) if parts else None

    def _ask(self, test: Test, value: int | None) -> bool:
        return ask(test, value, self._as_of, self._zone)

    def _of_field(self, test: Test) -> Frame | None:
        """Find when moving bounds pass a date that stays; each distinct date once."""
        if test.op not in _RELATIVE and test.op != _ANNIVERSARY:
            return None
        name = str(test.ref)
        known = self._frame.filter(~nw.col(name).is_null()).select("customer", name)
        rows: list[tuple[object, int, bool]] = []
        for value in known[name].unique().to_list():
            if test.op == _ANNIVERSARY:
                steps = _anniversaries(value, cast("Span", test.value).count, self._as_of, len(known))
            else:
                steps = value_steps(test, value, self._as_of, self._zone)[1:]
            rows += [(value, (day - self._as_of).days, answer) for day, answer in steps]
        if not rows:
            return None
        values, aheads, answers = zip(*rows, strict=True)
        turns = polars.typed_columns(
            {
                name: (test.type, values),
                AHEAD: (FieldType.INTEGER, aheads),
                ANSWER: (FieldType.BOOL, answers),
            }
        )
        found = known.join(turns, on=name, how="inner")
        return found.select("customer", nw.col(AHEAD).cast(nw.Int32), ANSWER)


def _place_in_time() -> nw.Expr:
    """Return one number for customer and day ahead: it sorts faster than two."""
    ahead = nw.col(AHEAD).cast(nw.Int64).clip(upper_bound=_AGES - 1)
    return (nw.col("customer").cast(nw.Int64) * _AGES + ahead).alias("order")


def _reads_classes(scheme: Scheme) -> bool:
    return any(ref.source == "class" for ref in scheme.refs())


def _turning_values(test: Test) -> list[int]:
    """Return the numbers of days at which the answer of a test may turn; 0, when there begins to be one."""
    values = test.value if isinstance(test.value, tuple) else (test.value,)
    bounds = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
    return sorted({0} | {bound + more for bound in bounds for more in (0, 1) if bound + more > 0})


def _anniversaries(birth: date, reach: int, as_of: date, customers: int) -> list[tuple[date, bool]]:
    """Return the days on which an anniversary comes within reach or is over, and the answer then."""
    years = _CENTURY if customers <= _BURDEN else _DECADES
    days = [_anniversary(birth, year) for year in range(as_of.year, min(as_of.year + years + 1, LAST_DAY.year))]
    turns = sorted({turn for day in days for turn in (add_days(day, -reach), add_days(day, 1))})
    steps: list[tuple[date, bool]] = []
    at = 0
    for turn in turns:
        while at < len(days) and days[at] < turn:
            at += 1
        if turn > as_of and at < len(days):
            steps.append((turn, (days[at] - turn).days <= reach))
    return steps


def _anniversary(birth: date, year: int) -> date:
    """Return that year's anniversary; 29 February falls on the 28th in years that have no 29th."""
    try:
        return birth.replace(year=year)
    except ValueError:
        return birth.replace(year=year, day=28)
