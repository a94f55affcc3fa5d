"""From a condition in kernel form to a Django `Q` over customers.

Where a fact is missing its expression is NULL, and so is a test of it, which WHERE takes as no.
The only place where that would show is a negation, hence `Not` is a CASE: total whatever is
inside. Constants are values; neither `Q()` nor `~Q()` occurs, since both mean everyone.
"""

from __future__ import annotations

import typing  # whole, since the core has a node named Any
from typing import TYPE_CHECKING, cast

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.lookups import DataContains, HasAnyKeys, HasKeys, Overlap
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    DateField,
    DateTimeField,
    DecimalField,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    TextField,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, ExtractDay, ExtractMonth, Lower, NullIf
from django.db.models.lookups import (
    Contains,
    EndsWith,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    IsNull,
    LessThan,
    LessThanOrEqual,
    StartsWith,
)

from zhike.classification.consents import consent_q
from zhike.classification.models import Placement
from zhike.core.conditions.nodes import All, Any, Not, Test
from zhike.core.conditions.resolve import resolve
from zhike.core.facts import FieldType, Ref
from zhike.core.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from zoneinfo import ZoneInfo

    from django.db.models import Expression, Field, Lookup

    from zhike.core.conditions.nodes import Node
    from zhike.core.schemes import Scheme

    type Tester = Callable[[Expression, object], Lookup[typing.Any]]

_TRUE, _FALSE = Value(value=True), Value(value=False)
_NUMBER = DecimalField(max_digits=40, decimal_places=4)

# The kernel's tests; the same keys as the Python evaluator's. Sets have their own table.
LOOKUPS: Mapping[str, Tester] = {
    "is_set": lambda column, _value: IsNull(column, False),  # noqa: FBT003  Django's own signature
    "in": lambda column, value: In(column, list(cast("tuple[object, ...]", value))),
    "lt": LessThan,
    "lte": LessThanOrEqual,
    "gt": GreaterThan,
    "gte": GreaterThanOrEqual,
    "contains": Contains,
    "starts_with": StartsWith,
    "ends_with": EndsWith,
    "has_any": lambda column, value: Overlap(column, list(cast("tuple[str, ...]", value))),
    "has_all": lambda column, value: DataContains(column, list(cast("tuple[str, ...]", value))),
}
_JSON_SETS: Mapping[str, Tester] = {
    "is_set": LOOKUPS["is_set"],  # an empty set is not stored
    "has_any": lambda column, value: HasAnyKeys(column, list(cast("tuple[str, ...]", value))),
    "has_all": lambda column, value: HasKeys(column, list(cast("tuple[str, ...]", value))),
}
_JSON_TYPES = {FieldType.INTEGER: "number", FieldType.DECIMAL: "number", FieldType.BOOL: "boolean"}
_CASTS: Mapping[FieldType, Field[typing.Any, typing.Any]] = {
    FieldType.TEXT: TextField(),
    FieldType.CHOICE: TextField(),
    FieldType.INTEGER: _NUMBER,
    FieldType.DECIMAL: _NUMBER,
    FieldType.BOOL: BooleanField(),
    FieldType.DATE: DateField(),
    FieldType.DATETIME: DateTimeField(),
}


def condition_q(node: Node, as_of: date, zone: ZoneInfo, classes: Mapping[str, Expression] | None = None) -> Q:
    """Return the condition as it reads on a day, to filter customers by.

    `classes` gives the class of dimensions that are not to be read from where they are stored.
    """
    return _compiled(resolve(node, as_of, zone), as_of, classes or {})


def class_case(scheme: Scheme, as_of: date, zone: ZoneInfo, classes: Mapping[str, Expression] | None = None) -> Case:
    """Return the key of the class that the scheme gives each customer."""
    ruled = [
        When(condition_q(c.when, as_of, zone, classes), then=Value(c.key)) for c in scheme.classes if c.when is not None
    ]
    return Case(*ruled, default=Value(scheme.default.key), output_field=TextField())


