"""The columns of the customer list: which there are, which a person sees, and what stands in a cell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zhike.accounts.policy import field_access
from zhike.base.templatetags.zhike import masked_phone
from zhike.classification.facts import read_stored
from zhike.core.conditions.values import fact_name, format_value
from zhike.core.facts import FieldType, Ref, Unit
from zhike.customers.display import column_label
from zhike.customers.models import Customer
from zhike.customers.values import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from django.utils.functional import Promise

    from zhike.accounts.field_access import FieldAccess
    from zhike.accounts.models import User
    from zhike.base.chips import Chip
    from zhike.classification.rules import Rulebook
    from zhike.core.facts import Field
    from zhike.core.text import Language

NAME, OWNER, NEXT, CONTACTED = "name", "owner", "next", "contacted"
REVENUE = "metric.revenue@365"
CLASS, CUSTOM, METRIC = "class.", "custom.", "metric."

# Key → column of a customer, which says what it is called. An exported file has the same.
FIELDS: Mapping[str, str] = {
    "kind": "kind",
    "region": "region",
    "city": "city",
    "industry": "industry",
    "size": "size",
    "source": "source",
    "tags": "tags",
    "phone": "phone",
    "email": "email",
    "key": "key",
    "birthday": "birthday",
    "created": "created_on",
}
# What a column is sorted by, where an index gives the order: the name that `?sort=` has for it.
INTERACTION = Ref("metric.days_since_interaction")
SORTS: Mapping[str, str] = {NAME: "name", NEXT: "next", REVENUE: "revenue", "created": "created"}
# Columns that are changed where they stand: the key → the field of the customer.
EDITED: Mapping[str, str] = {
    **{key: column for key, column in FIELDS.items() if key != "key"},
    NAME: "name",
    OWNER: "owner",
    NEXT: "next_contact_on",
}
GROUPS: Mapping[str, str | Promise] = {
    "class": _("分类维度"),
    "metric": _("指标"),
    "contact": _("联系"),
    "customer": _("客户资料"),
    "custom": _("自定义字段"),
}
# How wide a column is of itself, in pixels; a class that waits for another needs room for both.
WIDTHS: Mapping[str, int] = {
    NAME: 204,
    NEXT: 96,
    CONTACTED: 148,
    OWNER: 100,
    REVENUE: 104,
    "region": 88,
    "city": 88,
    "industry": 96,
    "tags": 160,
    "email": 180,
    "phone": 128,
}
WIDTH = 112
# What English needs more of.
WIDER: Mapping[tuple[Language, str], int] = {("en", CONTACTED): 172, ("en", REVENUE): 132, ("en", NEXT): 108}
CLASS_WIDTHS: Mapping[Language, tuple[int, int]] = {"zh": (88, 168), "en": (116, 232)}
PICK = 44
# So wide is the list beside the side bar of a window of 1440 pixels, with a scroll bar.
ROOM = 1_224
_FEWEST = 3
_NUMBERS = frozenset({FieldType.INTEGER, FieldType.DECIMAL})


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `sort` is its name in the address, `edits` whether its cells can be changed in place.

    `does` is what a click on a cell leads to, `edit`, `why` or nothing; `attributes` are those of its cells, loud and
    quiet. What is the same for all cells of a page is worked out here, once.
    """

    key: str
    label: str
    group: str
    right: bool = False
    sort: str = ""
    edits: bool = False
    field: Field | None = None
    ref: Ref | None = None
    width: int | None = None
    css: str = "wide"
    does: str = ""
    attributes: str = ""
    quiet_attributes: str = ""

    @property
    def dimension(self) -> str:
        return self.key.removeprefix(CLASS)


def known_columns(rules: Rulebook, user: User, language: Language) -> dict[str, Column]:
    """Return all columns that this person may have, by their keys, in the order in which they are offered."""
    access = field_access(user, Customer)
    found = [Column(NAME, gettext("客户"), "customer", sort="name", edits=True)]
    found += [
        Column(CLASS + scheme.dimension, scheme.label.get(language), "class", ref=Ref(CLASS + scheme.dimension))
        for scheme in rules.schemes
    ]
    found += _metrics(rules, language)
    # Only what is kept of everybody can be sorted by.
    sort = CONTACTED if INTERACTION in rules.metrics else ""
    found.append(Column(CONTACTED, gettext("最近联系"), "contact", sort=sort))
    found += [Column(key, column_label(EDITED[key]), "contact", sort=SORTS.get(key, "")) for key in (NEXT, OWNER)]
    found += [
        Column(key, column_label(column), "customer", sort=SORTS.get(key, ""))
        for key, column in FIELDS.items()
        if access.reads(column)
    ]
    found += [
        Column(f.key, f.label.get(language), "custom", right=f.type in _NUMBERS, edits=access.writes(f.key), field=f)
        for f in rules.own
        if access.knows(f.key)
    ]
    return {column.key: _finished(column, access) for column in found}


