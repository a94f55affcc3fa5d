"""Rules that are not in force yet, read strictly: beside those in force, and with the numbers of today.

A draft may be wrong anywhere; here it is refused with the place, and so is what it would break in
other dimensions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.db.models import Aggregate, FloatField, Q

from zhike.accounts.queries import company_zone
from zhike.base.clock import today
from zhike.classification.condition_q import fact_expression
from zhike.classification.inputs import check_inputs
from zhike.classification.models import Scheme as SchemeRow
from zhike.classification.models import SchemeVersion
from zhike.classification.rules import parse_rules, rulebook
from zhike.core.conditions.nodes import Test
from zhike.core.conditions.parse import COUNTED, problems
from zhike.core.conditions.quantiles import wanted, with_numbers
from zhike.core.errors import ConditionError, PackError, ZhikeError
from zhike.core.facts import FieldType
from zhike.core.metrics import METRICS
from zhike.core.packs import base_fields, parse_pack, parse_scheme
from zhike.customers.facts import custom_fields
from zhike.customers.models import Customer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from zhike.classification.rules import Rulebook
    from zhike.core.conditions.quantiles import Number, Wanted
    from zhike.core.facts import Field, FieldSet, Ref
    from zhike.core.schemes import Scheme

_PLACE = re.compile(r"dimensions\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Candidate:
    """The rules as they would be with some versions changed, and which dimensions that touches."""

    rules: Rulebook
    changed: frozenset[str]
    # The changed dimensions and all that read their classes, in dependency order with their names.
    affected: tuple[str, ...]


def candidate(versions: Iterable[SchemeVersion], *, without: Iterable[str] = ()) -> Candidate:
    """Return the rules with these versions in place of those in force. Raises for the first thing that is wrong."""
    chosen = {version.scheme.dimension: version for version in versions}
    gone = set(without)
    rows = [chosen.pop(row.scheme.dimension, row) for row in _in_force() if row.scheme.dimension not in gone]
    rows += chosen.values()
    changed = frozenset(version.scheme.dimension for version in versions) | gone
    own = tuple(custom_fields())
    _check_together(rows, own)
    rules = parse_rules(rows, own, kept=set(rulebook().metrics))
    check_inputs(scheme for scheme in rules.schemes if scheme.dimension in changed)
    return Candidate(rules, changed, affected(rules.schemes, changed))


def _check_together(rows: Sequence[SchemeVersion], own: Iterable[Field]) -> None:
    """Read all dimensions as one pack; a place is named from its dimension on: ``care.classes[0].when``."""
    try:
        parse_pack({"pack": "candidate", "version": 1, "dimensions": [row.data for row in rows]}, own)
    except (ConditionError, PackError) as error:
        place = _PLACE.match(error.path)
        path = f"{rows[int(place[1])].scheme.dimension}{error.path[place.end() :]}" if place else error.path
        raise type(error)(error.zh, error.en, path=path) from None


def _in_force() -> list[SchemeVersion]:
    """Return the versions in force in the order of their dimensions."""
    rows = SchemeRow.objects.filter(current__isnull=False).select_related("current__scheme")
    return [cast("SchemeVersion", row.current) for row in rows]


def affected(schemes: Sequence[Scheme], changed: frozenset[str]) -> tuple[str, ...]:
    """Return the changed dimensions and all that read their classes, in the order of the schemes."""
    found = set(changed)
    while True:
        more = {s.dimension for s in schemes if any(r.source == "class" and r.name in found for r in s.refs())}
        if more <= found:
            return tuple(s.dimension for s in schemes if s.dimension in found)
        found |= more


def check_draft(data: Mapping[str, object], dimension: str) -> Scheme:
    """Return one dimension's draft as a scheme; quantiles get the numbers of today. Raises with the place."""
    if data.get("key") != dimension:
        raise PackError("维度的键不能改。", "the key of a dimension cannot change.", path="key")
    return _parsed(numbered(data))


def _parsed(data: Mapping[str, object]) -> Scheme:
    """Read one dimension; a place is named from the dimension's own top: ``classes[0].when``."""
    try:
        return parse_scheme(data, draft_fields(), "")
    except (ConditionError, PackError) as error:
        raise type(error)(error.zh, error.en, path=error.path.removeprefix(".")) from None


