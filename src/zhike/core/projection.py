"""What time alone will do: the answers of the coming days if nothing else happens.

An answer over time is a list of steps, (day, answer) from `as_of` on. Each test has its own;
those of the connectives and of a scheme follow by merging. Nothing is evaluated on a day on
which no test can have changed.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from zhike.core.conditions.evaluate import PYTHON, test_value
from zhike.core.conditions.nodes import All, Any, Not, Span, Test, leaves
from zhike.core.conditions.resolve import resolve
from zhike.core.damping import damp
from zhike.core.dates import FIRST_DAY, LAST_DAY, add_days, month_day
from zhike.core.folds import fading, in_window
from zhike.core.metrics import METRICS, Fold
from zhike.core.schemes import in_dependency_order, in_effect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from zhike.core.conditions.nodes import Node
    from zhike.core.facts import Ref, Value
    from zhike.core.history import History
    from zhike.core.schemes import Scheme

type Steps[T] = list[tuple[date, T]]

# Anniversaries come back for ever; no window is longer than a century.
_ANNIVERSARIES = 110
# A first look goes back twice the longest time that a class must hold, and doubles until it is certain.
_LOOK_BACK = 2
_RELATIVE = {"in_last", "not_in_last", "before_last", "in_next", "after_next", "in_period"}
_DATES = frozenset({Fold.FIRST_AT, Fold.LAST_AT})
_AGES = frozenset({Fold.DAYS_SINCE_FIRST, Fold.DAYS_SINCE_LAST})
_ANY_ZONE = ZoneInfo("UTC")


class Projection:
    """The coming steps of one customer's tests and classes.

    Where a class has to hold for days, the steps begin some days back: as far as it takes to be
    certain of the class of `as_of`.
    """

    def __init__(self, history: History, schemes: Iterable[Scheme], as_of: date) -> None:
        self._history = history
        self._as_of = as_of
        ordered = in_dependency_order(schemes)
        reach = max((c.hold_days for s in ordered if s.is_damped for c in s.classes), default=0)
        began = history.began()
        first = min(began, as_of) if began else as_of
        self._since = max(first, add_days(as_of, -_LOOK_BACK * reach))
        self._tests: dict[Test, Steps[bool]] = {}
        self._values: dict[tuple[Ref, date], Steps[Value]] = {}
        self._computed: dict[str, Steps[str]] = {}
        self._classes: dict[str, Steps[str]] = {}
        while not self._settled(ordered, first):
            self._since = max(first, add_days(as_of, -_LOOK_BACK * (as_of - self._since).days))

    def classes(self, dimension: str) -> Steps[str]:
        """Return the keys of the classes in effect, from `as_of` on."""
        return _from(self._classes[dimension], self._as_of)

    def computed(self, dimension: str) -> Steps[str]:
        """Return the keys of the classes that the rules alone give, from `as_of` on."""
        return _from(self._computed[dimension], self._as_of)

    def next_change(self, dimension: str) -> tuple[date, str] | None:
        """Return the day on which time alone changes the class in effect, and the class then."""
        steps = self.classes(dimension)
        return steps[1] if len(steps) > 1 else None

    def next_turn(self, dimension: str) -> date | None:
        """Return the day on which time alone changes the class in effect or what the rules say.

        The end of what a person fixed is one as well, even where the rules say the same.
        """
        both = self.classes(dimension), self.computed(dimension)
        days = [steps[1][0] for steps in both if len(steps) > 1]
        fixed = self._history.fixed.get(dimension)
        if fixed and fixed.until and fixed.until > self._as_of:
            days.append(fixed.until)
        return min(days, default=None)

    def answers(self, node: Node) -> Steps[bool]:
        """Return whether the condition holds, from `as_of` or some days before it on."""
        match node:
            case Test():
                return self._test_steps(node)
            case Not():
                return [(day, not answer) for day, answer in self.answers(node.node)]
            case All():
                return _merge([self.answers(child) for child in node.nodes], all, self._since)
            case Any():
                return _merge([self.answers(child) for child in node.nodes], any, self._since)

    def _settled(self, ordered: Sequence[Scheme], first: date) -> bool:
        """Work out all steps from `since` on; say whether that was far enough back to be certain."""
        self._tests.clear()
        known: dict[str, date] = {}
        for scheme in ordered:
            read = [known[dimension] for dimension in scheme.dimensions_read() if dimension in known]
            begins = max(read, default=self._since)
            steps = _from(self._ruled_steps(scheme), begins)
            if scheme.is_damped:
                hold_days = {class_.key: class_.hold_days for class_ in scheme.classes}
                steps = damp(steps, hold_days.__getitem__, from_the_start=begins <= first)
                if not steps or steps[0][0] > self._as_of:
                    return False
            known[scheme.dimension] = steps[0][0]
            self._computed[scheme.dimension] = steps
            self._classes[scheme.dimension] = self._effective(scheme, steps)
        return True

    def _ruled_steps(self, scheme: Scheme) -> Steps[str]:
        return _merge([self._test_steps(test) for test in scheme.tests()], scheme.first, self._since)

    def _effective(self, scheme: Scheme, computed: Steps[str]) -> Steps[str]:
        """Lay over the rules what people decided. Before `as_of` only what they fixed is known."""
        fixed = self._history.fixed.get(scheme.dimension)
        standing = "" if fixed else self._history.standing.get(scheme.dimension, "")
        if not fixed and not standing:
            return computed
        days = {day for day, _ in computed} | {self._as_of}
        if fixed and fixed.until:
            days |= {max(fixed.until, computed[0][0])}
        found: Steps[str] = []
        for day in sorted(days):
            key = _value_on(computed, day)
            if fixed and fixed.holds(day):
                key = fixed.key
            elif standing and day >= self._as_of:
                key = standing = in_effect(scheme, key, standing=standing)
            found.append((day, key))
        return _compress(found)

    def _test_steps(self, test: Test) -> Steps[bool]:
        known = self._tests.get(test)
        if known is None:
            known = self._find_steps(test)
            self._tests[test] = known
        return known

    def _find_steps(self, test: Test) -> Steps[bool]:
        history = self._history
        match test.ref.source:
            case "class":
                return _compress([(day, self._ask(test, key, day)) for day, key in self._classes[test.ref.name]])
            case "metric":
                return self._metric_steps(test)
            case _:
                value = history.value(test.ref, test.type, self._as_of)
                return value_steps(test, value, self._since, history.zone)

    def _ask(self, test: Test, value: Value, day: date) -> bool:
        return ask(test, value, day, self._history.zone)

    def _metric_steps(self, test: Test) -> Steps[bool]:
        """Join what time does to the metric between one event that it reads and the next."""
        if self._since == self._as_of:
            return _compress(self._metric_steps_from(test, self._since))
        items = in_window(self._history.contributions(test.ref.name), self._as_of, None)
        starts = [self._since, *sorted({item.day for item in items if item.day > self._since})]
        found: Steps[bool] = []
        for index, start in enumerate(starts):
            end = starts[index + 1] if index + 1 < len(starts) else None
            found += [step for step in self._metric_steps_from(test, start) if end is None or step[0] < end]
        return _compress(found)

    def _metric_steps_from(self, test: Test, start: date) -> Steps[bool]:
        """Return the steps from a day on if nothing happened after it."""
        metric = METRICS[test.ref.name]
        if metric.fold in _AGES:
            value = self._history.value(test.ref, test.type, start)
            since = self._looked_back_to(metric.key, cast("int | None", value), start)
            return days_since_steps(test, since, start)
        values = self._values_from(test.ref, start)
        if metric.fold in _DATES:
            return self._date_metric_steps(test, values)
        answer = _of_number(test)
        return [(day, answer(seen)) for day, seen in values]

    def _values_from(self, ref: Ref, start: date) -> Steps[Value]:
        """Return a metric's value on a day, and what events leaving the window make of it; several tests ask for the same."""
        key = (ref, start)
        found = self._values.get(key)
        if found is None:
            metric, given = METRICS[ref.name], self._history.contributions(ref.name)
            found = [(start, self._history.value(ref, metric.type, start))]
            if given and ref.days is not None:
                found += fading(metric, in_window(given, start, ref.days), ref.days)
            self._values[key] = found
        return found

    def _looked_back_to(self, key: str, days: int | None, start: date) -> date | None:
        """Return the day looked back to. Only the record itself may begin on a day yet to come."""
        if days is not None:
            return add_days(start, -days)
        began = self._history.contributions(key) if key == "days_since_created" else []
        return began[0].day if began else None

    def _date_metric_steps(self, test: Test, values: Steps[Value]) -> Steps[bool]:
        """Join what time does to each value while it lasts."""
        found: Steps[bool] = []
        for index, (day, value) in enumerate(values):
            end = values[index + 1][0] if index + 1 < len(values) else None
            steps = value_steps(test, value, day, self._history.zone)
            found += [step for step in steps if end is None or step[0] < end]
        return found


