"""Reads: where customers stand, why, since when, and how large the classes are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, cast

from django.contrib.postgres.fields import ArrayField
from django.db.models import Count, Exists, Func, IntegerField, OuterRef, Q, TextField, Value
from django.db.models.fields.json import KeyTextTransform

from zhike.accounts.policy import get_visible, visible
from zhike.accounts.queries import company_zone
from zhike.base.clock import now, today
from zhike.classification.facts import load_history
from zhike.classification.models import BackTest, Override, Placement, Scheme, SchemeVersion
from zhike.classification.rules import parse_rules, rulebook
from zhike.core.changes import changes
from zhike.core.conditions.evaluate import explain
from zhike.core.conditions.nodes import leaves
from zhike.core.dates import local_day
from zhike.core.facts import Facts, Ref, value_from_json
from zhike.customers.facts import custom_fields
from zhike.customers.models import Customer
from zhike.timeline.models import Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from django.db.models import QuerySet

    from zhike.accounts.models import User
    from zhike.classification.rules import Rulebook
    from zhike.core.changes import Change
    from zhike.core.conditions.evaluate import Explained
    from zhike.core.facts import Value as FactValue
    from zhike.core.history import History
    from zhike.core.schemes import Class
    from zhike.core.schemes import Scheme as Rules

# A due customer is placed within a minute or two; later than this the worker stands still.
PATIENCE = timedelta(minutes=10)
# A class that nobody was in for so long is one that nobody needs.
IDLE_DAYS = 90


class Standing(NamedTuple):
    """What a list shows of a placement."""

    class_key: str
    computed_key: str
    source: str
    undetermined: bool

    @property
    def waits(self) -> bool:
        """Say whether the rules give another class that a person has to agree to."""
        return self.source == Placement.Source.RULE and self.class_key != self.computed_key


def placements_of(user: User, customers: Iterable[int]) -> dict[int, dict[str, Placement]]:
    """Return customer → dimension → placement with all that decided it, in one query."""
    found: dict[int, dict[str, Placement]] = {}
    for placement in visible(user, Placement).filter(customer__in=list(customers)):
        found.setdefault(placement.customer_id, {})[placement.dimension] = placement
    return found


def standings_of(user: User, customers: Iterable[int]) -> dict[int, dict[str, Standing]]:
    """Return customer → dimension → where the customer stands, in one query."""
    return standings_in(visible(user, Placement).filter(customer__in=list(customers)))


def standings_in(rows: QuerySet[Placement]) -> dict[int, dict[str, Standing]]:
    """Return the same of placements that somebody else has chosen."""
    found: dict[int, dict[str, Standing]] = {}
    for customer, dimension, *standing in rows.values_list("customer", "dimension", *Standing._fields):
        found.setdefault(customer, {})[dimension] = Standing(*standing)
    return found


@dataclass(frozen=True, slots=True)
class ClassReason:
    """A class that was tried, and how its condition came out."""

    class_: Class
    explained: Explained


@dataclass(frozen=True, slots=True)
class Reasons:
    """The classes of a dimension in their order, up to the one that holds; that one is last.

    `tried` ends with the class whose condition held, or holds all of them when it is the default.
    """

    scheme: Rules
    class_: Class
    tried: tuple[ClassReason, ...]
    facts: Facts


@dataclass(frozen=True)
class Story:
    """One customer's classes with all that is known today: reasons, and what would change them."""

    customer: Customer
    rules: Rulebook
    placements: Mapping[str, Placement]
    history: History
    as_of: date

    @cached_property
    def _placed(self) -> tuple[Facts, dict[str, str]]:
        return self.history.placed(self.rules.schemes, self.as_of)

    @property
    def facts(self) -> Facts:
        return self._placed[0]

    def ruled(self, dimension: str) -> str:
        """Return the class that the rules alone give today."""
        return self._placed[1][dimension]

    def reasons(self, dimension: str) -> Reasons:
        """Return why the rules say what they say, by today's values."""
        return reasons(self.rules.scheme(dimension), self.facts)

    def next_change(self, dimension: str) -> str:
        """Return the ISO day on which time alone changes the class, empty for never."""
        found = self.history.projection(self.rules.schemes, self.as_of).next_change(dimension)
        return found[0].isoformat() if found else ""

    def changes(self, dimension: str) -> list[Change]:
        """Return what would change the class: time, one more event, another value."""
        return changes(self.rules.schemes, self.history, dimension, self.as_of)


