"""Reads: how the classes themselves fare. What each figure means stands in `core.scorecard`.

All figures are counted set-wise over the customers that a person may see; `user=None` counts
everyone's, for what is told to the whole company.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Count, F

from zhike.accounts.models import User
from zhike.accounts.policy import sees_all, visible
from zhike.accounts.queries import company
from zhike.base.clock import today
from zhike.classification import scorecard_sql as sql
from zhike.classification.condition_q import condition_q
from zhike.classification.models import Override, Review
from zhike.classification.rules import rulebook
from zhike.core.advice import UNDETERMINED_RATE
from zhike.core.conditions.nodes import All, Not, Test, leaves
from zhike.core.conditions.values import fact_name
from zhike.core.dates import add_days, day_start
from zhike.core.facts import Unit
from zhike.core.metrics import METRICS
from zhike.core.scorecard import ClassScore, Missing, Outcome, Overridden, PersonScore, Scorecard, Sources
from zhike.core.text import Text
from zhike.customers.models import Customer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from django.db.models import QuerySet

    from zhike.classification.rules import Rulebook
    from zhike.core.conditions.nodes import Node
    from zhike.core.facts import Ref
    from zhike.core.quarters import Period
    from zhike.core.schemes import Class, Scheme

    type Cell = str | int | float | date | None
    type Key = tuple[str, str]
    type _SizeRow = tuple[str, str, int, int, int, int, int | None]
    type _Counts = tuple[int, int, int, int, int, int, int, int, int, float]
    type _MoveRow = tuple[str, str, str, int, int, float | None]
    type _GroupRow = tuple[str, str | None, str | None, str | None, int | None, int, int, int]


# Everyone's deeds fit into this; the server's own limit would have them written to disk and sorted there.
_MEMORY = "SET LOCAL work_mem = '64MB'"


def scorecard(user: User | None, dimension: str, period: Period) -> Scorecard:
    """Return the scorecard of one dimension. Raises `KeyError`."""
    return scorecard_by(user, rulebook(), dimension, period)


def scorecard_by(user: User | None, rules: Rulebook, dimension: str, period: Period) -> Scorecard:
    """Return the scorecard of one dimension of these rules: several are counted by the same. Raises `KeyError`."""
    return _scorecards(user, [rules.scheme(dimension)], rules, period)[0]


def overrides_in(user: User, dimension: str, period: Period, *, class_key: str = "") -> QuerySet[Override]:
    """Return what was set by hand against the rules in a period, newest first; out of one class, or of all."""
    since, until = _instants(period, company().zone)
    made = visible(user, Override).filter(dimension=dimension, created_at__gte=since, created_at__lt=until)
    made = made.exclude(was_key="").exclude(was_key=F("class_key"))
    if class_key:
        made = made.filter(was_key=class_key)
    return made.select_related("customer", "by").order_by("-created_at", "-pk")


@dataclass(frozen=True, slots=True)
class _Sizes:
    """How many stand in a class at the end of the period, and who decided."""

    customers: int = 0
    sources: Sources = field(default=Sources())
    undetermined: int | None = 0


@dataclass(frozen=True, slots=True)
class _Moves:
    """How often a class was left, and by how many for good; how many entered it, and flipped."""

    left: int = 0
    stay_days: float | None = None
    gone: int = 0
    entered: int = 0
    flipped: int = 0
    flip_days: int | None = None


@dataclass(frozen=True, slots=True)
class _Overrides:
    """What was set by hand: by the class that the rules said, by the class chosen, by person."""

    out_of: Mapping[Key, Overridden]
    chosen: Mapping[Key, int]
    people: Mapping[str, Sequence[PersonScore]]


@transaction.atomic  # for as long as the memory is lent
def _scorecards(user: User | None, schemes: Sequence[Scheme], rules: Rulebook, period: Period) -> list[Scorecard]:
    tally = _Tally(user, [scheme.dimension for scheme in schemes], period)
    sizes, outcomes, moves, overrides, feedback = (
        tally.sizes(),
        tally.outcomes(),
        tally.moves(),
        tally.overrides(),
        tally.feedback(),
    )

    def score(dimension: str, class_: Class) -> ClassScore:
        key = (dimension, class_.key)
        size, move, outcome = sizes.get(key, _Sizes()), moves.get(key, _Moves()), outcomes.get(key, Outcome())
        overridden = overrides.out_of.get(key, Overridden())
        members = size.customers + move.gone
        return ClassScore(
            key=class_.key,
            label=class_.label,
            rank=class_.rank,
            hold_days=class_.hold_days,
            size=size.customers,
            start=outcome.customers,
            members=members,
            sources=size.sources,
            undetermined=size.undetermined if tally.is_now else None,
            # So far it counts those who never stood there.
            overridden=replace(overridden, among=members + overridden.among),
            chosen=overrides.chosen.get(key, 0),
            feedback=feedback.get(key, 0),
            entered=move.entered,
            flipped=move.flipped,
            flip_days=move.flip_days,
            left=move.left,
            stay_days=move.stay_days,
            outcome=outcome,
        )

    def card(scheme: Scheme) -> Scorecard:
        dimension = scheme.dimension
        made = Scorecard(
            dimension=dimension,
            label=scheme.label,
            period=period,
            currency=tally.currency,
            classes=tuple(score(dimension, class_) for class_ in scheme.classes),
            everyone=outcomes.get((dimension, ""), Outcome()),
            people=tuple(overrides.people.get(dimension, ())),
            recorded_since=tally.recorded[dimension],
            reads_money=any(_is_money(ref) for ref in scheme.refs()),
        )
        lacks = made.undetermined >= UNDETERMINED_RATE * made.size > 0
        return replace(made, missing=_missing(user, scheme, rules, tally.zone)) if lacks else made

    return [card(scheme) for scheme in schemes]


class _Tally:
    """Asks the statements of `scorecard_sql`, each once for all dimensions."""

    def __init__(self, user: User | None, dimensions: Sequence[str], period: Period) -> None:
        ours = company()
        self.user, self.zone, self.currency, self._period = user, ours.zone, ours.currency, period
        self.is_now = period.last >= today(ours.zone)
        since, until = _instants(period, ours.zone)
        self._scope, names = _scope(user)
        self._names: dict[str, Any] = names | {
            "dimensions": list(dimensions),
            "first": period.first,
            "last": period.last,
            "since": since,
            "until": until,
        }
        with connection.cursor() as cursor:
            cursor.execute(_MEMORY)
        rows = cast("list[tuple[str, date | None]]", self._ask(sql.RECORDED))
        self.recorded = dict(rows)

    def _ask(self, statement: str, **names: Any) -> list[tuple[Cell, ...]]:  # noqa: ANN401  what psycopg takes
        with connection.cursor() as cursor:
            cursor.execute(statement.replace("{scope}", self._scope), self._names | names)
            return cast("list[tuple[Cell, ...]]", cursor.fetchall())

    def sizes(self) -> dict[Key, _Sizes]:
        rows = self._ask(sql.SIZES) if self.is_now else self._ask(sql.SIZES_THEN, day=self._period.last)
        return {
            (dimension, key): _Sizes(size, Sources(rule, model, person), undetermined)
            for dimension, key, size, rule, model, person, undetermined in cast("list[_SizeRow]", rows)
        }

    def outcomes(self) -> dict[Key, Outcome]:
        """Return what became of each class, and under an empty key of all classes of a dimension."""
        rows = self._ask(sql.OUTCOMES, day=self._period.before)
        return {(str(dimension), str(key or "")): Outcome(*cast("_Counts", counts)) for dimension, key, *counts in rows}

    def moves(self) -> dict[Key, _Moves]:
        found: dict[Key, _Moves] = defaultdict(_Moves)
        for way, dimension, key, size, part, days in cast("list[_MoveRow]", self._ask(sql.MOVES)):
            known = found[dimension, key]
            if way == "left":
                found[dimension, key] = replace(known, left=size, gone=part, stay_days=days)
            else:
                flip_days = None if days is None else int(days)
                found[dimension, key] = replace(known, entered=size, flipped=part, flip_days=flip_days)
        return found

    def overrides(self) -> _Overrides:
        rows = [_Group(*cast("_GroupRow", row)) for row in self._ask(sql.OVERRIDES)]
        outside = {(str(d), str(key)): cast("int", size) for d, key, size in self._ask(sql.OUTSIDE)}
        ways, reasons = _most(rows, lambda g: g.is_way), _most(rows, lambda g: g.reason is not None)
        out_of = {}
        for group in (g for g in rows if g.is_class and g.moved):
            key = (group.dimension, group.was_key or "")
            way, reason = ways[key], reasons.get(key)
            out_of[key] = Overridden(
                customers=group.moved,
                among=outside.get(key, 0),
                to=way.class_key or "",
                to_customers=way.moved,
                reason=reason.reason or "" if reason else "",
                reason_customers=reason.moved if reason else 0,
            )
        chosen = {(g.dimension, g.class_key or ""): g.customers for g in rows if g.is_choice}
        return _Overrides(out_of, chosen, self._people(rows))

    def _people(self, rows: Sequence[_Group]) -> dict[str, list[PersonScore]]:
        """Return who moved customers, whoever moved most first."""
        people = [group for group in rows if group.by is not None and group.was_key is None and group.moved]
        if not people:
            return {}
        ids = sorted({cast("int", group.by) for group in people})
        names = dict(User.objects.filter(pk__in=ids).values_list("pk", "name"))
        owned = {(d, owner): cast("int", n) for d, owner, n in self._ask(sql.OWNED, people=ids)}
        found: dict[str, list[PersonScore]] = defaultdict(list)
        for group in sorted(people, key=lambda g: (-g.moved, names[cast("int", g.by)])):
            ways = (g for g in rows if g.by == group.by and g.dimension == group.dimension and g.was_key is not None)
            way = max(ways, key=lambda g: (g.moved, g.was_key, g.class_key))
            found[group.dimension].append(
                PersonScore(
                    person=cast("int", group.by),
                    name=names[cast("int", group.by)],
                    customers=group.moved,
                    own=group.own,
                    owned=owned.get((group.dimension, group.by), 0),
                    from_key=way.was_key or "",
                    to_key=way.class_key or "",
                    way_customers=way.moved,
                )
            )
        return found

    def feedback(self) -> dict[Key, int]:
        rows = Review.objects.all() if self.user is None else visible(self.user, Review)
        said = rows.filter(
            kind=Review.Kind.FEEDBACK,
            dimension__in=cast("list[str]", self._names["dimensions"]),
            created_at__gte=self._names["since"],
            created_at__lt=self._names["until"],
        )
        counted = said.order_by().values_list("dimension", "from_key").annotate(n=Count("*"))
        return {(dimension, key): n for dimension, key, n in counted}


class _Group(NamedTuple):
    """One row of `sql.OVERRIDES`: None where it is not grouped by that column."""

    dimension: str
    was_key: str | None
    class_key: str | None
    reason: str | None
    by: int | None
    customers: int
    moved: int
    own: int

    @property
    def is_class(self) -> bool:
        return self.was_key is not None and self.class_key is None and self.reason is None

    @property
    def is_way(self) -> bool:
        return self.was_key is not None and self.class_key is not None and self.by is None

    @property
    def is_choice(self) -> bool:
        return self.was_key is None and self.class_key is not None


def _most(rows: Iterable[_Group], chosen: Callable[[_Group], bool]) -> dict[Key, _Group]:
    """Return of each class left the group with most customers; of equals the last by name."""
    found: dict[Key, _Group] = {}
    for group in sorted(filter(chosen, rows), key=lambda g: (g.moved, g.class_key or g.reason or "")):
        found[group.dimension, group.was_key or ""] = group
    return found


def _instants(period: Period, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return when the period begins, and when it is over."""
    return day_start(period.first, zone), day_start(add_days(period.last, 1), zone)


