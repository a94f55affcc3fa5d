"""How many customers each class of a pack would get: counted, and nothing written.

A dimension that reads only figures which are stored is counted by the database over everyone. What
another reads is not stored yet: it is worked out from the events of a limited number of customers,
evenly drawn, so that looking never takes long. A class that has to hold for days is counted as it
comes out today. `preview_moves` says who goes from where to where.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db.models import Count, TextField, Value
from django.db.models.functions import MD5, Cast
from django.db.models.lookups import Exact

from zhike.accounts.policy import visible
from zhike.accounts.queries import company_zone
from zhike.base.clock import today
from zhike.classification.condition_q import class_case, condition_q
from zhike.classification.frames import events_frame, people_frame
from zhike.classification.models import KeptMetric
from zhike.classification.preview import Flow
from zhike.classification.rules import rulebook
from zhike.core.conditions.nodes import Any, Not, Test, leaves
from zhike.core.facts import Facts, FieldType, Ref
from zhike.core.metrics import METRICS
from zhike.core.schemes import in_dependency_order, is_undetermined
from zhike.customers.models import Customer
from zhike.engine.histories import core_value
from zhike.engine.place import class_column, place
from zhike.privacy.profiling import unprofiled

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from django.db.models import Expression, QuerySet

    from zhike.accounts.models import User
    from zhike.core.conditions.nodes import Node
    from zhike.core.packs import Pack
    from zhike.core.schemes import Scheme

# So many are worked out while a person waits: a second or two.
LIMIT = 2_000
_NUMBERS = {FieldType.INTEGER, FieldType.DECIMAL}
_NOWHERE = Value("", output_field=TextField())


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many of `counted` customers a dimension would put into each class, and how many are only there for want of data.

    `missing` are the figures that are not stored yet, which is why not everyone was counted by the database.
    """

    classes: Mapping[str, int]
    undetermined: int
    counted: int
    missing: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class Moves:
    """From which class to which customers of a dimension would go, among `counted` of them; `old` is empty in a new one."""

    flows: Sequence[Flow]
    counted: int
    missing: tuple[Ref, ...] = ()

    @property
    def changed(self) -> int:
        return sum(flow.customers for flow in self.flows)


@dataclass(frozen=True, slots=True)
class PackPreview:
    """What a pack would do with the customers that somebody may see."""

    customers: int
    dimensions: Mapping[str, Sizes]


def preview_pack(pack: Pack, user: User, *, limit: int = LIMIT) -> PackPreview:
    """Count the classes of a pack among the customers that `user` may see."""
    zone = company_zone()
    day = today(zone)
    customers = visible(user, Customer).exclude(unprofiled())
    schemes = [_undamped(scheme) for scheme in in_dependency_order(pack.schemes)]
    missing = _missing(schemes)
    stored = [scheme for scheme in schemes if not missing[scheme.dimension]]
    found = _counted(stored, customers.filter(facts__isnull=False), day, zone)
    if len(stored) < len(schemes):
        worked_out = _worked_out(schemes, _drawn(customers, limit), day, zone)
        found |= {
            dimension: replace(worked_out[dimension], missing=refs) for dimension, refs in missing.items() if refs
        }
    return PackPreview(customers.count(), {s.dimension: found[s.dimension] for s in pack.schemes})


def preview_moves(pack: Pack, dimensions: Collection[str], user: User, *, limit: int = LIMIT) -> dict[str, Moves]:
    """Count who would change their class in these dimensions of a pack, among the customers that `user` may see."""
    zone = company_zone()
    day = today(zone)
    customers = visible(user, Customer).filter(facts__isnull=False).exclude(unprofiled())
    schemes = [_undamped(scheme) for scheme in in_dependency_order(pack.schemes)]
    missing = _missing(schemes)
    old, new = _cases(rulebook().schemes, day, zone), _cases(schemes, day, zone)
    found: dict[str, Moves] = {}
    for key in dimensions:
        if not missing[key]:
            rows = customers.annotate(old=old.get(key, _NOWHERE), new=new[key])
            found[key] = _moves(
                {(was, now): n for was, now, n in rows.values_list("old", "new").annotate(n=Count("*"))}
            )
    if len(found) < len(dimensions):
        ids = _drawn(customers, limit)
        rows_of_all = list(_rows_worked_out(schemes, ids, day, zone))
        for key in (key for key in dimensions if missing[key]):
            stood = dict(customers.filter(pk__in=ids).annotate(old=old.get(key, _NOWHERE)).values_list("pk", "old"))
            pairs = Counter((stood[customer], classes[key]) for customer, classes, _ in rows_of_all)
            found[key] = _moves(pairs, missing[key])
    return {key: found[key] for key in dimensions}


def _cases(schemes: Iterable[Scheme], day: date, zone: ZoneInfo) -> dict[str, Expression]:
    """Return by dimension what gives its class; dimensions read each other's from here, not from what is stored."""
    found: dict[str, Expression] = {}
    for scheme in in_dependency_order(list(schemes)):
        found[scheme.dimension] = class_case(scheme, day, zone, found)
    return found


