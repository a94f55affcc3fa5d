"""How the list is addressed: its order, the links that change one thing, the way out of no result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.html import format_html
from django.utils.translation import gettext

from zhike.accounts.policy import field_access
from zhike.base.paging import Count, Order, capped_count
from zhike.core.errors import ZhikeError, suggestion
from zhike.customers.models import Customer
from zhike.web.as_of import AS_OF
from zhike.web.customers.conditions import WHERE, write_where
from zhike.web.customers.filters import CLASS, FIELDS, SEARCH, STARRED, VIEW, Filter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.http import QueryDict

    from zhike.accounts.models import User
    from zhike.classification.saved_views import Data
    from zhike.web.customers.columns import Column

SORT, AT, EVERY = "sort", "at", "every"
GROUP, LAYOUT, SECTION = "group", "layout", "section"
DEFAULT_SORT = "name"
ORDERS: Mapping[str, Order] = {
    "name": Order("name_key"),
    "-name": Order("name_key", descending=True),
    "next": Order("next_contact_on", nullable=True),
    "-next": Order("next_contact_on", descending=True, nullable=True),
    "revenue": Order("facts__revenue_year"),
    "-revenue": Order("facts__revenue_year", descending=True),
    "contacted": Order("facts__last_interaction"),
    "-contacted": Order("facts__last_interaction", descending=True),
    "created": Order("created_on", nullable=True),
    "-created": Order("created_on", descending=True, nullable=True),
}


class SortError(ZhikeError):
    """A column that the list cannot be sorted by."""

    code = "bad_sort"
    status = 400


def read_order(name: str, user: User, *, is_past: bool = False) -> Order:
    """Return the order of that name, the names' own without one. A past day is sorted by name alone.

    A field that this person may not read is no field to sort by: the order would tell it.
    """
    order = ORDERS.get(name or DEFAULT_SORT)
    if order is None or not field_access(user, Customer).reads(order.field):
        zh, en = suggestion(name[:40], ORDERS)
        raise SortError(f"列表不能按 {name[:40]} 排序。{zh}", f"The list cannot be sorted by {name[:40]}.{en}")
    return ORDERS[DEFAULT_SORT] if is_past and order.field != ORDERS[DEFAULT_SORT].field else order


@dataclass(frozen=True, slots=True)
class CountLater:
    """A number that takes too long to wait for: base/counts.js asks for it where it belongs."""

    link: str

    def __str__(self) -> str:
        again = gettext("数不出来，再试一次")
        return format_html('<span data-count-at="{}" data-again="{}" aria-live="polite">…</span>', self.link, again)


class ListAddress:
    """The query of this list, and that of the list with one thing changed. Any change starts at page one."""

    def __init__(self, query: QueryDict, *, sort: str = "") -> None:
        self._query = query
        self._sort = query.get(SORT) or sort or DEFAULT_SORT

    def _with(self, **changed: str | None) -> str:
        query = self._query.copy()
        for name, value in {AT: None, SECTION: None, **changed}.items():
            query.pop(name, None)
            if value:
                query[name] = value
        return f"?{query.urlencode()}" if query else "?"

    @property
    def same(self) -> str:
        return self._with()

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """Return what a form must carry along so that it leads back to this list."""
        return [
            (name, value) for name in self._query if name not in {AT, SECTION} for value in self._query.getlist(name)
        ]

    @property
    def every(self) -> str:
        """Return the query that means all the customers of the list, whatever page they are on."""
        return self._with(**{EVERY: "1"})

    @property
    def now(self) -> str:
        """Return the same list as it stands now."""
        return self._with(**{AS_OF: None})

    @property
    def starred(self) -> str:
        """Return the same list, of the reader's favourites alone."""
        return self._with(**{STARRED: "1"})

    @property
    def unsearched(self) -> str:
        return self.without(SEARCH)

    def without(self, name: str) -> str:
        return self._with(**{name: None})

    def page(self, cursor: str) -> str:
        return self._with(**{AT: cursor})

    def section(self, key: str, cursor: str) -> str:
        """Return a page of one section of a grouped list."""
        return self._with(**{SECTION: key, AT: cursor})

    def sorted_by(self, name: str) -> str:
        """Return the list sorted by a column; by the one it is sorted by already, the other way round."""
        return self._with(**{SORT: f"-{name}" if self._sort == name else name})

    def direction(self, name: str) -> str:
        """Return `ascending`, `descending` or nothing, as `aria-sort` has it."""
        return {name: "ascending", f"-{name}": "descending"}.get(self._sort, "")

    @property
    def hidden_for_search(self) -> list[tuple[str, str]]:
        """Return what the search box must carry along so that only the search changes."""
        return [(name, value) for name, value in self.hidden if name != SEARCH]

    @property
    def hidden_for_day(self) -> list[tuple[str, str]]:
        """Return what choosing a past day must carry along: neither views nor conditions, which look at today."""
        left = {AS_OF, VIEW, WHERE, GROUP, LAYOUT}
        return [(name, value) for name, value in self.hidden if name not in left]

    def narrowed_to(self, where: Data | None) -> str:
        """Return the list with another condition in the place of the view's; with the view's own again."""
        return self._with(**{WHERE: None if where is None else write_where(where)})

    def wholly(self, where: Data) -> str:
        """Return the list narrowed by this condition alone, in the place of the quick filter too."""
        quick = [name for name in self._query if name.startswith(CLASS) or name in FIELDS]
        return self._with(**dict.fromkeys(quick), **{WHERE: write_where(where)})

    def laid_out(self, *, group: str | None = None, layout: str | None = None) -> str:
        """Return the list grouped by a dimension, as a table or as a board."""
        return self._with(**{GROUP: group, LAYOUT: layout})

    @property
    def kept(self) -> str:
        """Return the query for what is asked about this list: its page is of no matter."""
        return self._with()


@dataclass(frozen=True, slots=True)
class Head:
    """The head of one column; without a link the list cannot be sorted by it."""

    column: Column
    link: str = ""
    direction: str = ""


def heads(columns: Iterable[Column], address: ListAddress, *, is_past: bool = False) -> list[Head]:
    """Return the heads, in the order of the cells of a row."""
    return [
        Head(column, address.sorted_by(column.sort), address.direction(column.sort))
        if column.sort and (not is_past or column.sort == DEFAULT_SORT)
        else Head(column)
        for column in columns
    ]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A condition whose removal leads to customers, how many, and the way there."""

    label: str
    count: Count
    link: str


def suggestions(chosen: Filter, user: User, address: ListAddress) -> list[Suggestion]:
    """Return which condition to give up when nothing matches all of them."""
    parts = [(condition.name, condition.label) for condition in chosen.conditions]
    if chosen.text:
        parts.append((SEARCH, chosen.text))
    found = [
        Suggestion(label, capped_count(chosen.without(name).apply(user, partly=True)), address.without(name))
        for name, label in parts
    ]
    return [one for one in found if one.count]