def story(user: User | None, customer: Customer) -> Story:
    """Return one customer's classes as of today. `user=None` is the operator at the command line."""
    found = Customer.objects.select_related("owner").get(pk=customer.pk) if user is None else None
    loaded = found or get_visible(user, Customer, pk=customer.pk)  # type: ignore[arg-type]
    rules = rulebook()
    zone = company_zone()
    placements = {p.dimension: p for p in Placement.objects.filter(customer=loaded).select_related("version")}
    return Story(loaded, rules, placements, load_history(loaded, rules, zone), today(zone))


def reasons(scheme: Rules, facts: Facts) -> Reasons:
    """Try the classes of a scheme in their order and keep how each came out."""
    tried: list[ClassReason] = []
    for class_ in scheme.classes:
        if class_.when is None:
            continue
        tried.append(ClassReason(class_, explain(class_.when, facts)))
        if tried[-1].explained.met:
            return Reasons(scheme, class_, tuple(tried), facts)
    return Reasons(scheme, scheme.default, tuple(tried), facts)


def reasons_then(version: SchemeVersion, reason: Mapping[str, object], zone: ZoneInfo) -> Reasons | None:
    """Write a decision's reasons again from the version and the values that it saw.

    None when the version's rules can no longer be read, or read values that were not kept.
    """
    rules = parse_rules([version, *_others(version)], tuple(custom_fields()))
    dimension = version.scheme.dimension
    if dimension in rules.broken:
        return None
    scheme = rules.scheme(dimension)
    seen = cast("dict[str, object]", reason.get("values", {}))
    types = {test.ref: test.type for c in scheme.classes if c.when is not None for test in leaves(c.when)}
    if not all(str(ref) in seen for ref in types):
        return None
    values: dict[Ref, FactValue] = {ref: value_from_json(seen[str(ref)], type_) for ref, type_ in types.items()}
    as_of = date.fromisoformat(str(reason["as_of"]))
    return reasons(scheme, Facts(values, as_of=as_of, zone=zone))


def _others(version: SchemeVersion) -> list[SchemeVersion]:
    """Return the other dimensions' versions, whose classes the conditions may name."""
    others = Scheme.objects.exclude(pk=version.scheme_id).filter(current__isnull=False)
    return list(SchemeVersion.objects.filter(pk__in=others.values("current")).select_related("scheme"))


class ClassSize(NamedTuple):
    """How many customers stand in a class, and how many of them only for want of data."""

    customers: int
    undetermined: int


def class_sizes(user: User, *dimensions: str) -> dict[str, dict[str, ClassSize]]:
    """Return dimension → class → how many customers that `user` may see stand in it; of all dimensions or these."""
    placements = visible(user, Placement)
    if dimensions:
        placements = placements.filter(dimension__in=dimensions)
    unknown = Count("customer", filter=Q(undetermined=True))
    counts = placements.values_list("dimension", "class_key").order_by().annotate(n=Count("*"), unknown=unknown)
    sizes: dict[str, dict[str, ClassSize]] = {}
    for dimension, key, *size in counts:
        sizes.setdefault(dimension, {})[key] = ClassSize(*size)
    return sizes


def class_changes(user: User | None) -> QuerySet[Event]:
    """Return the changes of class that this person may see, without those that were taken back.

    `user=None` is the operator at the command line.
    """
    taken_back = Event.objects.filter(voids=OuterRef("pk"))
    events = Event.objects.all() if user is None else visible(user, Event)
    return events.filter(kind="class.changed").exclude(Exists(taken_back))