def _scope(user: User | None) -> tuple[str, dict[str, Any]]:
    """Return the condition on `customer_id` that keeps the customers whom a person may see, with its names."""
    if user is None or sees_all(user, Customer):
        return "customer_id NOT IN (SELECT id FROM customers_customer WHERE deleted_at IS NOT NULL)", {}
    seen = visible(user, Customer)
    try:
        statement, values = seen.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return "customer_id IS NULL", {}
    names = {f"scope_{index}": value for index, value in enumerate(values)}
    return f"customer_id IN ({statement % tuple(f'%({name})s' for name in names)})", names


def _is_money(ref: Ref) -> bool:
    return ref.source == "metric" and METRICS[ref.name].unit is Unit.MONEY


def _missing(user: User | None, scheme: Scheme, rules: Rulebook, zone: ZoneInfo) -> Missing | None:
    """Return the fact that the rules of a dimension read and most customers lack."""
    tests = {test.ref: test for c in scheme.classes if c.when is not None for test in leaves(c.when)}
    read = [test for ref, test in sorted(tests.items(), key=lambda item: str(item[0])) if _is_evidence(ref)]
    if not read:
        return None
    day = today(zone)
    counts = {f"n{i}": Count("pk", filter=condition_q(_known(test), day, zone)) for i, test in enumerate(read)}
    customers = Customer.present.all() if user is None else visible(user, Customer)
    known = customers.order_by().aggregate(everyone=Count("pk"), **counts)
    lacking = [known["everyone"] - known[f"n{index}"] for index in range(len(read))]
    most = max(range(len(read)), key=lacking.__getitem__)
    ref = read[most].ref
    own = rules.fields[ref.field]
    return Missing(Text(fact_name(ref, own, "zh"), fact_name(ref, own, "en")), lacking[most])


def _is_evidence(ref: Ref) -> bool:
    """Say whether the fact can tell anything of a customer, as `is_undetermined` has it."""
    return ref.source != "class" and ref.field != "metric.days_since_created"


def _known(test: Test) -> Node:
    """Say that a fact is there; a count or sum of 0 is none."""
    is_set = Test(test.ref, test.type, "is_set")
    if test.ref.source != "metric" or METRICS[test.ref.name].is_days_since:
        return is_set
    return All((is_set, Not(Test(test.ref, test.type, "eq", 0))))
