"""The columns of customers that a list can show: those of the record, and the company's own.

A list chooses among them by key, asks each for its head, and for the words of a cell; whether the list can be
sorted by one is said by `order`, which an index stands behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from zhike.base.paging import Order
from zhike.core.facts import FieldType
from zhike.customers.actions.changes import plain
from zhike.customers.fields import active_fields, kind_of
from zhike.customers.models import Customer, CustomField

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zhike.core.text import Language
    from zhike.customers.display import Display

_COLUMNS = (
    "key",
    "kind",
    "phone",
    "email",
    "region",
    "city",
    "industry",
    "size",
    "source",
    "birthday",
    "created_on",
    "tags",
)
# What an index gives in order.
_ORDERS = {
    "name": Order("name_key"),
    "next_contact_on": Order("next_contact_on", nullable=True),
    "completeness": Order("completeness"),
}


@dataclass(frozen=True, slots=True)
class ListColumn:
    """One column: `key` is that of the field (``custom.<key>`` for an own one), `css` the classes of its cells."""

    key: str
    label: str
    css: str = ""
    order: Order | None = None
    icon: str = ""

    def stored(self, customer: Customer) -> object:
        """Return what is stored, as the history and `Display` take it."""
        if self.key.startswith("custom."):
            return customer.custom.get(self.key.removeprefix("custom."))
        return plain(getattr(customer, self.key))


def list_columns(language: Language) -> list[ListColumn]:
    """Return the columns that can be chosen, in the order in which they are offered."""
    meta = Customer._meta
    plain_columns = [
        ListColumn(name, str(meta.get_field(name).verbose_name), "wide", _ORDERS.get(name))  # type: ignore[union-attr]
        for name in _COLUMNS
    ]
    completeness = ListColumn("completeness", gettext("完整度"), "wide r", _ORDERS["completeness"])
    return [*plain_columns, completeness, *(own_column(field, language) for field in active_fields())]


def own_column(field: CustomField, language: Language) -> ListColumn:
    """Return the column of an own field. The list is not sorted by one: no index gives its order."""
    is_number = field.type in {FieldType.INTEGER, FieldType.DECIMAL}
    return ListColumn(field.name, field.label(language), "wide r" if is_number else "wide", None, kind_of(field).icon)


def list_cells(customers: Sequence[Customer], columns: Iterable[ListColumn], display: Display) -> list[list[str]]:
    """Return the words of every cell, row by row; the names of all who are named come in two queries."""
    chosen = list(columns)
    stored = [[(column.key, column.stored(customer)) for column in chosen] for customer in customers]
    display.load(pair for row in stored for pair in row)
    return [
        [f"{value}%" if key == "completeness" else display.value(key, value) for key, value in row] for row in stored
    ]