def moves_of(rows: QuerySet[Event]) -> QuerySet[Event]:
    """Let changes of class be asked for by `dimension`, `left` and `entered`: as text, which is what their indexes read."""
    return rows.alias(
        dimension=KeyTextTransform("dimension", "data"),
        left=KeyTextTransform("from", "data"),
        entered=KeyTextTransform("to", "data"),
    )


def recent_changes(user: User, *, since: date, dimensions: Iterable[str]) -> QuerySet[Event]:
    """Return the `class.changed` events of these dimensions, of the days from `since` on, newest first."""
    # Said in a way that no index of dimensions serves: the walk back in time has the newest first and ends soon.
    among = Func(
        Value(list(dimensions), ArrayField(TextField())),
        KeyTextTransform("dimension", "data"),
        function="array_position",
        output_field=IntegerField(),
    )
    events = class_changes(user).filter(day__gte=since).alias(among=among).filter(among__gte=1)
    return events.select_related("customer").order_by("-occurred_at", "-pk")


def changes_by(event: Event) -> list[Event]:
    """Return the class changes that an event brought about."""
    found = Event.objects.filter(customer=event.customer_id, kind="class.changed", data__cause=event.pk)
    return list(found.order_by("pk"))


@dataclass(frozen=True, slots=True)
class Stretch:
    """The days that a customer spent in one class. `until` is None for the present one.

    `by` is the name of whoever set the class by hand.
    """

    class_key: str
    since: date
    until: date | None
    source: str
    version: int | None
    by: str = ""


def class_history(user: User, customer_id: int, dimension: str) -> list[Stretch]:
    """Return the classes a customer has had in a dimension, oldest first."""
    customer = get_visible(user, Customer, pk=customer_id)
    events = class_changes(user).filter(customer=customer_id, data__dimension=dimension)
    moves = list(events.order_by("day", "pk").values_list("day", "data"))
    placement = Placement.objects.filter(customer=customer_id, dimension=dimension).first()
    if not moves:
        if placement is None:
            return []
        return _by_hand([Stretch(placement.class_key, placement.since, None, "rule", None)], customer, dimension)
    began = customer.created_on or customer.created_at.date()
    found = [Stretch(moves[0][1]["from"], min(began, moves[0][0]), moves[0][0], "rule", None)]
    for index, (day, data) in enumerate(moves):
        until = moves[index + 1][0] if index + 1 < len(moves) else None
        found.append(Stretch(data["to"], day, until, data["source"], data["version"]))
    return _by_hand(found, customer, dimension)


class _Held(NamedTuple):
    """The days on which a person held a class in place; `until` is the first on which it was over."""

    class_key: str
    since: date
    until: date | None
    by: str

    def covers(self, stretch: Stretch, day: date) -> bool:
        # A class that came and went within a day was a person's only when its event says so.
        is_short = stretch.since == stretch.until
        agrees = (self.class_key == stretch.class_key and not is_short) or stretch.source == "person"
        return agrees and self.since <= day and (self.until is None or day < self.until)


def _by_hand(stretches: Sequence[Stretch], customer: Customer, dimension: str) -> list[Stretch]:
    """Cut the stretches where people began and ceased to hold the class in place."""
    held = _held(customer, dimension)
    found: list[Stretch] = []
    for stretch in stretches:
        cuts = {day for one in held for day in (one.since, one.until) if day is not None and stretch.since < day}
        days = [stretch.since, *sorted(day for day in cuts if stretch.until is None or day < stretch.until)]
        for day, until in pairwise([*days, stretch.until]):
            assert day is not None
            holder = next((one for one in held if one.covers(stretch, day)), None)
            source = "person" if holder else "rule" if stretch.source == "person" else stretch.source
            part = replace(stretch, since=day, until=until, source=source, by=holder.by if holder else "")
            if found and replace(found[-1], until=until) == replace(part, since=found[-1].since):
                found[-1] = replace(found[-1], until=until)
            else:
                found.append(part)
    return found


