"""What the filter menu offers: the classes of every dimension, and the values that fields have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from zhike.accounts.models import User
from zhike.accounts.policy import readable_fields, visible
from zhike.customers.models import Customer
from zhike.customers.queries import common_values
from zhike.web.chips import class_chip
from zhike.web.customers.filters import CHOICES, CLASS, COLUMNS, NOBODY, field_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django.utils.functional import Promise

    from zhike.base.chips import Chip
    from zhike.core.schemes import Scheme
    from zhike.core.text import Language
    from zhike.web.customers.filters import Filter

MOST_OPTIONS = 40
VALUE_COLUMNS = ("region", "city", "industry", "source")


@dataclass(frozen=True, slots=True)
class Option:
    """One value to choose."""

    value: str
    label: str
    chosen: bool
    chip: Chip | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One name of the filter with its options."""

    name: str
    label: str
    options: Sequence[Option]


@dataclass(frozen=True, slots=True)
class Menu:
    """The classes as chips, the fields as lists."""

    classes: Sequence[Choice]
    fields: Sequence[Choice]


def filter_menu(chosen: Filter, schemes: Iterable[Scheme], user: User, language: Language) -> Menu:
    """Return all there is to choose from, with what is chosen."""
    readable = readable_fields(user, Customer)
    now = {condition.name: condition.values for condition in chosen.conditions}
    common = common_values(user, (*VALUE_COLUMNS, "tags"), MOST_OPTIONS)
    fields = [
        _choice("kind", CHOICES["kind"].choices, now),
        *(_choice(name, _pairs(common.get(name, ())), now) for name in VALUE_COLUMNS),
        _choice("size", CHOICES["size"].choices, now),
        _choice("owner", _owners(user), now),
        _choice("tag", _pairs(common.get("tags", ())), now),
    ]
    return Menu(
        classes=[_classes(scheme, now.get(CLASS + scheme.dimension, ()), language) for scheme in schemes],
        fields=[field for field in fields if field.options and COLUMNS.get(field.name, field.name) in readable],
    )


def _classes(scheme: Scheme, chosen: Sequence[str], language: Language) -> Choice:
    options = [
        Option(c.key, c.label.get(language), c.key in chosen, class_chip(scheme, c.key, language))
        for c in scheme.classes
    ]
    return Choice(CLASS + scheme.dimension, scheme.label.get(language), options)


def _choice(name: str, pairs: Iterable[tuple[str, str | Promise]], now: Mapping[str, Sequence[str]]) -> Choice:
    chosen = now.get(name, ())
    options = [Option(value, str(label), value in chosen) for value, label in pairs if value]
    missing = [Option(value, value, chosen=True) for value in chosen if value not in {o.value for o in options}]
    return Choice(name, field_label(name), [*options, *missing])


def known_values(user: User, column: str) -> list[tuple[str, str]]:
    """Return common values of a column among the customers this person may see, each with what it is called."""
    return _pairs(common_values(user, [column], MOST_OPTIONS).get(column, ()))


def _pairs(values: Iterable[str]) -> list[tuple[str, str]]:
    return [(value, value) for value in values]


def _owners(user: User) -> list[tuple[str, str]]:
    people = visible(user, User).filter(is_active=True).order_by("name")
    return [*((str(person.pk), person.name) for person in people), (NOBODY, gettext("无人负责"))]