def next_flip(node: Node, history: History, as_of: date, schemes: Iterable[Scheme] = ()) -> date | None:
    """Return the earliest day on which time alone changes the answer, or None for never.

    `schemes` are those whose classes the condition reads.
    """
    steps = _from(Projection(history, schemes, as_of).answers(node), as_of)
    return steps[1][0] if len(steps) > 1 else None


def ask(test: Test, value: Value, day: date, zone: ZoneInfo) -> bool:
    """Say whether a value passes the test on a day."""
    return _holds(resolve(test, day, zone), value)


def _holds(node: Node, value: Value) -> bool:
    """Evaluate the kernel form of one test, all of whose leaves read the same fact."""
    match node:
        case Test():
            if node.ref.part and value is not None:
                return test_value(node, month_day(cast("date", value)))
            return test_value(node, value)
        case Not():
            return not _holds(node.node, value)
        case All():
            return all(_holds(child, value) for child in node.nodes)
        case Any():
            return any(_holds(child, value) for child in node.nodes)


@lru_cache(maxsize=4096)
def _of_number(test: Test) -> Callable[[Value], bool]:
    """Return what says whether a number passes: numbers are compared alike on every day and in every zone."""
    return _answering(resolve(test, FIRST_DAY, _ANY_ZONE))


def _answering(node: Node) -> Callable[[Value], bool]:
    match node:
        case Test():
            op, bound = node.op, node.value
            return lambda value: value is not None and PYTHON[op](value, bound)
        case Not():
            inner = _answering(node.node)
            return lambda value: not inner(value)
        case All():
            every = [_answering(child) for child in node.nodes]
            return lambda value: all(answer(value) for answer in every)
        case Any():
            some = [_answering(child) for child in node.nodes]
            return lambda value: any(answer(value) for answer in some)