def _moves(pairs: Mapping[tuple[str, str], int], missing: tuple[Ref, ...] = ()) -> Moves:
    flows = [Flow(old, new, n) for (old, new), n in pairs.items() if old != new]
    return Moves(sorted(flows, key=lambda flow: (-flow.customers, flow.old, flow.new)), sum(pairs.values()), missing)


def _drawn(customers: QuerySet[Customer], limit: int) -> list[int]:
    """Return some customers, evenly drawn and the same ones each time."""
    drawn = customers.order_by(MD5(Cast("pk", TextField())), "pk").values_list("pk", flat=True)
    return sorted(drawn[:limit])


def _undamped(scheme: Scheme) -> Scheme:
    return replace(scheme, classes=tuple(replace(class_, hold_days=1) for class_ in scheme.classes))


def _missing(schemes: Sequence[Scheme]) -> dict[str, tuple[Ref, ...]]:
    """Return by dimension the metrics that are not stored, its own and those of the dimensions whose class it reads."""
    filling = set(KeptMetric.objects.filter(complete=False).values_list("ref", flat=True))
    kept = {ref for ref in rulebook().metrics if str(ref) not in filling}
    found: dict[str, tuple[Ref, ...]] = {}
    for scheme in schemes:
        refs = {ref for ref in scheme.refs() if ref.source == "metric"} - kept
        for ref in scheme.refs():
            if ref.source == "class":
                refs.update(found.get(ref.name, ()))
        found[scheme.dimension] = tuple(sorted(refs, key=str))
    return found


def _counted(schemes: Sequence[Scheme], customers: QuerySet[Customer], day: date, zone: ZoneInfo) -> dict[str, Sizes]:
    """Have the database count everyone, a dimension at a time."""
    classes: dict[str, Expression] = {}
    found: dict[str, Sizes] = {}
    for scheme in schemes:
        classes[scheme.dimension] = class_case(scheme, day, zone, classes)
        rows = customers.annotate(new=classes[scheme.dimension])
        counts = dict(rows.values_list("new").annotate(n=Count("*")).order_by())
        unknown = 0
        if scheme.needs_evidence:
            nothing = condition_q(Not(_evidence(scheme)), day, zone)
            unknown = rows.filter(Exact(classes[scheme.dimension], Value(scheme.default.key)), nothing).count()
        sizes = {class_.key: counts.get(class_.key, 0) for class_ in scheme.classes}
        found[scheme.dimension] = Sizes(sizes, unknown, sum(sizes.values()))
    return found


def _evidence(scheme: Scheme) -> Node:
    """Return the condition that something is known: what `is_undetermined` asks, for the database."""
    types = {test.ref: test.type for test in _tests([scheme]) if test.ref.source != "class"}
    return Any(tuple(test for ref, type_ in types.items() for test in _known(ref, type_)))


def _known(ref: Ref, type_: FieldType) -> list[Node]:
    if ref.name == "days_since_created" and ref.source == "metric":
        return []
    if type_ is FieldType.BOOL:
        return [Test(ref, type_, "in", (True,))]
    is_age = ref.source == "metric" and METRICS[ref.name].is_days_since
    if type_ in _NUMBERS and not is_age:
        return [Test(ref, type_, "gt", 0), Test(ref, type_, "lt", 0)]
    return [Test(ref, type_, "is_set")]


def _tests(schemes: Iterable[Scheme]) -> list[Test]:
    return [t for s in schemes for c in s.classes if c.when is not None for t in leaves(c.when)]


def _worked_out(schemes: Sequence[Scheme], ids: Sequence[int], day: date, zone: ZoneInfo) -> dict[str, Sizes]:
    """Count the classes of these customers from their events."""
    classes: dict[str, Counter[str]] = {scheme.dimension: Counter() for scheme in schemes}
    unknown: Counter[str] = Counter()
    for _, found, facts in _rows_worked_out(schemes, ids, day, zone):
        for scheme in schemes:
            key = found[scheme.dimension]
            classes[scheme.dimension][key] += 1
            unknown[scheme.dimension] += is_undetermined(scheme, key, facts)
    return {
        s.dimension: Sizes({c.key: classes[s.dimension][c.key] for c in s.classes}, unknown[s.dimension], len(ids))
        for s in schemes
    }


def _rows_worked_out(
    schemes: Sequence[Scheme], ids: Sequence[int], day: date, zone: ZoneInfo
) -> Iterator[tuple[int, dict[str, str], Facts]]:
    """Work out from their events each customer's class in every dimension, with the facts that gave them."""
    types = {Ref(test.ref.field, test.ref.days): test.type for test in _tests(schemes)}
    fields = {ref: type_ for ref, type_ in types.items() if ref.source in {"customer", "custom"}}
    frame = place(schemes, people_frame(ids, fields), events_frame(ids), as_of=day, zone=zone, next_changes=False)
    columns = [(str(ref), ref, type_) for ref, type_ in types.items() if ref.source != "class"]
    for row in frame.iter_rows(named=True):
        facts = Facts({ref: core_value(row[name], type_) for name, ref, type_ in columns}, as_of=day, zone=zone)
        yield row["customer"], {s.dimension: row[class_column(s.dimension)] for s in schemes}, facts
