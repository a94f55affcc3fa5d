"""How the list is addressed: its order, the links that change one thing, the way out of no result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from zhike.base.paging import Count, Order, capped_count
from zhike.core.errors import ZhikeError, suggestion
from zhike.web.as_of import AS_OF
from zhike.web.customers.filters import SEARCH, STARRED, Filter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.http import QueryDict

    from zhike.accounts.models import User
    from zhike.core.schemes import Scheme
    from zhike.core.text import Language

SORT, AT, EVERY = "sort", "at", "every"
DEFAULT_SORT = "name"
ORDERS: Mapping[str, Order] = {
    "name": Order("name_key"),
    "-name": Order("name_key", descending=True),
    "next": Order("next_contact_on", nullable=True),
    "-next": Order("next_contact_on", descending=True, nullable=True),
    "revenue": Order("facts__revenue_year"),
    "-revenue": Order("facts__revenue_year", descending=True),
}


class SortError(ZhikeError):
    """A column that the list cannot be sorted by."""

    code = "bad_sort"
    status = 400


def read_order(name: str, *, is_past: bool = False) -> Order:
    """Return the order of that name, the names' own without one. A past day is sorted by name alone."""
    order = ORDERS.get(name or DEFAULT_SORT)
    if order is None:
        zh, en = suggestion(name[:40], ORDERS)
        raise SortError(f"列表不能按 {name[:40]} 排序。{zh}", f"The list cannot be sorted by {name[:40]}.{en}")
    return ORDERS[DEFAULT_SORT] if is_past and order.field != ORDERS[DEFAULT_SORT].field else order


class ListAddress:
    """The query of this list, and that of the list with one thing changed. Any change starts at page one."""

    def __init__(self, query: QueryDict) -> None:
        self._query = query

    def _with(self, **changed: str | None) -> str:
        query = self._query.copy()
        for name, value in {AT: None, **changed}.items():
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
        return [(name, value) for name in self._query if name != AT for value in self._query.getlist(name)]

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

    def sorted_by(self, name: str) -> str:
        """Return the list sorted by a column; by the one it is sorted by already, the other way round."""
        now = self._query.get(SORT) or DEFAULT_SORT
        return self._with(**{SORT: f"-{name}" if now == name else name})

    def direction(self, name: str) -> str:
        """Return `ascending`, `descending` or nothing, as `aria-sort` has it."""
        now = self._query.get(SORT) or DEFAULT_SORT
        return {name: "ascending", f"-{name}": "descending"}.get(now, "")

    @property
    def hidden_for_search(self) -> list[tuple[str, str]]:
        """Return what the search box must carry along so that only the search changes."""
        return [(name, value) for name, value in self.hidden if name != SEARCH]

    @property
    def hidden_for_day(self) -> list[tuple[str, str]]:
        """Return what choosing a past day must carry along."""
        return [(name, value) for name, value in self.hidden if name != AS_OF]


@dataclass(frozen=True, slots=True)
class Column:
    """The head of one column."""

    label: str
    css: str = ""
    link: str = ""
    direction: str = ""


def columns(
    schemes: Iterable[Scheme], address: ListAddress, *, language: Language, is_past: bool = False
) -> list[Column]:
    """Return the heads, in the order of the cells of a row."""

    def sortable(label: str, name: str, css: str = "") -> Column:
        if is_past and name != DEFAULT_SORT:
            return Column(label, css)
        return Column(label, css, address.sorted_by(name), address.direction(name))

    return [
        sortable(gettext("客户"), "name"),
        *(Column(scheme.label.get(language), "wide") for scheme in schemes),
        sortable(gettext("近 365 天成交"), "revenue", "wide r"),
        Column(gettext("最近联系"), "wide"),
        sortable(gettext("下次联系"), "next", "next"),
        Column(gettext("负责人"), "wide"),
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
        Suggestion(label, capped_count(chosen.without(name).apply(user)), address.without(name))
        for name, label in parts
    ]
    return [one for one in found if one.count]
