"""The filter of the customer list, as it stands in the address: read, checked, applied, described.

``?class.value=high&city=上海&q=wtl``. Several values of one name mean any of them, several names
mean all of them. With ``as_of=2026-05-01`` classes are those that were told on that day, and only
customers are kept whose record had begun. ``was.value=regular&was_on=2026-02-01`` asks for the class
of another day. What cannot be read is refused in words, never ignored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zhike.accounts.models import User
from zhike.accounts.policy import visible
from zhike.classification.history import began_by, told_any, told_in
from zhike.classification.models import Placement
from zhike.core.errors import ZhikeError, suggestion
from zhike.core.text import fold
from zhike.customers.models import Customer, Favourite
from zhike.customers.queries import search
from zhike.web.as_of import AS_OF, read_day, read_past_day
from zhike.web.request import local_today

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from django.db.models import QuerySet
    from django.http import QueryDict
    from django.utils.functional import Promise

    from zhike.core.schemes import Scheme
    from zhike.core.text import Language

CLASS = "class."
WAS, WAS_ON = "was.", "was_on"
NO_CLASS = "-"  # ?was.value=-: nothing was told of them on that day
SEARCH = "q"
KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")
MOST_VALUES = 20
LONGEST = 100

# Name in the address → column compared and label. Texts are compared folded.
FIELDS: Mapping[str, tuple[str, str | Promise]] = {
    "kind": ("kind", _("客户性质")),
    "size": ("size", _("规模")),
    "region": ("region_folded", _("区域")),
    "city": ("city_folded", _("城市")),
    "industry": ("industry_folded", _("行业")),
    "source": ("source_folded", _("来源")),
    "tag": ("tags_folded", _("标签")),
    "owner": ("owner", _("负责人")),
}
CHOICES = {"kind": Customer.Kind, "size": Customer.Size}
STARRED = "starred"  # ?starred=1: the reader's own favourites
NOBODY = "none"  # ?owner=none: customers without an owner


class FilterError(ZhikeError):
    """A filter that names something which does not exist."""

    code = "bad_filter"
    status = 400


@dataclass(frozen=True, slots=True)
class Condition:
    """One name of the filter with its values, and how a person reads it. `day`: the past day of a class."""

    name: str
    label: str
    values: tuple[str, ...]
    words: tuple[str, ...]
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """All conditions, and what was searched for."""

    conditions: tuple[Condition, ...] = ()
    text: str = ""
    as_of: date | None = None

    def __bool__(self) -> bool:
        return bool(self.conditions or self.text)

    @property
    def size(self) -> int:
        return len(self.conditions) + bool(self.text)

    def without(self, name: str) -> Filter:
        """Return the filter with one condition (or the search) taken away."""
        kept = tuple(condition for condition in self.conditions if condition.name != name)
        return Filter(kept, "" if name == SEARCH else self.text, self.as_of)

    def apply(self, user: User) -> QuerySet[Customer]:
        """Return the customers that this person may see and the filter keeps."""
        customers = search(visible(user, Customer), self.text) if self.text else visible(user, Customer)
        if self.as_of is not None:
            customers = customers.filter(began_by(self.as_of, timezone.get_current_timezone()))
        for condition in self.conditions:
            customers = customers.filter(_starred_by(user) if condition.name == STARRED else _matching(condition))
        return customers


def read_filter(query: QueryDict, schemes: Sequence[Scheme], language: Language) -> Filter:
    """Read the filter from an address, or say what in it does not exist."""
    as_of = read_past_day(query.get(AS_OF, ""), today=local_today())
    conditions = []
    by_dimension = {scheme.dimension: scheme for scheme in schemes}
    for name in dict.fromkeys(query):
        values = tuple(dict.fromkeys(value.strip()[:LONGEST] for value in query.getlist(name) if value.strip()))
        if not values or "\0" in "".join(values):
            continue
        if name.startswith(CLASS):
            conditions.append(_read_classes(name, values, by_dimension, language, as_of))
        elif name.startswith(WAS):
            conditions.append(_read_former(name, values, by_dimension, language, query.get(WAS_ON, "")))
        elif name == STARRED:
            conditions.append(Condition(STARRED, gettext("收藏"), ("1",), (gettext("我的"),)))
        elif name in FIELDS:
            conditions.append(_read_field(name, values[:MOST_VALUES]))
    text = " ".join(query.get(SEARCH, "").replace("\0", "").split())[:LONGEST]
    return Filter(tuple(conditions), text, as_of)


def _read_classes(
    name: str, values: tuple[str, ...], schemes: Mapping[str, Scheme], language: Language, day: date | None
) -> Condition:
    prefix, dot, dimension = name.partition(".")
    scheme = schemes.get(dimension)
    if scheme is None:
        raise _unknown(name, [prefix + dot + key for key in schemes])
    labels = {class_.key: class_.label.get(language) for class_ in scheme.classes}
    if day is not None:
        labels[NO_CLASS] = gettext("还没有类别")
    for value in values:
        # A class that the rules have no longer may have been told in the past.
        if value not in labels and (day is None or not KEY.fullmatch(value)):
            raise _unknown(value, list(labels))
    return Condition(name, scheme.label.get(language), values, tuple(labels.get(v, v) for v in values), day)


def _read_former(
    name: str, values: tuple[str, ...], schemes: Mapping[str, Scheme], language: Language, text: str
) -> Condition:
    day = read_day(text, name=WAS_ON)
    found = _read_classes(name, values, schemes, language, day)
    return replace(found, label=gettext("%(day)s 的%(dimension)s") % {"day": day, "dimension": found.label})


def _read_field(name: str, values: tuple[str, ...]) -> Condition:
    words = values
    if name in CHOICES:
        labels = dict(CHOICES[name].choices)
        for value in values:
            if value not in labels:
                raise _unknown(value, list(labels))
        words = tuple(str(labels[value]) for value in values)
    elif name == "owner":
        words = _owner_names(values)
    return Condition(name, str(FIELDS[name][1]), values, words)


def _owner_names(values: tuple[str, ...]) -> tuple[str, ...]:
    named = [value for value in values if value != NOBODY]
    if not all(value.isascii() and value.isdigit() and len(value) < 10 for value in named):  # noqa: PLR2004
        raise _unknown(named[0], [])
    names = {str(pk): name for pk, name in User.objects.filter(pk__in=named).values_list("pk", "name")}
    for value in named:
        if value not in names:
            raise _unknown(value, [])
    return tuple(names.get(value, str(_("无人负责"))) for value in values)


def _unknown(wrong: str, known: list[str]) -> FilterError:
    zh, en = suggestion(wrong, known)
    return FilterError(f"筛选条件里没有 {wrong}。{zh}", f"There is no {wrong} to filter by.{en}")


def _starred_by(user: User) -> Exists:
    return Exists(Favourite.objects.filter(user=user, customer=OuterRef("pk")))


def _matching(condition: Condition) -> Q | Exists:
    if condition.day is not None:
        return _matching_then(condition, condition.day)
    if condition.name.startswith(CLASS):
        dimension = condition.name.removeprefix(CLASS)
        members = Placement.objects.filter(customer=OuterRef("pk"), dimension=dimension, class_key__in=condition.values)
        return Exists(members)
    column, _label = FIELDS[condition.name]
    if condition.name == "owner":
        owners = [value for value in condition.values if value != NOBODY]
        matching = Q(owner__in=owners)
        return matching | Q(owner=None) if NOBODY in condition.values else matching
    if condition.name == "tag":
        return Q(tags_folded__overlap=[fold(value) for value in condition.values])
    if condition.name in CHOICES:
        return Q(**{f"{column}__in": condition.values})
    return Q(**{f"{column}__in": [fold(value) for value in condition.values]})


def _matching_then(condition: Condition, day: date) -> Q:
    """Compare what was told on a day; of those whose record had not begun nothing was."""
    dimension = condition.name.partition(".")[2]
    begun = began_by(day, timezone.get_current_timezone())
    matching = begun & told_in(dimension, condition.values, day)
    if NO_CLASS in condition.values:
        matching |= ~begun | ~told_any(dimension, day)
    return matching
