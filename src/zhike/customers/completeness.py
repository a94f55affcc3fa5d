"""How much of what is asked for is known of a customer: in Python for one record, in SQL for all.

Counted are the basics below and the required own fields that the customer's kind has. The column is written
with every change; when what counts has changed, everybody is counted again, set-wise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Case, F, IntegerField, Q, Value, When

from zhike.customers.models import Customer, CustomField

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.db.models import QuerySet
    from django.db.models.expressions import Combinable

_KIND = Customer.Kind

# Column → the kind of customers of whom it is asked; empty for both.
BASICS: dict[str, str] = {
    "kind": "",
    "owner": "",
    "phone": "",
    "email": "",
    "city": "",
    "source": "",
    "industry": _KIND.COMPANY,
    "size": _KIND.COMPANY,
    "birthday": _KIND.PERSON,
}


def counted_fields() -> list[CustomField]:
    """Return the own fields that count."""
    return list(CustomField.objects.filter(is_required=True, retired_at=None).order_by("position", "pk"))


def asked_of(kind: str, fields: Iterable[CustomField]) -> list[str]:
    """Return what is asked of customers of this kind; of one whose kind is unknown, what is asked of both."""
    basics = [name for name, only in BASICS.items() if not only or only == kind]
    return [*basics, *(field.name for field in fields if field.is_for(kind) and (kind or not field.kind))]


def missing_of(kind: str, value: Callable[[str], object], fields: Iterable[CustomField]) -> list[str]:
    """Return what is asked for and not there. `value` gives what is stored of a column or of ``custom.<key>``."""
    return [name for name in asked_of(kind, fields) if value(name) in (None, "", [])]


def share(kind: str, value: Callable[[str], object], fields: Iterable[CustomField]) -> int:
    """Return how much is there, in per cent, halves up."""
    counted = list(fields)
    asked = len(asked_of(kind, counted))
    there = asked - len(missing_of(kind, value, counted))
    return (200 * there + asked) // (2 * asked)


def value_of(customer: Customer) -> Callable[[str], object]:
    """Return the way from a name to what is stored of a customer."""

    def value(name: str) -> object:
        if name.startswith("custom."):
            return customer.custom.get(name.removeprefix("custom."))
        return customer.owner_id if name == "owner" else getattr(customer, name)

    return value


def share_of(customer: Customer, fields: Iterable[CustomField]) -> int:
    return share(customer.kind, value_of(customer), fields)


def is_missing(name: str) -> Q:
    """Return the condition that a customer lacks something."""
    if name.startswith("custom."):
        return ~Q(custom__has_key=name.removeprefix("custom."))
    return Q(**{f"{name}__isnull": True}) if name in {"owner", "birthday"} else Q(**{name: ""})


def share_expression(fields: Iterable[CustomField]) -> Case:
    """Return the same share as the database works it out."""
    counted = list(fields)
    whens = [When(kind=kind, then=_expression(asked_of(kind, counted))) for kind in ("", *_KIND.values)]
    return Case(*whens, output_field=IntegerField())


def _expression(asked: list[str]) -> Combinable:
    there: Combinable = Value(0)
    for name in asked:
        there = there + Case(When(is_missing(name), then=Value(0)), default=Value(1), output_field=IntegerField())
    return (there * 200 + len(asked)) / (2 * len(asked))


def out_of_step(fields: Iterable[CustomField]) -> QuerySet[Customer]:
    """Return the customers whose share is not what it should be."""
    return Customer.objects.annotate(due=share_expression(fields)).exclude(completeness=F("due"))


def missing_counts(rows: QuerySet[Customer], fields: Iterable[CustomField]) -> tuple[int, dict[str, int]]:
    """Return how many customers there are, and of how many each asked field is missing, in one pass."""
    from django.db.models import Count  # noqa: PLC0415  the name is a noun elsewhere here

    counted = list(fields)
    names = {name: kind for kind in ("", *_KIND.values) for name in asked_of(kind, counted)}
    only = {**BASICS, **{field.name: field.kind for field in counted}}
    numbers: dict[str, Any] = {
        f"n{index}": Count("pk", filter=is_missing(name) & (Q(kind=only[name]) if only[name] else Q()))
        for index, name in enumerate(names)
    }
    found = rows.order_by().aggregate(total=Count("pk"), **numbers)
    return found["total"], {name: found[f"n{index}"] for index, name in enumerate(names)}
