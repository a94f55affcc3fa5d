"""A list as it stands: what its view says, and what the address says instead.

The address wins, so that a link shows to everybody what it showed to whoever copied it; columns are the
choice of each person. `changed` is what 「保存更改」 would write into the view.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zhike.accounts.policy import can
from zhike.base.errors import current_language
from zhike.classification.consents import with_consents
from zhike.classification.models import SavedView
from zhike.classification.rules import rulebook
from zhike.classification.saved_views import (
    ALL,
    chosen_columns,
    metrics_in,
    open_view,
    read_condition,
    where_of,
)
from zhike.core.conditions.describe import Writer
from zhike.core.errors import suggestion
from zhike.customers.readable import readable
from zhike.web.customers import columns as of_columns
from zhike.web.customers.conditions import Teller, whole
from zhike.web.customers.filters import FilterError, read_filter
from zhike.web.customers.screen import GROUP, LAYOUT, ORDERS, SORT, ListAddress, read_order

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zhike.base.paging import Order
    from zhike.classification.rules import Rulebook
    from zhike.classification.saved_views import Data, ReadCondition
    from zhike.core.schemes import Scheme
    from zhike.core.text import Language
    from zhike.web.customers.columns import Column
    from zhike.web.customers.conditions import Piece
    from zhike.web.customers.filters import Filter
    from zhike.web.request import Request

UNGROUPED = "-"  # ?group=-: in one list, although the view groups it


@dataclass(frozen=True)
class ListState:
    """All that decides what a list shows and how."""

    rules: Rulebook
    language: Language
    filter: Filter
    view: SavedView | None
    condition: ReadCondition
    sort: str
    order: Order
    group: Scheme | None
    layout: str
    known: Mapping[str, Column]
    columns: Sequence[Column]
    has_own_columns: bool
    address: ListAddress

    @property
    def is_past(self) -> bool:
        return self.filter.as_of is not None

    @property
    def where(self) -> Data:
        """The whole condition of the list in the language of conditions, but for what was searched for."""
        return whole(self.filter, self.condition.data)

    @property
    def group_key(self) -> str:
        return self.group.dimension if self.group else ""

    @property
    def is_plain(self) -> bool:
        """Say whether the list is what its tab says, so that the tab's number is at hand."""
        return not self.filter if self.view is None else not self.changed and not self.filter.text

    @property
    def columns_are_chosen(self) -> bool:
        """Say whether somebody chose the columns: the usual ones are not written down, since they follow the rules."""
        return list(self.columns) != of_columns.usual_columns(self.known, self.language)

    @property
    def changed(self) -> bool:
        """Say whether the list is another than its view says."""
        view = self.view
        if view is None:
            return False
        return (
            self.filter.conditions != ()
            or (self.filter.where is not None and self.filter.where != where_of(view))
            or self.sort != view.sort
            or self.group_key != view.group
            or self.layout != view.layout
            or self.has_own_columns
        )

    def pieces(self, currency: str) -> list[Piece]:
        """Return the condition in pieces, each with the way to the list without it."""
        writer = Writer(self.language, with_consents(self.rules.fields), currency)
        of_view = where_of(self.view) if self.view is not None else ALL

        def without(left: Data) -> str:
            return self.address.narrowed_to(None if left == of_view else left)

        return Teller(self.condition.data, writer, without).pieces()

    @property
    def unkept(self) -> set[str]:
        """Return the metrics that the condition reads and that nobody has had kept."""
        return metrics_in(self.condition.refs) - set(map(str, self.rules.metrics))


def open_list(request: Request) -> ListState:
    """Read a list from its address, with the view that it names."""
    rules, language, query = rulebook(), current_language(), request.GET
    chosen = read_filter(query, rules.schemes, language)
    view = open_view(request.user, chosen.view) if chosen.view is not None else None
    where = chosen.where if chosen.where is not None else where_of(view) if view is not None else ALL
    condition = read_condition(where, readable(request.user, with_consents(rules.fields)))
    chosen = replace(chosen, where=where, read=condition) if chosen.where is not None or view is not None else chosen
    # A view outlives the columns that it was sorted by.
    sort = query.get(SORT) or (view.sort if view is not None and view.sort in ORDERS else "")
    group = _group(query.get(GROUP, ""), view, rules)
    known = of_columns.known_columns(rules, request.user, language)
    own = None if chosen.as_of is not None else chosen_columns(request.user, view)
    stored = own if own is not None else view.columns if view is not None else None
    is_past = chosen.as_of is not None
    columns = (
        of_columns.usual_columns(known, language) if is_past else of_columns.chosen_columns(known, stored, language)
    )
    return ListState(
        rules=rules,
        language=language,
        filter=chosen,
        view=view,
        condition=condition,
        sort=sort,
        order=read_order(sort, request.user, is_past=is_past),
        group=None if is_past else group,
        layout=SavedView.Layout.TABLE if is_past else _layout(query.get(LAYOUT, ""), view),
        known=known,
        columns=columns,
        has_own_columns=own is not None and view is not None and own != view.columns,
        address=ListAddress(query, sort=sort),
    )


def _group(given: str, view: SavedView | None, rules: Rulebook) -> Scheme | None:
    by_dimension = {scheme.dimension: scheme for scheme in rules.schemes}
    if given == UNGROUPED:
        return None
    if given and given not in by_dimension:
        zh, en = suggestion(given[:40], by_dimension)
        raise FilterError(f"没有 {given[:40]} 这个维度可以分组。{zh}", f"There is no {given[:40]} to group by.{en}")
    # A view outlives the dimension that it was grouped by.
    return by_dimension.get(given or (view.group if view is not None else ""))


def _layout(given: str, view: SavedView | None) -> str:
    if given and given not in SavedView.Layout.values:
        zh, en = suggestion(given[:40], SavedView.Layout.values)
        raise FilterError(f"没有 {given[:40]} 这种排法。{zh}", f"There is no layout {given[:40]}.{en}")
    return given or (view.layout if view is not None else SavedView.Layout.TABLE)


def may_change(request: Request, view: SavedView | None) -> bool:
    return view is not None and can(request.user, "change", view)
