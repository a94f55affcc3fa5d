"""The filter of the customer list, as it stands in the address: read, checked, applied, described.

``?class.value=high&city=上海&q=wtl``. Several values of one name mean any of them, several names
mean all of them. With ``as_of=2026-05-01`` classes are those that were told on that day, and only
customers are kept whose record had begun. ``was.value=regular&was_on=2026-02-01`` asks for the class
of another day. What cannot be read is refused in words, never ignored.

With ``view=7`` the condition of a saved view holds besides, and with ``where={…}`` another one in its
place. Both are read when the filter is applied, with the rights of whoever asks.
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
from zhike.accounts.policy import readable_fields, visible
from zhike.base.errors import current_language
from zhike.classification.consents import with_consents
from zhike.classification.history import began_by, told_any, told_in
from zhike.classification.models import Placement
from zhike.classification.rules import rulebook
from zhike.classification.saved_views import ALL, matching, open_view, read_condition, where_of
from zhike.core.errors import ZhikeError, suggestion
from zhike.core.text import fold
from zhike.customers.display import column_label
from zhike.customers.models import Customer, Favourite
from zhike.customers.queries import ID_DIGITS
from zhike.customers.readable import readable
from zhike.customers.search import search
from zhike.web.as_of import AS_OF, read_day, read_past_day
from zhike.web.customers.conditions import WHERE, read_where
from zhike.web.request import local_today

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from django.db.models import QuerySet
    from django.http import QueryDict

    from zhike.classification.saved_views import Data, ReadCondition
    from zhike.core.schemes import Scheme
    from zhike.core.text import Language

CLASS = "class."
WAS, WAS_ON = "was.", "was_on"
NO_CLASS = "-"  # ?was.value=-: nothing was told of them on that day
SEARCH = "q"
VIEW = "view"
KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")
MOST_VALUES = 20
LONGEST = 100

# Name in the address → column compared. Texts are compared folded.
FIELDS: Mapping[str, str] = {
    "kind": "kind",
    "size": "size",
    "region": "region_folded",
    "city": "city_folded",
    "industry": "industry_folded",
    "source": "source_folded",
    "tag": "tags_folded",
    "owner": "owner",
}
# Where the field is called otherwise than in the address.
COLUMNS = {"tag": "tags"}
CHOICES = {"kind": Customer.Kind, "size": Customer.Size}
STARRED = "starred"  # ?starred=1: the reader's own favourites
NOBODY = "none"  # ?owner=none: customers without an owner


def field_label(name: str) -> str:
    """Return what people call the field of a name in the address."""
    return column_label(COLUMNS.get(name, name))


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
    """All conditions, and what was searched for.

    `where` is a condition that stands in for that of the view; `read` is what the two come to once somebody
    has looked.
    """

    conditions: tuple[Condition, ...] = ()
    text: str = ""
    as_of: date | None = None
    view: int | None = None
    where: Data | None = None
    read: ReadCondition | None = None

    def __bool__(self) -> bool:
        return bool(self.conditions or self.text or self._is_narrowed)

    @property
    def size(self) -> int:
        return len(self.conditions) + bool(self.text) + self._is_narrowed

    @property
    def _is_narrowed(self) -> bool:
        return self.read is not None and self.read.data != ALL

    def without(self, name: str) -> Filter:
        """Return the filter with one condition (or the search) taken away."""
        kept = tuple(condition for condition in self.conditions if condition.name != name)
        return replace(self, conditions=kept, text="" if name == SEARCH else self.text)

    def looked_up(self, user: User) -> ReadCondition:
        """Return the condition as this person's view or the address has it."""
        if self.read is not None:
            return self.read
        where = self.where
        if where is None:
            where = ALL if self.view is None else where_of(open_view(user, self.view))
        return read_condition(where, readable(user, with_consents(rulebook().fields)))

    def apply(self, user: User, *, partly: bool = False) -> QuerySet[Customer]:
        """Return the customers that this person may see and the filter keeps.

        A condition that cannot be read whole keeps too many: only who looks may have them (`partly`).
        """
        customers = search(visible(user, Customer), self.text, user) if self.text else visible(user, Customer)
        if self.as_of is not None:
            customers = customers.filter(began_by(self.as_of, timezone.get_current_timezone()))
        columns = readable_fields(user, Customer)
        for condition in self.conditions:
            if condition.name in FIELDS and COLUMNS.get(condition.name, condition.name) not in columns:
                raise _unknown(condition.name, [])
            customers = customers.filter(_starred_by(user) if condition.name == STARRED else _matching(condition))
        if self.where is not None or self.view is not None:
            found = self.looked_up(user)
            if found.problems and not partly:
                raise FilterError(
                    "这个视图有条件读不懂了，先改好它再对全部客户操作",
                    "This view has a condition that can no longer be read: mend it before you act on all its customers",
                )
            if found.data != ALL:
                customers = customers.filter(matching(found.node, timezone.get_current_timezone()))
        return customers


def chosen_customers(user: User, query: QueryDict) -> QuerySet[Customer]:
    """Return the customers that an address of the list means, as the server reads it for this person."""
    return read_filter(query, rulebook().schemes, current_language()).apply(user)


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
    where = read_where(query.get(WHERE, ""))
    view = _read_view(query.get(VIEW, ""))
    if as_of is not None and (where is not None or view is not None):
        raise FilterError(
            "视图和条件看的是现在，看过去某一天先去掉它们",
            "Views and conditions look at today: leave them out to look at a past day",
        )
    return Filter(tuple(conditions), text, as_of, view, where)


def _read_view(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= ID_DIGITS):
        raise _unknown(text[:40], [])
    return int(text)


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
    return Condition(name, field_label(name), values, words)


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
    column = FIELDS[condition.name]
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
