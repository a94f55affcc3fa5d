"""What a draft would do, by the facts of now: counted by the database, and nothing written.

Both the rules in force and the draft are asked of every customer, so that what is already on its
way for another reason is not taken for an effect of the draft. A class that has to hold for days
is counted as it comes out today.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.db import connection, transaction
from django.db.models import Count, F, Q, TextField, Value
from django.db.models.functions import MD5, Cast

from zhike.accounts.policy import sees_all, visible
from zhike.accounts.queries import company_zone
from zhike.base.clock import today
from zhike.classification.candidates import candidate, draft_version, read_by
from zhike.classification.condition_q import class_case, condition_q
from zhike.classification.models import KeptMetric, Override, Placement, SchemeVersion
from zhike.classification.rules import rulebook
from zhike.core.conditions.nodes import leaves
from zhike.customers.models import Customer
from zhike.customers.queries import SEARCH_COLUMNS
from zhike.privacy.profiling import unprofiled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from django.db.models import QuerySet

    from zhike.accounts.models import User
    from zhike.core.conditions.nodes import Node
    from zhike.core.facts import Ref
    from zhike.core.schemes import Scheme

SAMPLE = 20

_MOVED = ~Q(old=F("new"))


@dataclass(frozen=True, slots=True)
class Flow:
    """How many customers go from one class to another; `old` is empty where the dimension is new."""

    old: str
    new: str
    customers: int

    @property
    def is_move(self) -> bool:
        return self.old != self.new


@dataclass(frozen=True, slots=True)
class Preview:
    """What a draft would do to a dimension. `overridden` are those moved by the rules alone: a person decides."""

    scheme: Scheme
    flows: Sequence[Flow]
    overridden: int
    owners: Sequence[tuple[int | None, str, int]]

    @property
    def total(self) -> int:
        return sum(flow.customers for flow in self.flows)

    @property
    def changed(self) -> int:
        return sum(flow.customers for flow in self.flows if flow.is_move)

    def sizes(self) -> dict[str, tuple[int, int]]:
        """Return class → customers before and after."""
        keys = dict.fromkeys([*(c.key for c in self.scheme.classes), *(f.old for f in self.flows if f.old)])
        return {
            key: (
                sum(f.customers for f in self.flows if f.old == key),
                sum(f.customers for f in self.flows if f.new == key),
            )
            for key in keys
        }


def preview(draft: SchemeVersion, user: User) -> Preview:
    """Count what the draft would move among the customers that `user` may see. Raises what is wrong with it."""
    scheme, rows = _compared(draft, user)
    # One look at everybody: the rest follows from it.
    with _walking(user):
        found = list(rows.values_list("old", "new", "owner", "owner__name").annotate(n=Count("*")).order_by())
    flows: Counter[tuple[str, str]] = Counter()
    owners: Counter[tuple[int | None, str]] = Counter()
    for old, new, owner, name, customers in found:
        flows[old, new] += customers
        if old != new:
            owners[owner, name or ""] += customers
    return Preview(
        scheme=scheme,
        flows=[Flow(old, new, customers) for (old, new), customers in sorted(flows.items())],
        overridden=_overridden(rows, scheme.dimension) if owners else 0,
        owners=[(*owner, n) for owner, n in sorted(owners.items(), key=lambda item: (-item[1], item[0][0] or 0))],
    )


@contextmanager
def _walking(user: User) -> Iterator[None]:
    """Have the database walk through customers and facts side by side for somebody who sees them all.

    Both lie in the order of one key. The planner would look up each customer's facts instead, or hash
    them although they do not fit into memory: of a million customers that takes three times as long.
    """
    if not sees_all(user, Customer):
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off; SET LOCAL enable_hashjoin = off")
        yield
        cursor.execute("RESET enable_nestloop; RESET enable_hashjoin")


def _overridden(rows: QuerySet[Any], dimension: str) -> int:
    """Count those of whom a person fixed the class, beginning with the persons' decisions: they are few."""
    fixed = Override.objects.filter(dimension=dimension, ended_at=None).values("customer")
    moved = rows.filter(_MOVED, pk__in=fixed)
    return moved.filter(placements__dimension=dimension, placements__source=Placement.Source.PERSON).count()


def moved_customers(draft: SchemeVersion, user: User, *, random: bool = False) -> QuerySet[Customer]:
    """Return the customers that the draft would move, with `old` and `new`: the largest first, or in no order."""
    _, rows = _compared(draft, user)
    moved = rows.filter(_MOVED).select_related("owner", "facts").defer(*SEARCH_COLUMNS)
    if random:
        return moved.order_by(MD5(Cast("pk", TextField())), "pk")
    return moved.order_by(F("facts__revenue_year").desc(nulls_last=True), "pk")


def with_both_classes(draft: SchemeVersion) -> Callable[[QuerySet[Customer]], QuerySet[Customer]]:
    """Return what adds to customers all that `moved_customers` says of them, for one page of those."""
    _, classes = _both_classes(draft)
    return lambda rows: rows.annotate(**classes).select_related("owner", "facts").defer(*SEARCH_COLUMNS)


def _compared(draft: SchemeVersion, user: User) -> tuple[Scheme, QuerySet[Any]]:
    """Return the draft's scheme and customers with the class by the rules in force and by the draft."""
    scheme, classes = _both_classes(draft)
    return scheme, visible(user, Customer).filter(facts__isnull=False).exclude(unprofiled()).annotate(**classes)


def _both_classes(draft: SchemeVersion) -> tuple[Scheme, dict[str, Any]]:
    zone = company_zone()
    day = today(zone)
    rules = candidate([draft_version(draft)]).rules
    scheme = rules.scheme(draft.scheme.dimension)
    current = next((s for s in rulebook().schemes if s.dimension == scheme.dimension), None)
    old = class_case(current, day, zone) if current is not None else Value("", output_field=TextField())
    return scheme, {"old": old, "new": class_case(scheme, day, zone)}


def matches(node: Node, user: User, also: Iterable[Node] = ()) -> tuple[int, dict[Node, int]]:
    """Return how many customers fulfil the whole condition, and how many each of its tests, and others, alone."""
    zone = company_zone()
    day = today(zone)
    alone = list(dict.fromkeys([*leaves(node), *also]))
    counts = {f"n{index}": Count("pk", filter=condition_q(one, day, zone)) for index, one in enumerate(alone)}
    counts["whole"] = Count("pk", filter=condition_q(node, day, zone))
    with _walking(user):
        found = visible(user, Customer).filter(facts__isnull=False).exclude(unprofiled()).aggregate(**counts)
    return found["whole"], {one: found[f"n{index}"] for index, one in enumerate(alone)}


def missing_metrics(draft: SchemeVersion) -> list[KeptMetric]:
    """Return the metrics that the draft reads and that are not kept for everyone yet. Raises what is wrong with it."""
    return not_filled_in(read_by(cast("Mapping[str, object]", draft.data)))


def not_filled_in(refs: Iterable[Ref]) -> list[KeptMetric]:
    """Return which of these metrics are not kept for everyone yet; those that nobody keeps are not saved."""
    wanted = {str(ref): ref for ref in refs if ref.source == "metric"}
    rows = {row.ref: row for row in KeptMetric.objects.filter(ref__in=wanted)}
    kept = rulebook().metrics
    found = []
    for name, ref in sorted(wanted.items()):
        row = rows.get(name)
        if row is None and ref not in kept:
            found.append(KeptMetric(ref=name))
        elif row is not None and not row.complete:
            found.append(row)
    return found