def _finished(column: Column, access: FieldAccess) -> Column:
    css = {NAME: "first", NEXT: "next"}.get(column.key, "wide of-class" if column.group == "class" else "wide")
    written = EDITED.get(column.key)
    edits = column.edits if written is None else access.writes(written)
    does = "edit" if edits else "why" if column.group == "class" else ""
    css = f"{css} r" if column.right else css
    return drawable(replace(column, edits=edits, does=does, css=css))


def drawable(column: Column) -> Column:
    """Write out what its cells have in common, once for all rows."""
    leads = format_html(' data-{}="{}" tabindex="-1"', column.does, column.dimension) if column.does else ""
    loud, quiet = (format_html('class="{}"{}', classes, leads) for classes in (column.css, f"{column.css} zk-2"))
    return replace(column, attributes=loud, quiet_attributes=quiet)


def _metrics(rules: Rulebook, language: Language) -> list[Column]:
    """Return the metrics that are kept of everybody, those of money first."""
    fields = {ref: rules.fields[ref.field] for ref in rules.metrics}
    order = sorted(fields, key=lambda ref: (fields[ref].unit is not Unit.MONEY, ref.field, -(ref.days or 10**6)))
    return [
        Column(
            str(ref),
            gettext("近 365 天成交") if str(ref) == REVENUE else fact_name(ref, fields[ref], language),
            "metric",
            right=True,
            sort=SORTS.get(str(ref), ""),
            field=fields[ref],
            ref=ref,
        )
        for ref in order
    ]


def usual_columns(known: Mapping[str, Column], language: Language) -> list[Column]:
    """Return the columns of a list for which nobody has chosen any: of the dimensions as many as there is room for."""
    classes = [column for column in known.values() if column.group == "class"]
    name, *others = (known[key] for key in (NAME, REVENUE, CONTACTED, NEXT, OWNER) if key in known)
    left = ROOM - PICK - sum(width_of(column, language) for column in (name, *others))
    fitting = left // CLASS_WIDTHS[language][False]
    return [name, *classes[: max(fitting, _FEWEST)], *others]


def chosen_columns(known: Mapping[str, Column], stored: object, language: Language) -> list[Column]:
    """Return the columns that were chosen, as far as there are such; the name comes first in any case."""
    items = [item for item in stored if isinstance(item, dict)] if isinstance(stored, list) else []
    found = [
        replace(known[item["key"]], width=width if isinstance(width := item.get("width"), int) else None)
        for item in items
        if isinstance(item.get("key"), str) and item["key"] in known
    ]
    if not found:
        return usual_columns(known, language)
    name = next((column for column in found if column.key == NAME), known[NAME])
    return [name, *(column for column in found if column.key != NAME)]


def as_stored(columns: Iterable[Column]) -> list[dict[str, object]]:
    return [{"key": column.key, "width": column.width} for column in columns]


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one cell. `kind` says how it is drawn, empty for text, which a chip is too."""

    column: Column
    text: str = ""
    kind: str = ""
    chip: Chip | None = None
    value: Any = None
    is_quiet: bool = False

    @property
    def attributes(self) -> str:
        return self.column.quiet_attributes if self.is_quiet else self.column.attributes


def fact_cell(column: Column, values: Mapping[str, object], today: date, language: Language, currency: str) -> Cell:
    """Return the cell of a metric, from what is stored of a customer."""
    assert column.ref is not None
    assert column.field is not None
    value = read_stored(values, column.ref, today)
    if value is None:
        return Cell(column, "—", is_quiet=True)
    if value == 0 and not column.ref.name.startswith("days_since"):
        return Cell(column, "0", is_quiet=True)
    return Cell(column, format_value(value, column.field, language, currency))


def own_cell(column: Column, customer: Customer, language: Language, currency: str) -> Cell:
    """Return the cell of one of the company's own fields."""
    assert column.field is not None
    value = read(customer.custom.get(column.key.removeprefix(CUSTOM)), column.field.type)
    if value is None or value == frozenset():
        return Cell(column, "—", is_quiet=True)
    return Cell(column, format_value(value, column.field, language, currency))


def field_cell(column: Column, customer: Customer) -> Cell:
    """Return the cell of a column of the customer's own."""
    name = FIELDS[column.key]
    match getattr(customer, name):
        case None | "" | []:
            return Cell(column, "—", is_quiet=True)
        case list() as tags:
            return Cell(column, kind="tags", value=tags)
        case value if name in {"kind", "size"}:
            del value
            return Cell(column, str(getattr(customer, f"get_{name}_display")()))
        case value if name == "phone":
            return Cell(column, masked_phone(str(value)))
        case value:
            return Cell(column, str(value))


def width_of(column: Column, language: Language, *, turns: bool = False) -> int:
    """Return the width of a column in pixels."""
    if column.width is not None:
        return column.width
    if column.group == "class":
        return CLASS_WIDTHS[language][turns]
    return WIDER.get((language, column.key)) or WIDTHS.get(column.key, WIDTH)


def needs(columns: Sequence[Column]) -> frozenset[str]:
    """Return which of the dearer things the columns read: `contacted`, `revenue`, `facts`, `classes`."""
    found = set()
    for column in columns:
        if column.key in {CONTACTED, REVENUE}:
            found.add(column.key)
        elif column.group == "metric":
            found.add("facts")
    return frozenset(found)
