"""From what people and files give to the columns of a customer: checked, and with all that follows.

The folded columns and the sort key follow from the others; one function writes them, for one customer
and for a hundred thousand alike.
"""

from __future__ import annotations

from datetime import date
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from zhike.accounts.actions import clean_email
from zhike.base.inputs import Invalid, day, line
from zhike.core.text import fold
from zhike.customers.models import Customer
from zhike.customers.names import sort_key
from zhike.customers.phones import parse_phone
from zhike.customers.values import clean_custom, clean_set

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from zoneinfo import ZoneInfo

    from zhike.customers.models import CustomField

FOLDED = ("region", "city", "industry", "source")

# Columns that a person changes; `custom` is given by key and merged.
EDITABLE = [
    "key",
    "kind",
    "name",
    "owner",
    "region",
    "city",
    "industry",
    "source",
    "size",
    "birthday",
    "created_on",
    "tags",
    "custom",
    "phone",
    "email",
    "next_contact_on",
    "preferences",
    "campaign",
    "first_touch_channel",
    "first_touch_on",
    "first_touch_note",
]

_DEFAULTS = {field.attname: field.get_default() for field in Customer._meta.concrete_fields}
_in_their_places = itemgetter(*_DEFAULTS)

_SEARCHED = frozenset({"name", "phone", "email", "key"})


def _text(field: str, most: int = Customer.TEXT_MAX) -> Callable[[object], str]:
    return lambda raw: line(str(raw or ""), field, most)


def _choice(field: str, known: list[str]) -> Callable[[object], str]:
    def clean(raw: object) -> str:
        value = str(raw or "").strip()
        if value and value not in known:
            listed = ", ".join(known)
            shown = value[:40]
            raise Invalid(f"{shown} 不在可选项中：{listed}", f"{shown} is none of: {listed}", path=field)
        return value

    return clean


def _day(field: str) -> Callable[[object], date | None]:
    def clean(raw: object) -> date | None:
        if raw is None or raw == "":
            return None
        if not isinstance(raw, date):
            raise Invalid("应为日期，例如 2026-07-01", "expected a date such as 2026-07-01", path=field)
        return day(raw, field)

    return clean


def _key(raw: object) -> str | None:
    return line(str(raw or ""), "key", 100) or None


def _name(raw: object) -> str:
    return line(str(raw or ""), "name", Customer.NAME_MAX, required=True)


def _email(raw: object) -> str:
    return clean_email(str(raw)) if raw else ""


def _tags(raw: object) -> list[str]:
    assert isinstance(raw, (list, tuple, set, frozenset))
    return clean_set([str(item) for item in raw], "tags")


_CLEANERS: Mapping[str, Callable[[object], Any]] = {
    "key": _key,
    "kind": _choice("kind", Customer.Kind.values),
    "name": _name,
    **{field: _text(field) for field in FOLDED},
    "size": _choice("size", Customer.Size.values),
    "birthday": _day("birthday"),
    "created_on": _day("created_on"),
    "next_contact_on": _day("next_contact_on"),
    "tags": _tags,
    "email": _email,
    "preferences": _text("preferences", Customer.WORDS_MAX),
    "campaign": _text("campaign"),
    "first_touch_channel": _text("first_touch_channel"),
    "first_touch_on": _day("first_touch_on"),
    "first_touch_note": _text("first_touch_note", Customer.WORDS_MAX),
}


def clean(given: Mapping[str, object], fields: Collection[CustomField], zone: ZoneInfo) -> dict[str, Any]:
    """Return the columns for what was given; raises `Invalid` with the field as its path."""
    columns: dict[str, Any] = {name: _CLEANERS[name](raw) for name, raw in given.items() if name in _CLEANERS}
    if "phone" in given:
        phone = parse_phone(str(given["phone"] or ""))
        columns["phone"], columns["phone_state"] = phone.number, phone.state.value
    if "custom" in given:
        custom = given["custom"]
        assert isinstance(custom, dict)
        columns["custom"], columns["custom_folded"] = clean_custom(custom, fields, zone)
    for name in FOLDED:
        if name in columns:
            columns[f"{name}_folded"] = fold(columns[name])
    if "tags" in columns:
        columns["tags_folded"] = sorted({fold(tag) for tag in columns["tags"]})
    return columns


def derived(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return what follows from the name: how it is compared and sorted."""
    return {"name_folded": fold(columns["name"]), "name_key": sort_key(columns["name"])}


def new_customer(columns: Mapping[str, Any]) -> Customer:
    """Return a customer with these columns, in memory: by places, which is many times as fast as by names."""
    fresh: dict[str, Any] = {"tags": [], "tags_folded": [], "custom": {}, "custom_folded": {}}
    customer = Customer(*_in_their_places({**_DEFAULTS, **fresh, **columns}))
    if "owner" in columns:
        customer.owner = columns["owner"]
    return customer


def is_searched(names: Collection[str]) -> bool:
    """Say whether a change of these columns changes what the customer is found by."""
    return not _SEARCHED.isdisjoint(names)