def _held(customer: Customer, dimension: str) -> list[_Held]:
    """Return what people held in place in a dimension, the latest first."""
    rows = Override.objects.filter(customer=customer, dimension=dimension).select_related("by").order_by("-created_at")
    zone = company_zone()
    day = today(zone)

    def until(row: Override) -> date | None:
        """Return the day on which it was over; one that still lies ahead is no part of history."""
        if row.ended_at:
            return local_day(row.ended_at, zone)
        return row.expires_on if row.expires_on and row.expires_on <= day else None

    return [
        _Held(row.class_key, local_day(row.created_at, zone), until(row), row.by.name if row.by else "") for row in rows
    ]


def out_of_step() -> int:
    """Return how many customers are not placed, overdue, or were placed while rules came into force."""
    if not rulebook().schemes:
        return 0
    late = Q(facts__isnull=True) | Q(facts__next_flip_at__lt=now() - PATIENCE)
    pending = Scheme.objects.filter(pending_since__isnull=False).order_by("pending_since").first()
    if pending is not None:
        late |= Q(facts__placed_at__gte=pending.pending_since) | Q(facts__placed_at=None)
    return Customer.present.filter(late).count()


def dimensions(user: User) -> list[Scheme]:
    """Return all dimensions in their order, with the version in force."""
    return list(visible(user, Scheme).select_related("current"))


def drafts(user: User) -> dict[str, SchemeVersion]:
    """Return dimension → its draft."""
    rows = visible(user, SchemeVersion).filter(state=SchemeVersion.State.DRAFT).select_related("scheme")
    return {draft.scheme.dimension: draft for draft in rows}


def get_dimension(user: User, dimension: str) -> Scheme:
    """Return one dimension, or raise `NotFound`."""
    return get_visible(user, Scheme, dimension=dimension)


def draft_of(user: User, scheme: Scheme) -> SchemeVersion | None:
    """Return the draft of a dimension, with who saved it."""
    rows = visible(user, SchemeVersion).filter(scheme=scheme, state=SchemeVersion.State.DRAFT)
    return rows.select_related("scheme__current", "updated_by", "base").first()


def versions_of(user: User, scheme: Scheme) -> list[SchemeVersion]:
    """Return the versions that are or were in force, newest first, each with its publications."""
    rows = visible(user, SchemeVersion).filter(scheme=scheme).exclude(state=SchemeVersion.State.DRAFT)
    return list(rows.select_related("by", "base").prefetch_related("publications__by").order_by("-number"))


def last_back_test(user: User, draft: SchemeVersion) -> BackTest | None:
    """Return the back-test of a draft that was asked for last."""
    rows = visible(user, BackTest).filter(version=draft)
    return rows.select_related("version__scheme").order_by("-pk").first()


def fixed_by_class(user: User, dimension: str) -> dict[str, int]:
    """Return class → how many customers people have put into it."""
    rows = visible(user, Override).filter(dimension=dimension, ended_at=None)
    return dict(rows.values_list("class_key").annotate(n=Count("*")).order_by("class_key"))


def idle_classes(scheme: Rules, version: SchemeVersion) -> list[Class]:
    """Return the classes in which nobody is, and nobody was since `IDLE_DAYS`; none of younger rules.

    Counted over everybody: it is advice about the rules, not about somebody's customers.
    """
    since = today(company_zone()) - timedelta(days=IDLE_DAYS)
    if version.published_at is None or version.published_at.date() > since:
        return []
    in_use = set(Placement.objects.filter(dimension=scheme.dimension).values_list("class_key", flat=True).distinct())
    moves = moves_of(Event.objects.filter(kind="class.changed", day__gte=since)).filter(Q(dimension=scheme.dimension))
    return [
        class_
        for class_ in scheme.classes
        if class_.key not in in_use and not moves.filter(Q(entered=class_.key) | Q(left=class_.key)).exists()
    ]