def _compiled(node: Node, as_of: date, classes: Mapping[str, Expression]) -> Q:
    match node:
        case Test() if node.ref.source == "consent":
            return consent_q(node)
        case Test():
            return Q(_test(node, as_of, classes))
        case Not():
            inside = When(_compiled(node.node, as_of, classes), then=_FALSE)
            return Q(Case(inside, default=_TRUE, output_field=BooleanField()))
        case All():
            return _joined([_compiled(child, as_of, classes) for child in node.nodes], Q.AND)
        case Any():
            return _joined([_compiled(child, as_of, classes) for child in node.nodes], Q.OR)


def _joined(parts: list[Q], word: str) -> Q:
    if not parts:
        return Q(_TRUE if word == Q.AND else _FALSE)
    return Q(*parts, _connector=word)


def _test(test: Test, as_of: date, classes: Mapping[str, Expression]) -> Lookup[typing.Any] | Exists:
    if test.ref.source == "class":
        given = classes.get(test.ref.name)
        return _class(test) if given is None else LOOKUPS[test.op](given, test.value)
    if test.type is FieldType.SET:
        return _set(test)
    return LOOKUPS[test.op](fact_expression(test, as_of), test.value)


def _class(test: Test) -> Exists:
    """Read the effective class from where it is stored: dimensions are placed in order."""
    placed = Placement.objects.filter(customer=OuterRef("pk"), dimension=test.ref.name)
    if test.op == "in":
        placed = placed.filter(class_key__in=cast("tuple[str, ...]", test.value))
    return Exists(placed)


def _set(test: Test) -> Lookup[typing.Any]:
    if test.ref.source == "custom":
        return _JSON_SETS[test.op](KeyTransform(test.ref.name, "custom_folded"), test.value)
    column = F(f"{test.ref.name}_folded")
    if test.op == "is_set":
        size = Func(column, function="cardinality", output_field=IntegerField())
        return GreaterThan(size, 0)
    return LOOKUPS[test.op](Cast(column, ArrayField(TextField())), test.value)


def fact_expression(test: Test, as_of: date) -> Expression:
    """Return the fact's expression, NULL where it is missing."""
    if test.ref.part:
        day = fact_expression(Test(Ref(test.ref.field, test.ref.days), FieldType.DATE, "is_set"), as_of)
        return ExtractMonth(day) * 100 + ExtractDay(day)
    match test.ref.source:
        case "metric":
            return _metric(test.ref, as_of)
        case "custom":
            return _custom(test)
        case _:
            return _customer(test)


def _customer(test: Test) -> Expression:
    name = test.ref.name
    if name == "owner":
        return Lower(F("owner__email"))
    if test.type is FieldType.DATE:
        return Cast(F(name), DateField())
    column = F(f"{name}_folded" if test.type is FieldType.TEXT else name)
    if test.op == "is_set":
        return NullIf(column, Value(""), output_field=TextField())
    # What is missing is an empty text, of which no other test is true either: so an index can be read.
    return cast("Expression", column)


def _custom(test: Test) -> Expression:
    """Read a value of the company's own field, if what is stored is of the declared type."""
    stored = "custom_folded" if test.type is FieldType.TEXT else "custom"
    kind = Func(KeyTransform(test.ref.name, stored), function="jsonb_typeof", output_field=TextField())
    value = Cast(KeyTextTransform(test.ref.name, stored), _CASTS[test.type])
    return Case(When(In(kind, [_JSON_TYPES.get(test.type, "string")]), then=value), output_field=_CASTS[test.type])


def _metric(ref: Ref, as_of: date) -> Expression:
    stored = KeyTextTransform(str(ref), "facts__values")
    metric = METRICS[ref.name]
    if metric.is_days_since:
        return _DaysSince(Value(as_of, output_field=DateField()), Cast(stored, DateField()))
    return Cast(stored, BigIntegerField() if metric.type is FieldType.INTEGER else _CASTS[metric.type])


class _DaysSince(Func):
    """A day less a day, as PostgreSQL counts them: a whole number. A day yet to come is missing."""

    template = "NULLIF(GREATEST(%(expressions)s, -1), -1)"
    arg_joiner = " - "
    output_field = IntegerField()