def read_version(version: SchemeVersion) -> Scheme:
    """Return the rules of one version, whatever its state: the quantiles of a draft are those of today."""
    data = cast("Mapping[str, object]", version.data)
    return check_draft(data, version.scheme.dimension) if version.state == version.State.DRAFT else _parsed(data)


def draft_problems(draft: SchemeVersion) -> list[ZhikeError]:
    """Return everything that is wrong with a draft, each with its place; nothing if it can be put in force.

    A place in another dimension, which the draft would break, begins with that dimension.
    """
    data = cast("Mapping[str, object]", draft.data)
    found = _own_problems(data)
    try:
        check_draft(data, draft.scheme.dimension)
        candidate([draft_version(draft)])
    except (ConditionError, PackError) as error:
        place = error.path.removeprefix(f"{draft.scheme.dimension}.")
        if place not in {known.path for known in found}:
            found.append(type(error)(error.zh, error.en, path=place))
    return found


def _own_problems(data: Mapping[str, object]) -> list[ZhikeError]:
    """Look at every class by itself, so that one mistake does not hide another."""
    fields = draft_fields()
    found: dict[str, ZhikeError] = {}
    listed = data.get("classes")
    for index, item in enumerate(listed if isinstance(listed, list) else []):
        if not isinstance(item, Mapping):
            continue
        place = f"classes[{index}]"
        try:
            if "when" in item:
                shaped = with_numbers(item["when"], lambda _: 0, f"{place}.when")
                found |= {error.path: error for error in problems(shaped, fields, f"{place}.when")}
            parse_scheme({**data, "classes": [{**item, "when": {"everyone": True}}]}, fields, "")
        except (ConditionError, PackError) as error:
            path = error.path.removeprefix(".").replace("classes[0]", place, 1)
            found.setdefault(path, type(error)(error.zh, error.en, path=path))
    return list(found.values())


def draft_fields() -> FieldSet:
    """Return what the conditions of a draft may name: the classes of other dimensions are those in force."""
    return base_fields().plus(custom_fields()).plus(scheme.as_field() for scheme in rulebook().schemes)


def read_by(data: Mapping[str, object]) -> frozenset[Ref]:
    """Return the facts that a draft reads, whatever its quantiles come to. Raises what is wrong with it."""
    return _parsed(cast("Mapping[str, object]", with_numbers(data, lambda _: 0))).refs()


def numbered(data: Mapping[str, object]) -> Mapping[str, object]:
    """Return the rules with the present number beside each quantile."""
    if not wanted(data):
        return data
    day, fields = today(company_zone()), draft_fields()

    def number(item: Wanted) -> Number | None:
        field = fields.get(item.ref.field)
        # What has no quantile is refused with its place when the rules are read.
        return quantile_number(item, day) if field is not None and field.type in COUNTED else 0

    return cast("Mapping[str, object]", with_numbers(data, number))


def draft_version(draft: SchemeVersion) -> SchemeVersion:
    """Return the draft as a version whose quantiles have the numbers of today."""
    data = numbered(cast("Mapping[str, object]", draft.data))
    return SchemeVersion(pk=draft.pk, scheme=draft.scheme, number=draft.number, data=data)


class _Quantile(Aggregate):
    """PostgreSQL's `percentile_disc`: the smallest value that at least the share does not exceed."""

    template = "percentile_disc(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    allow_distinct = False


def quantile_number(item: Wanted, day: date) -> Number | None:
    """Return the number that a quantile is today; None where nobody has a value, or all are 0."""
    type_ = fact_type(item.ref)
    fact = fact_expression(Test(item.ref, type_, "is_set"), day)
    rows = Customer.present.annotate(fact=fact).filter(~Q(fact=0), fact__isnull=False)
    found: Any = rows.aggregate(found=_Quantile("fact", share=float(item.share), output_field=_output(type_)))["found"]
    return None if found is None else cast("Number", found)


def _output(type_: FieldType) -> Any:  # noqa: ANN401  a field of Django's
    from django.db.models import BigIntegerField, DecimalField  # noqa: PLC0415

    if type_ is FieldType.INTEGER:
        return BigIntegerField()
    return DecimalField(max_digits=40, decimal_places=4) if type_ is FieldType.DECIMAL else FloatField()


def fact_type(ref: Ref) -> FieldType:
    """Return the type of a number that rules may read."""
    if ref.source == "metric" and ref.name in METRICS:
        return METRICS[ref.name].type
    fields = {field.key: field.type for field in custom_fields()}
    return fields.get(ref.field, FieldType.INTEGER)
