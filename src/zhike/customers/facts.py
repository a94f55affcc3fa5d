"""What this app offers to conditions: the customer's fields and the company's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.core.facts import CUSTOMER_FIELDS, FieldType, Ref, Unit, custom_field
from zhike.core.text import Text
from zhike.customers.models import Customer, CustomField
from zhike.customers.values import read

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zhike.core.facts import Field, Value

_TEXTS = tuple(
    (Ref(f"customer.{name}"), name) for name in ("kind", "name", "region", "city", "industry", "source", "size")
)
_DATES = tuple((Ref(f"customer.{name}"), name) for name in ("birthday", "created_on"))
_TAGS = Ref("customer.tags")
_OWNER = Ref("customer.owner")

assert {str(ref) for ref, _ in (*_TEXTS, *_DATES)} | {str(_TAGS), str(_OWNER)} == {f.key for f in CUSTOMER_FIELDS}


def as_field(field: CustomField, *, says_retired: bool = True) -> Field:
    """Return the definition as a field that conditions may name. What is retired says so in its name."""

    def label(zh: str, en: str, *, is_retired: bool) -> Text:
        return Text(f"{zh}（已停用）", f"{en} (retired)") if says_retired and is_retired else Text(zh, en)

    choices = {c["key"]: label(c["zh"], c["en"], is_retired="retired" in c) for c in field.choices}
    return custom_field(
        field.key,
        FieldType(field.type),
        label(field.label_zh, field.label_en, is_retired=field.is_retired),
        choices or None,
        unit=Unit.MONEY if field.format == field.Format.MONEY else Unit.NONE,
        format_=field.format,
    )


def custom_fields(*, says_retired: bool = True) -> list[Field]:
    """Return the company's own fields, in their order; a pack takes their bare names with it."""
    return [as_field(field, says_retired=says_retired) for field in CustomField.objects.all()]


def field_values(customer: Customer, own: Iterable[Field]) -> dict[Ref, Value]:
    """Return every `customer.*` value, and the `custom.*` values that are set.

    The owner must be loaded with the customer.
    """
    values: dict[Ref, Value] = {ref: getattr(customer, name) or None for ref, name in _TEXTS}
    values |= {ref: getattr(customer, name) for ref, name in _DATES}
    values[_TAGS] = frozenset(customer.tags)
    values[_OWNER] = customer.owner.email if customer.owner else None
    for field in own:
        ref = Ref(field.key)
        if ref.name in customer.custom:
            values[ref] = read(customer.custom[ref.name], field.type)
    return values
