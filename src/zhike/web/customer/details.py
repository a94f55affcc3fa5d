"""资料: what is known of a customer beside the head of the page, under the company's own headings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhike.customers.fields import all_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zhike.customers.display import Display
    from zhike.customers.models import Customer, CustomField


@dataclass(frozen=True, slots=True)
class Detail:
    """One field with its words; `href` leads to a telephone, a mailbox, a page or another customer."""

    label: str
    value: str
    href: str
    is_wide: bool


@dataclass(frozen=True, slots=True)
class DetailGroup:
    """The filled fields under one heading."""

    label: str
    details: Sequence[Detail]


def detail_groups(customer: Customer, fields: Iterable[CustomField], display: Display) -> list[DetailGroup]:
    """Return the own fields that this customer has something in, by heading, in their order."""
    shown = [(field, _stored(customer, field)) for field in fields if not field.is_retired]
    filled = [(field, stored) for field, stored in shown if stored is not None]
    display.load((field.name, stored) for field, stored in filled)
    found: dict[str, list[Detail]] = {}
    for field, stored in sorted(filled, key=lambda pair: _place(pair[0])):
        label = field.section.label(display.language) if field.section else ""
        detail = Detail(
            field.label(display.language),
            display.value(field.name, stored),
            display.href(field.name, stored),
            field.format == field.Format.LONG,
        )
        found.setdefault(label, []).append(detail)
    return [DetailGroup(label, details) for label, details in found.items()]


def _stored(customer: Customer, field: CustomField) -> object:
    return customer.custom.get(field.key)


def _place(field: CustomField) -> tuple[int, int, int]:
    return (field.section.position if field.section else -1, field.section_id or 0, field.position)


def load_fields() -> list[CustomField]:
    return list(all_fields())
