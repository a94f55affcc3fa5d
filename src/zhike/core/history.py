"""Everything known of one customer, from which the facts of any day follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from zhike.core.facts import Facts, FieldType, Ref
from zhike.core.folds import Contribution, contributions, fold_items, in_window
from zhike.core.metrics import METRICS
from zhike.core.projection import Projection
from zhike.core.schemes import in_dependency_order, in_effect, place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from zhike.core.events import Event
    from zhike.core.facts import Value
    from zhike.core.metrics import Metric
    from zhike.core.schemes import Scheme

CREATED_ON = Ref("customer.created_on")


class Fixed(NamedTuple):
    """A class that a person set; `until` is the first day on which it holds no longer."""

    key: str
    until: date | None = None

    def holds(self, day: date) -> bool:
        return self.until is None or day < self.until


class History:
    """A customer's fields, events (without voided ones), and what people decided.

    `fields` holds every ``customer.*`` value and those ``custom.*`` values that are set. `fixed`
    are the classes that people set, by dimension; `standing` those that have held so far, which
    count where a change waits for a person.
    """

    __slots__ = (
        "_by_kind",
        "_contributions",
        "_projections",
        "_values",
        "events",
        "fields",
        "fixed",
        "standing",
        "zone",
    )

    def __init__(
        self,
        fields: Mapping[Ref, Value],
        events: Iterable[Event],
        zone: ZoneInfo,
        *,
        fixed: Mapping[str, Fixed] | None = None,
        standing: Mapping[str, str] | None = None,
    ) -> None:
        self.fields = fields
        self.events = tuple(events)
        self.zone = zone
        self.fixed = fixed or {}
        self.standing = standing or {}
        self._by_kind: dict[str, list[Event]] = {}
        for event in self.events:
            self._by_kind.setdefault(event.kind, []).append(event)
        self._contributions: dict[str, list[Contribution]] = {}
        self._values: dict[tuple[Ref, date], Value] = {}
        self._projections: dict[tuple[date, tuple[int, ...]], Projection] = {}

    def contributions(self, key: str) -> list[Contribution]:
        """Return what the events give to the metric of that key, oldest first."""
        found = self._contributions.get(key)
        if found is None:
            found = self._record_began() if key == "days_since_created" else self._given(METRICS[key])
            self._contributions[key] = found
        return found

    def _given(self, metric: Metric) -> list[Contribution]:
        """Look only at events of the kinds that the metric reads."""
        if not metric.kinds:
            return contributions(metric, self.events)
        kinds = [kind for kind in metric.reads_kinds() if kind in self._by_kind]
        return contributions(metric, [event for kind in kinds for event in self._by_kind[kind]]) if kinds else []

    def _record_began(self) -> list[Contribution]:
        """Return the day the record began: `created_on`, else the first event."""
        created = cast("date | None", self.fields.get(CREATED_ON))
        days = [created] if created else [event.day for event in self.events]
        return [Contribution(min(days), 1, 1)] if days else []

    def value(self, ref: Ref, type_: FieldType, as_of: date) -> Value:
        """Return the value of a field or metric on a day; events of later days do not count."""
        if ref.source == "metric":
            return self._metric(ref, as_of)
        missing = frozenset[str]() if type_ is FieldType.SET else None
        if ref.source == "custom":
            return self.fields.get(ref, missing)
        return self.fields[ref]

    def _metric(self, ref: Ref, as_of: date) -> Value:
        """Return the metric's value; rules, projection and stored facts all ask for the same ones."""
        key = (ref, as_of)
        if key not in self._values:
            items: Sequence[Contribution] = self.contributions(ref.name)
            items = in_window(items, as_of, ref.days) if items else items
            self._values[key] = fold_items(METRICS[ref.name], items, as_of)
        return self._values[key]

    def began(self) -> date | None:
        """Return the first day of which anything is known."""
        created = cast("date | None", self.fields.get(CREATED_ON))
        return min([*(event.day for event in self.events), *([created] if created else [])], default=None)

    def projection(self, schemes: Sequence[Scheme], as_of: date) -> Projection:
        """Return what time alone will do from a day on; the same schemes are looked at once."""
        key = (as_of, tuple(id(scheme) for scheme in schemes))
        if key not in self._projections:
            self._projections[key] = Projection(self, schemes, as_of)
        return self._projections[key]

    def facts(self, schemes: Sequence[Scheme], as_of: date) -> Facts:
        """Return all that the schemes read on a day, and the class of each dimension that is in effect."""
        return self.placed(schemes, as_of)[0]

    def placed(self, schemes: Sequence[Scheme], as_of: date) -> tuple[Facts, dict[str, str]]:
        """Return the facts of a day, and by dimension the class that the rules alone give."""
        values: dict[Ref, Value] = {}
        facts = Facts(values, as_of=as_of, zone=self.zone)
        computed: dict[str, str] = {}
        for scheme in in_dependency_order(schemes):
            for ref, type_ in scheme.facts_read():
                if ref not in values:
                    values[ref] = self.value(ref, type_, as_of)
            key = self._computed(schemes, scheme, facts)
            computed[scheme.dimension] = key
            values[Ref(f"class.{scheme.dimension}")] = self.in_effect(scheme, key, as_of)
        return facts, computed

    def _computed(self, schemes: Sequence[Scheme], scheme: Scheme, facts: Facts) -> str:
        """Return what the rules say; a class that must hold for days needs a look at the days before."""
        if scheme.is_damped:
            return self.projection(schemes, facts.as_of).computed(scheme.dimension)[0][1]
        return place(scheme, facts).key

    def in_effect(self, scheme: Scheme, computed: str, day: date) -> str:
        """Return the class that holds on a day for which the rules say `computed`."""
        fixed = self.fixed.get(scheme.dimension)
        if fixed is not None and fixed.holds(day):
            return fixed.key
        return in_effect(scheme, computed, standing="" if fixed else self.standing.get(scheme.dimension, ""))

    def with_events(self, events: Sequence[Event]) -> History:
        """Return the same customer with further events."""
        return History(self.fields, (*self.events, *events), self.zone, fixed=self.fixed, standing=self.standing)

    def with_field(self, ref: Ref, value: Value) -> History:
        """Return the same customer with another value in one field."""
        changed = {**self.fields, ref: value}
        return History(changed, self.events, self.zone, fixed=self.fixed, standing=self.standing)
