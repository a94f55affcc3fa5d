"""The rules in force: every dimension's current version, parsed.

Parsed rules are kept per process under what they were read from: versions, which never change once
they are published, and own fields with their names and choices. So what is kept cannot be out of date.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, cast

from django.db.models import TextField
from django.db.models.expressions import RawSQL

from zhike.classification.models import KeptMetric, SchemeVersion
from zhike.classification.models import Scheme as SchemeRow
from zhike.core.conditions.nodes import leaves
from zhike.core.errors import ZhikeError
from zhike.core.facts import FieldType, Ref, class_field
from zhike.core.metrics import METRICS
from zhike.core.packs import base_fields, parse_scheme
from zhike.core.schemes import in_dependency_order
from zhike.core.text import Text
from zhike.customers.facts import custom_fields
from zhike.customers.models import CustomField

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from zhike.core.facts import Field, FieldSet
    from zhike.core.schemes import Scheme

# Kept for every customer whatever the rules say: lists, pages and the work list read them.
ALWAYS = (
    Ref("metric.revenue", 365),
    Ref("metric.orders", 365),
    Ref("metric.revenue"),
    Ref("metric.orders"),
    Ref("metric.days_since_order"),
    Ref("metric.days_since_contact_made"),
    Ref("metric.days_since_created"),
    Ref("metric.days_since_interaction"),
)


class Version(NamedTuple):
    """Which version of a dimension's rules decides."""

    pk: int
    number: int


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All schemes in force. `broken` are those that can no longer be read: they place nobody."""

    schemes: tuple[Scheme, ...]
    versions: Mapping[str, Version]
    fields: FieldSet
    own: tuple[Field, ...]
    metrics: Mapping[Ref, FieldType]
    # Worked out once, since placing a hundred thousand customers asks for them each time:
    # what each dimension's reason holds, and what is stored of the metrics (True: as a day).
    reads: Mapping[str, tuple[tuple[str, Ref], ...]]
    stored: tuple[tuple[str, Ref, bool], ...]
    broken: Mapping[str, ZhikeError]
    # Dimensions whose rules move nobody for the time being.
    paused: frozenset[str] = frozenset()

    def scheme(self, dimension: str) -> Scheme:
        """Return the scheme of a dimension. Raises `KeyError`."""
        for scheme in self.schemes:
            if scheme.dimension == dimension:
                return scheme
        raise KeyError(dimension)


# An own field as it reads now, in short.
OWN_FIELD = "id || ':' || md5(concat_ws('|', label_zh, label_en, choices, format, retired_at))"

# The versions in force (those of paused dimensions negative), in order; the own fields; what else is kept.
type Key = tuple[tuple[int, ...], tuple[str, ...], tuple[str, ...]]


def rulebook() -> Rulebook:
    """Return the rules in force."""
    current = SchemeRow.objects.filter(current__isnull=False).values_list("current_id", "is_paused")
    kept = KeptMetric.objects.order_by("ref").values_list("ref", flat=True)
    return rulebook_of((tuple(-pk if paused else pk for pk, paused in current), _own_fields(), tuple(kept)))


def _own_fields() -> tuple[str, ...]:
    short = RawSQL(OWN_FIELD, (), output_field=TextField())  # noqa: S611  a literal
    return tuple(CustomField.objects.order_by("pk").values_list(short, flat=True))


class RulesThen(NamedTuple):
    """The rules that were in force at a past moment; those of `early` dimensions came only later."""

    rules: Rulebook
    early: frozenset[str]


def rulebook_then(moment: datetime) -> RulesThen:
    """Return the rules that were in force at a moment.

    A dimension of today whose first version was published later is told by that version.
    """
    versions: dict[int, list[SchemeVersion]] = {}
    published = SchemeVersion.objects.filter(published_at__isnull=False).select_related("scheme")
    for version in published.order_by("scheme__position", "scheme_id", "published_at", "number"):
        versions.setdefault(version.scheme_id, []).append(version)
    chosen: list[SchemeVersion] = []
    early: set[str] = set()
    for known in versions.values():
        in_force = [v for v in known if _was_in_force(v, moment)]
        if in_force:
            chosen.append(in_force[-1])
        elif known[0].scheme.current_id and known[0].published_at and known[0].published_at > moment:
            chosen.append(known[0])
            early.add(known[0].scheme.dimension)
    return RulesThen(rulebook_of((tuple(v.pk for v in chosen), _own_fields(), ())), frozenset(early))


def _was_in_force(version: SchemeVersion, moment: datetime) -> bool:
    is_published = version.published_at is not None and version.published_at <= moment
    return is_published and (version.retired_at is None or version.retired_at > moment)


@lru_cache(maxsize=16)
def rulebook_of(key: Key) -> Rulebook:
    """Return the rules of these versions, in this order, with these own fields."""
    signed, own_fields, kept = key
    versions = [abs(pk) for pk in signed]
    rows = {row.pk: row for row in SchemeVersion.objects.filter(pk__in=versions).select_related("scheme")}
    own = tuple(custom_fields()) if own_fields else ()
    paused = frozenset(rows[-pk].scheme.dimension for pk in signed if pk < 0)
    return parse_rules([rows[pk] for pk in versions], own, paused, kept=[Ref.parse(ref) for ref in kept])


def parse_rules(
    rows: Iterable[SchemeVersion],
    own: tuple[Field, ...],
    paused: frozenset[str] = frozenset(),
    *,
    kept: Iterable[Ref] = (),
) -> Rulebook:
    """Parse versions; one that cannot be read any more stops its own dimension only.

    In a paused dimension whoever has a class keeps it, as where rules only suggest. `kept` are
    metrics that are stored although no rule in force reads them.
    """
    rows = list(rows)
    fields = base_fields().plus(own).plus(_class_field(row.data) for row in rows)
    schemes: list[Scheme] = []
    broken: dict[str, ZhikeError] = {}
    for row in rows:
        try:
            scheme = parse_scheme(row.data, fields, row.scheme.dimension)
            schemes.append(replace(scheme, mode="suggest") if scheme.dimension in paused else scheme)
        except ZhikeError as error:
            broken[row.scheme.dimension] = error
    schemes = _without_dependents(schemes, broken)
    metrics = _metrics(schemes) | {ref: METRICS[ref.name].type for ref in kept if ref.name in METRICS}
    return Rulebook(
        schemes=tuple(schemes),
        versions={row.scheme.dimension: Version(row.pk, row.number) for row in rows},
        fields=fields,
        own=own,
        metrics=metrics,
        reads={s.dimension: tuple(sorted((str(ref), ref) for ref in s.refs())) for s in schemes},
        stored=tuple((str(ref), ref, METRICS[ref.name].is_days_since) for ref in metrics),
        broken=broken,
        paused=paused,
    )


def _class_field(data: Mapping[str, object]) -> Field:
    classes = [
        *cast("list[dict[str, object]]", data.get("classes", [])),
        cast("dict[str, object]", data["default"]),
    ]
    labels = {str(item["key"]): _text(item["label"]) for item in classes}
    return class_field(str(data["key"]), _text(data["label"]), labels)


def _text(data: object) -> Text:
    words = cast("dict[str, str]", data)
    return Text(words["zh"], words["en"])


def _without_dependents(schemes: list[Scheme], broken: dict[str, ZhikeError]) -> list[Scheme]:
    """Leave out the schemes that read the class of a broken one, and theirs."""
    kept: list[Scheme] = []
    for scheme in in_dependency_order(schemes):
        stopped = [ref.name for ref in scheme.refs() if ref.source == "class" and ref.name in broken]
        if stopped:
            broken[scheme.dimension] = broken[stopped[0]]
        else:
            kept.append(scheme)
    order = {scheme.dimension: index for index, scheme in enumerate(schemes)}
    return sorted(kept, key=lambda scheme: order[scheme.dimension])


def _metrics(schemes: Iterable[Scheme]) -> dict[Ref, FieldType]:
    found = {ref: METRICS[ref.name].type for ref in ALWAYS}
    for scheme in schemes:
        for class_ in scheme.classes:
            for test in leaves(class_.when) if class_.when is not None else ():
                if test.ref.source == "metric":
                    found[test.ref] = test.type
    return found