def days_since_steps(test: Test, since: date | None, as_of: date) -> Steps[bool]:
    """Return the steps of a test on the days since a day, which may itself lie ahead."""
    if since is None:
        return [(as_of, _of_number(test)(None))]
    bounds = cast("tuple[int, ...]", test.value if isinstance(test.value, tuple) else (test.value or 0,))
    days = {as_of, since} | {add_days(since, bound + more) for bound in bounds for more in (0, 1)}
    ages = [(day, (day - since).days if day >= since else None) for day in sorted(days) if day >= as_of]
    answer = _of_number(test)
    return _compress([(day, answer(age)) for day, age in ages])


def value_steps(test: Test, value: Value, as_of: date, zone: ZoneInfo) -> Steps[bool]:
    """Return the steps of a test on a value that stays the same while its bounds move on."""
    if value is None or test.op not in _RELATIVE | {"anniversary_within"}:
        return [(as_of, ask(test, value, as_of, zone))]
    if test.op == "anniversary_within":
        days = _anniversary_days(cast("date", value), cast("Span", test.value).count, as_of)
    else:
        days = _bound_days(test, value, as_of, zone)
    return _compress([(day, ask(test, value, day, zone)) for day in [as_of, *days]])


def _bound_days(test: Test, value: Value, as_of: date, zone: ZoneInfo) -> list[date]:
    """Return the days on which a bound passes the value.

    The bounds only ever move forward, so each kernel test answers one way up to some day and
    the other way from it on: look for that day by halving.
    """

    def answer(index: int, day: date) -> bool:
        return test_value(list(leaves(resolve(test, day, zone)))[index], value)

    found: set[date] = set()
    for index, _ in enumerate(leaves(resolve(test, as_of, zone))):
        if answer(index, as_of) == answer(index, LAST_DAY):
            continue
        low, high = as_of.toordinal(), LAST_DAY.toordinal()
        while high - low > 1:
            middle = (low + high) // 2
            if answer(index, date.fromordinal(middle)) == answer(index, as_of):
                low = middle
            else:
                high = middle
        found.add(date.fromordinal(high))
    return sorted(found)


def _anniversary_days(birth: date, days: int, as_of: date) -> list[date]:
    """Return the days on which an anniversary comes within reach or is over."""
    found: set[date] = set()
    for year in range(as_of.year, min(as_of.year + _ANNIVERSARIES, LAST_DAY.year)):
        day = _anniversary(birth, year)
        found |= {add_days(day, -days), add_days(day, 1)}
    return sorted(day for day in found if day > as_of)


def _anniversary(birth: date, year: int) -> date:
    try:
        return birth.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def _compress[T](steps: Steps[T]) -> Steps[T]:
    """Drop the steps that change nothing."""
    if len(steps) == 1:
        return steps
    kept: Steps[T] = []
    for day, answer in steps:
        if not kept or kept[-1][1] != answer:
            kept.append((day, answer))
    return kept


def _merge[T](parts: Sequence[Steps[bool]], combine: Callable[[list[bool]], T], as_of: date) -> Steps[T]:
    """Return the steps of a combination of answers, from `as_of` on, where each of them begins or later."""
    answers = [steps[0][1] for steps in parts]
    turns: dict[date, list[tuple[int, bool]]] = {}
    for index, steps in enumerate(parts):
        for day, answer in steps[1:]:
            turns.setdefault(day, []).append((index, answer))
    found = [(as_of, combine(answers))]
    for day in sorted(turns):
        for index, answer in turns[day]:
            answers[index] = answer
        combined = combine(answers)
        if combined != found[-1][1]:
            found.append((day, combined))
    return found


def _from[T](steps: Steps[T], day: date) -> Steps[T]:
    """Return the steps from a day on, the first of them on that day unless they begin later."""
    if steps[0][0] >= day:
        return steps
    return [(day, _value_on(steps, day)), *(step for step in steps if step[0] > day)]


def _value_on[T](steps: Steps[T], day: date) -> T:
    if len(steps) == 1:
        return steps[0][1]
    return steps[bisect_right(steps, day, key=lambda step: step[0]) - 1][1]
