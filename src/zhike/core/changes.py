"""What would change a class: the passing of time, one more event, another value in a field.

Every change named here was tried: the event is added, the field set or the clock turned, and
the customer placed again by the same rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from zhike.core.conditions.nodes import Test, leaves
from zhike.core.events import Event
from zhike.core.facts import FieldType, Ref, Unit
from zhike.core.metrics import METRICS, Fold
from zhike.core.money import format_money
from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from zhike.core.facts import FieldSet, Value
    from zhike.core.history import History
    from zhike.core.metrics import Metric
    from zhike.core.projection import Projection
    from zhike.core.schemes import Scheme
    from zhike.core.text import Language

# Beyond this nobody reads "14 more orders" as advice.
MAX_COUNT = 12
MAX_CHANGES = 4

# What is missing when a metric falls, by the first kind that it counts.
_QUIET = {
    "order.placed": Text("新订单", "new order"),
    "page.viewed": Text("新的浏览", "new visit to the site"),
    "inquiry.received": Text("新的咨询", "new inquiry"),
    "call.made": Text("联系或互动", "contact"),
    "call.received": Text("客户来联", "word from them"),
    "payment.received": Text("新的回款", "new payment"),
}
_ANYTHING = Text("新的动态", "new activity")


@dataclass(frozen=True, slots=True)
class ByTime:
    """On `day` the class becomes `to` if until then nothing of `quiet` happens.

    `is_asked`: the rules say so from that day on, and a person has to agree first.
    """

    to: str
    day: date
    quiet: tuple[Text, ...] = ()
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class ByEvent:
    """`count` events that this metric counts, or one worth `amount`, today, lead to `to`."""

    to: str
    metric: str
    count: int = 1
    amount: int = 0


@dataclass(frozen=True, slots=True)
class ByField:
    """The field set to `value` leads to `to`."""

    to: str
    ref: Ref
    value: Value


type Change = ByTime | ByEvent | ByField


def changes(schemes: Sequence[Scheme], history: History, dimension: str, as_of: date) -> list[Change]:
    """Return what would change the class in a dimension: time first, then the smallest steps."""
    search = _Search(schemes, history, dimension, as_of)
    return [*search.by_time(), *search.by_doing()][:MAX_CHANGES]


def by_time(schemes: Sequence[Scheme], history: History, dimension: str, as_of: date) -> ByTime | None:
    """Return what time alone will do to the class in a dimension."""
    return next(_Search(schemes, history, dimension, as_of).by_time(), None)


class _Search:
    def __init__(self, schemes: Sequence[Scheme], history: History, dimension: str, as_of: date) -> None:
        self._schemes = schemes
        self._scheme = next(s for s in schemes if s.dimension == dimension)
        self._history = history
        self._as_of = as_of
        self._ref = Ref(f"class.{dimension}")
        self._facts = history.facts(schemes, as_of)
        self._now = cast("str", self._facts[self._ref])

    def by_time(self) -> Iterator[ByTime]:
        projection = self._history.projection(self._schemes, self._as_of)
        found = projection.next_change(self._scheme.dimension)
        asked = None if found else self._next_asked(projection)
        if found is None and asked is None:
            return
        day, to = cast("tuple[date, str]", found or asked)
        turned = [t for t in self._tests() if _turned(projection.answers(t), day)]
        quiet = tuple(dict.fromkeys(_quiet(t) for t in turned if _is_quiet(t)))
        yield ByTime(to, day, quiet, is_asked=asked is not None)

    def _next_asked(self, projection: Projection) -> tuple[date, str] | None:
        """Return the day on which the rules begin to give another class that has to wait, and that class."""
        if self._history.fixed.get(self._scheme.dimension):
            return None
        steps = projection.computed(self._scheme.dimension)
        return steps[1] if len(steps) > 1 and steps[0][1] == self._now else None

    def by_doing(self) -> list[Change]:
        """Try a step for every test of the scheme and keep those that lead to another class."""
        found: dict[tuple[str, str], Change] = {}
        for test in self._tests():
            for change, histories in self._steps(test):
                to = self._agreed(histories)
                if to is None or to == self._now:
                    continue
                done = _with_class(change, to)
                key = (to, _effort_key(done))
                if key not in found or _size(done) < _size(found[key]):
                    found[key] = done
        return sorted(found.values(), key=lambda change: (_rank(change), _size(change)))

    def _tests(self) -> list[Test]:
        return list(dict.fromkeys(t for c in self._scheme.classes if c.when is not None for t in leaves(c.when)))

    def _agreed(self, histories: Iterable[History]) -> str | None:
        """Return the class that all variants of a step lead to."""
        classes = {cast("str", h.facts(self._schemes, self._as_of)[self._ref]) for h in histories}
        return classes.pop() if len(classes) == 1 else None

    def _steps(self, test: Test) -> Iterator[tuple[Change, list[History]]]:
        match test.ref.source:
            case "metric":
                yield from self._events(test, METRICS[test.ref.name])
            case "customer" | "custom":
                yield from self._fields(test)

    def _events(self, test: Test, metric: Metric) -> Iterator[tuple[Change, list[History]]]:
        seen = self._facts[test.ref]
        for bound in _bounds(test):
            if metric.fold is Fold.SUM:
                missing = bound - cast("int", seen or 0)
                if missing > 0:
                    yield self._one_worth(metric, missing)
            elif metric.is_days_since and metric.kinds:
                yield self._some(metric, 1)
            elif metric.fold in {Fold.COUNT, Fold.DISTINCT_DAYS}:
                missing = bound - cast("int", seen or 0)
                most = 1 if metric.fold is Fold.DISTINCT_DAYS else MAX_COUNT
                if 0 < missing <= most:
                    yield self._some(metric, missing)

    def _one_worth(self, metric: Metric, amount: int) -> tuple[Change, list[History]]:
        data = {} if metric.value == "amount" else {metric.value: amount}
        worth = amount if metric.value == "amount" else 0
        event = Event(metric.kinds[0], self._as_of, worth, {**data, **_where(metric)})
        return ByEvent("", metric.key, 1, amount), [self._history.with_events([event])]

    def _some(self, metric: Metric, count: int) -> tuple[Change, list[History]]:
        """Add `count` events, once of the smallest and once of a usual amount: both must agree."""
        amounts = (1, self._usual_amount()) if metric.kinds[0] == "order.placed" else (0,)
        variants = [
            self._history.with_events([Event(metric.kinds[0], self._as_of, amount, _where(metric))] * count)
            for amount in amounts
        ]
        return ByEvent("", metric.key, count), variants

    def _usual_amount(self) -> int:
        usual = self._history.value(Ref("metric.average_order"), FieldType.INTEGER, self._as_of)
        return max(1, cast("int", usual or 1))

    def _fields(self, test: Test) -> Iterator[tuple[Change, list[History]]]:
        if test.op not in {"eq", "in"} or test.type not in {FieldType.CHOICE, FieldType.BOOL}:
            return
        for value in cast("tuple[Value, ...]", test.value if isinstance(test.value, tuple) else (test.value,)):
            if value != self._facts[test.ref]:
                yield ByField("", test.ref, value), [self._history.with_field(test.ref, value)]


def _bounds(test: Test) -> list[int]:
    """Return the numbers at which the answer of a test can turn as its fact grows."""
    values = test.value if isinstance(test.value, tuple) else (test.value,)
    numbers = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
    return sorted({bound + (test.op in {"gt", "lte"}) for bound in numbers})


def _where(metric: Metric) -> dict[str, object]:
    return {metric.where[0]: metric.where[1]} if metric.where else {}


def _turned(steps: Sequence[tuple[date, bool]], day: date) -> bool:
    return any(when == day for when, _ in steps[1:])


def _is_quiet(test: Test) -> bool:
    """Say whether new events would keep the test from turning; the age of a first event grows regardless."""
    return test.ref.source == "metric" and METRICS[test.ref.name].fold is not Fold.DAYS_SINCE_FIRST


def _quiet(test: Test) -> Text:
    metric = METRICS[test.ref.name]
    return _QUIET.get(metric.kinds[0], _ANYTHING) if metric.kinds else _ANYTHING


def _with_class(change: Change, to: str) -> Change:
    match change:
        case ByTime():
            return change
        case ByEvent():
            return ByEvent(to, change.metric, change.count, change.amount)
        case ByField():
            return ByField(to, change.ref, change.value)


def _effort_key(change: Change) -> str:
    """Return what makes two changes alternatives of one another: the smaller is told."""
    match change:
        case ByEvent():
            return f"{METRICS[change.metric].kinds[0]} {bool(change.amount)}"
        case ByField():
            return f"{change.ref} {change.value}"
        case ByTime():
            return "time"


def _rank(change: Change) -> int:
    if isinstance(change, ByEvent):
        return 1 if change.amount else 0
    return 2


def _size(change: Change) -> int:
    return max(change.count, change.amount) if isinstance(change, ByEvent) else 0


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells changes in words: 「再下单 1 次 → 高价值客户」."""

    scheme: Scheme
    fields: FieldSet
    language: Language
    currency: str = "CNY"

    def sentence(self, change: Change, as_of: date) -> str:
        """Return the cause and the class that it leads to."""
        said = f"{self.cause(change, as_of)} → {self.scheme.get(change.to).label.get(self.language)}"
        if isinstance(change, ByTime) and change.is_asked:
            return said + ("（先待复核）" if self.language == "zh" else " (to review first)")
        return said

    def warning(self, change: ByTime, as_of: date) -> str:
        """Return what is about to happen, and what would prevent it: 「5 天后将变为沉睡，除非有新订单」."""
        label = self.scheme.get(change.to).label.get(self.language)
        names = [text.get(self.language) for text in change.quiet]
        days = (change.day - as_of).days
        if self.language == "zh":
            when = {0: "今天", 1: "明天"}.get(days, f"{days} 天后")
            return f"{when}将变为{label}" + (f"，除非有{'、'.join(names)}" if names else "")
        when = {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")
        return f"Becomes {label} {when}" + (f" if there is no {' or '.join(names)}" if names else "")

    def cause(self, change: Change, as_of: date) -> str:
        """Return what would have to happen."""
        match change:
            case ByTime():
                return self._time(change, as_of)
            case ByEvent():
                return self._event(change)
            case ByField():
                return self._field(change)

    def _time(self, change: ByTime, as_of: date) -> str:
        day = self._day(change.day, as_of)
        names = [text.get(self.language) for text in change.quiet]
        if not names:
            return f"到 {day}" if self.language == "zh" else f"on {day}"
        if self.language == "zh":
            return f"{day}前没有{'、'.join(names)}"
        return f"no {' or '.join(names)} before {day}"

    def _day(self, day: date, as_of: date) -> str:
        if self.language == "en":
            return day.isoformat() if day.year != as_of.year else f"{day:%b} {day.day}"
        short = f"{day.month} 月 {day.day} 日"
        return short if day.year == as_of.year else f"{day.year} 年 {short}"

    def _event(self, change: ByEvent) -> str:
        metric = METRICS[change.metric]
        label = metric.label.get(self.language)
        if change.amount:
            worth = self._worth(metric, change.amount)
            if self.language == "zh":
                return f"{label}再增加 {worth}"
            return f"{worth} more {label[:1].lower()}{label[1:]}"
        phrases = _counted(metric).phrases
        if self.language == "zh":
            return f"再{phrases.verb} {change.count} {phrases.measure}"
        return f"{change.count} more {phrases.one if change.count == 1 else phrases.many}"

    def _worth(self, metric: Metric, amount: int) -> str:
        return format_money(amount, self.currency) if metric.unit is Unit.MONEY else f"{Decimal(amount):,}"

    def _field(self, change: ByField) -> str:
        field = self.fields[change.ref.field]
        name = field.label.get(self.language)
        label = (field.choices or {}).get(str(change.value))
        value = label.get(self.language) if label else str(change.value)
        return f"{name}改为{value}" if self.language == "zh" else f"{name} changed to {value}"


def _counted(metric: Metric) -> Metric:
    """Return the metric that counts what a days-since metric looks back to."""
    if not metric.is_days_since:
        return metric
    return next(m for m in METRICS.values() if m.fold is Fold.COUNT and m.kinds == metric.kinds and m.where is None)
