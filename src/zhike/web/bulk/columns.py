"""The columns of an exported file: what each is called, of what kind it is, and how it is read of a customer.

Which columns a person may have is decided in one place, `columns_for`; whatever they may not read is not offered and,
asked for nevertheless, not written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, cast

from django.utils import timezone
from django.utils.translation import gettext

from zhike.accounts.models import User
from zhike.accounts.policy import field_access
from zhike.classification.rules import rulebook
from zhike.core.facts import FieldType
from zhike.customers.display import DAYS, column_label
from zhike.customers.models import Customer, CustomField
from zhike.customers.queries import SEARCH_COLUMNS
from zhike.customers.values import read
from zhike.web.customers.columns import FIELDS
from zhike.web.customers.rows import last_contact, revenue_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from decimal import Decimal

    from django.db.models import QuerySet

    from zhike.accounts.field_access import FieldAccess
    from zhike.classification.queries import Standing
    from zhike.core.schemes import Scheme
    from zhike.core.text import Language

    type Standings = Mapping[str, Standing]
    type Value = str | date | datetime | int | Decimal | None


class Form(Enum):
    """What the cells of a column hold. An amount is in minor units."""

    TEXT = "text"
    DATE = "date"
    MOMENT = "moment"
    NUMBER = "number"
    MONEY = "money"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `cell` reads it of a customer who was loaded with the list's columns, and of their classes."""

    key: str
    label: str
    form: Form
    cell: Callable[[Customer, Standings], Value]
    is_usual: bool = False


# Those that the list shows, beside the classes.
_USUAL = frozenset({"name", "city", "owner", "next_contact_on"})
_BEFORE_CLASSES = ("name", "key", "kind", "phone", "email", "region", "city")
_AFTER = (*(name for name in FIELDS.values() if name not in _BEFORE_CLASSES), "owner", "next_contact_on")
REVENUE, CONTACTED = "revenue", "contacted_at"


def columns_for(user: User, language: Language) -> list[Column]:
    """Return the columns that this person may have, in the order of the file. Its labels are in `language`."""
    access = field_access(user, Customer)
    before, after = (
        [_shown(_plain(name), access) for name in names if access.knows(name)] for names in (_BEFORE_CLASSES, _AFTER)
    )
    classes = [_class(scheme, language) for scheme in rulebook().schemes]
    known = [
        Column(REVENUE, gettext("近 365 天成交"), Form.MONEY, lambda c, _: getattr(c, "revenue", None), is_usual=True),
        Column(CONTACTED, gettext("最近联系"), Form.MOMENT, _contacted, is_usual=True),
    ]
    own = [_own(field, language) for field in CustomField.objects.all()]
    own = [_shown(column, access) for column in own if access.knows(column.key)]
    return [*before, *classes, *known, *after, *own]


def _shown(column: Column, access: FieldAccess) -> Column:
    """Let a column say only what the person may read of it: of a masked field the mask."""
    if access.reads(column.key):
        return column
    return replace(column, form=Form.TEXT, cell=lambda c, s: cast("Value", access.shown(column.key, column.cell(c, s))))


def _plain(name: str) -> Column:
    form = Form.DATE if name in DAYS else Form.TEXT
    return Column(name, column_label(name), form, _reader(name), is_usual=name in _USUAL)


def _reader(name: str) -> Callable[[Customer, Standings], Value]:
    match name:
        case "owner":
            names = dict(User.objects.values_list("pk", "name"))
            return lambda customer, _: names.get(customer.owner_id or 0, "")
        case "kind" | "size":
            choices = Customer.Kind.choices if name == "kind" else Customer.Size.choices
            labels = {key: str(label) for key, label in choices}
            return lambda customer, _: labels.get(getattr(customer, name), "")
        case "tags":
            return lambda customer, _: "|".join(customer.tags)
        case _:
            return lambda customer, _: cast("Value", getattr(customer, name))


def _contacted(customer: Customer, _: Standings) -> Value:
    at: datetime | None = getattr(customer, "contacted_at", None)
    return timezone.localtime(at) if at else None


def _class(scheme: Scheme, language: Language) -> Column:
    """Return the column of a dimension: two dimensions may have classes of one name, so a cell says both."""
    dimension, pattern = scheme.label.get(language), gettext("%(dimension)s：%(label)s")

    def named(label: str) -> str:
        return pattern % {"dimension": dimension, "label": label}

    names = {class_.key: named(class_.label.get(language)) for class_ in scheme.classes}
    unknown = named(gettext("未判定"))

    def cell(_: Customer, standings: Standings) -> Value:
        found = standings.get(scheme.dimension)
        if found is None:
            return ""
        return unknown if found.undetermined else names.get(found.class_key, named(found.class_key))

    return Column(f"class.{scheme.dimension}", dimension, Form.TEXT, cell, is_usual=True)


def _own(field: CustomField, language: Language) -> Column:
    type_ = FieldType(field.type)
    labels = {choice["key"]: choice[language] for choice in field.choices}
    words = {True: gettext("是"), False: gettext("否")}

    def cell(customer: Customer, _: Standings) -> Value:
        found = read(customer.custom.get(field.key), type_)
        if isinstance(found, bool):
            return words[found]
        if isinstance(found, frozenset):
            return "|".join(labels.get(str(item), str(item)) for item in sorted(found, key=str))
        if isinstance(found, datetime):
            return timezone.localtime(found)
        return labels.get(found, found) if isinstance(found, str) else cast("Value", found)

    forms = {
        FieldType.DATE: Form.DATE,
        FieldType.DATETIME: Form.MOMENT,
        FieldType.INTEGER: Form.NUMBER,
        FieldType.DECIMAL: Form.NUMBER,
    }
    return Column(field.name, field.label(language), forms.get(type_, Form.TEXT), cell)


def loaded(customers: QuerySet[Customer], columns: Sequence[Column], as_of: date | None) -> QuerySet[Customer]:
    """Load with each customer what these columns read, and nothing that is costly for those that are not there."""
    known = {column.key for column in columns}
    shown = customers.defer(*SEARCH_COLUMNS)
    if CONTACTED in known:
        shown = shown.annotate(contacted_at=last_contact("occurred_at", as_of))
    if REVENUE in known:
        shown = shown.annotate(revenue=revenue_of(as_of))
    return shown


def wanted(columns: Sequence[Column], keys: Sequence[str]) -> list[Column]:
    """Return the columns that were asked for and that there are, in the order of the file."""
    return [column for column in columns if column.key in set(keys)]
