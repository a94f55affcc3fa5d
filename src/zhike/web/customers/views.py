"""The customer list, as a table, in sections and as a board, and the quick filter."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from django.http import JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from zhike.accounts.policy import can
from zhike.base.errors import current_language
from zhike.base.htmx import render_page, wants_partial
from zhike.base.paging import Count, capped_count, count_soon, key_page
from zhike.classification.models import Override, SavedView
from zhike.classification.rules import rulebook
from zhike.classification.saved_views import being_filled, metrics_in, views_of
from zhike.core.errors import suggestion
from zhike.customers.models import Customer
from zhike.web.as_of import AS_OF
from zhike.web.bulk.actions import actions_for
from zhike.web.customers.columns import PICK, needs, width_of
from zhike.web.customers.conditions import WHERE
from zhike.web.customers.filters import SEARCH, STARRED, VIEW, WAS, WAS_ON, FilterError, read_filter
from zhike.web.customers.keys import BOARD_KEYS, HINTS, LIST_KEYS, as_data
from zhike.web.customers.menu import filter_menu
from zhike.web.customers.rows import Drawing, in_reach_of, make_rows, with_columns
from zhike.web.customers.screen import GROUP, LAYOUT, SECTION, SORT, CountLater, ListAddress, heads, suggestions
from zhike.web.customers.sections import make_sections
from zhike.web.customers.state import UNGROUPED, ListState, may_change, open_list
from zhike.web.customers.tabs import tabs
from zhike.web.request import Request, local_today

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import HttpResponse

    from zhike.web.customers.rows import Row
    from zhike.web.customers.screen import Head

PAGE_SIZE = 50
# What choosing other conditions leaves as it is.
KEPT = (SEARCH, SORT, AS_OF, WAS_ON, GROUP, LAYOUT, VIEW, WHERE, STARRED)
MOST_FOUND = 1_000


@require_safe
def customer_list(request: Request) -> HttpResponse:
    state = open_list(request)
    customers = state.filter.apply(request.user, partly=True)
    by = drawing(request, state)
    if state.group is not None and (only := request.GET.get(SECTION, "")) and wants_partial(request):
        return _one_section(request, state, customers, by, only)
    context = {**_frame(request, state), **_shown(request, state, customers, by)}
    return render_page(request, "web/customers.html", context, partial="list")


def drawing(request: Request, state: ListState) -> Drawing:
    """Return by what rows are drawn for this person: without what they may not do."""
    lost = set() if can(request.user, "change", Customer) else {"edit"}
    lost |= {"edit", "why"} if state.is_past else set()
    columns = [replace(column, does="") if column.does in lost else column for column in state.columns]
    return Drawing(state.rules, columns, state.filter, state.language, local_today(), currency=request.company.currency)


def _frame(request: Request, state: ListState) -> dict[str, object]:
    """Return what stands around the customers: views, conditions, heads."""
    address, view, user = state.address, state.view, request.user
    views = views_of(user)
    keys = BOARD_KEYS if state.group is not None and state.layout == SavedView.Layout.BOARD else LIST_KEYS
    return {
        "section": "customers",
        "state": state,
        "filter": state.filter,
        "view": view,
        "tabs": tabs(user, views, request.GET, view),
        "is_pinned": view is not None and any(one.pk == view.pk and one.is_pinned for one in views),
        "is_board": state.group is not None and state.layout == SavedView.Layout.BOARD,
        "may_save": may_change(request, view),
        "may_edit": not state.is_past and can(user, "change", Customer),
        "may": [] if state.is_past else actions_for(user),
        "may_merge": not state.is_past and can(user, "merge", Customer),
        "may_override": not state.is_past and can(user, "create", Override),
        "may_export": can(user, "export", Customer),
        "may_see_bin": can(user, "delete", Customer),
        "address": address,
        "conditions": [(condition, address.without(condition.name)) for condition in state.filter.conditions],
        "starred": any(condition.name == STARRED for condition in state.filter.conditions),
        "pieces": state.pieces(request.company.currency),
        "problems": state.condition.problems,
        "waiting": being_filled(metrics_in(state.condition.refs)),
        "unkept": state.unkept,
        "heads": _heads(state),
        "keys": as_data(keys),
        "keys_shown": keys[:HINTS],
        "group_label": state.group.label.get(state.language) if state.group else "",
        "ungrouped": address.laid_out(group=UNGROUPED if view is not None and view.group else None),
        "groups": [
            (scheme.label.get(state.language), scheme.dimension, address.laid_out(group=scheme.dimension))
            for scheme in state.rules.schemes
        ],
        "as_of": state.filter.as_of,
        "today": local_today(),
    }


def _shown(request: Request, state: ListState, customers: QuerySet[Customer], by: Drawing) -> dict[str, object]:
    """Return the customers of this page, or of the sections."""
    address, user = state.address, request.user
    found: dict[str, object] = {"is_more_than_a_page": False}
    if state.group is not None and (count := capped_count(customers)):
        only, cursor = request.GET.get(SECTION, ""), request.GET.get("at", "")
        sections = make_sections(user, state, customers, by)
        if only and cursor:
            opened = {one.key: one for one in make_sections(user, state, customers, by, only=only, cursor=cursor)}
            sections = [opened.get(one.key, one) for one in sections]
        rows = [row for one in sections for row in one.rows]
        return {**found, **_sized(state, rows), "count": count, "sections": sections, "rows": rows}
    total = None
    if state.filter.text:
        customers, total = _found(customers)
    page = key_page(
        in_reach_of(state.order, customers),
        state.order,
        cursor=request.GET.get("at", ""),
        size=PAGE_SIZE,
        columns=partial(with_columns, as_of=state.filter.as_of, wanted=needs(state.columns)),
    )
    # A page without a next one has been counted by itself.
    is_last = not page.next and (page.rows or not page.previous)
    if total is None:
        total = Count(page.last, capped=False) if is_last else count_soon(customers)
    rows = make_rows(user, page.rows, by)
    return {
        **found,
        "count": CountLater(f"{reverse('web:customer_count')}{address.same}") if total is None else total,
        **_sized(state, rows),
        "rows": rows,
        "page": page,
        "next_page": address.page(page.next),
        "previous_page": address.page(page.previous),
        "is_part": bool(state.filter.text) and total is not None and total.capped,
        "suggestions": [] if page.rows else suggestions(state.filter, user, address),
        "is_more_than_a_page": (total is None or len(page.rows) < total.value) and not state.condition.problems,
    }


def _found(customers: QuerySet[Customer]) -> tuple[QuerySet[Customer], Count]:
    """Return those whom a search finds, as many as anybody leafs through, and their number.

    Of a word that every tenth customer has, putting all in order takes longer than people wait: they are told
    to type on.
    """
    ids = list(customers.order_by().values_list("pk", flat=True)[: MOST_FOUND + 1])
    found = Count(min(len(ids), MOST_FOUND), len(ids) > MOST_FOUND)
    return Customer.objects.filter(pk__in=ids[:MOST_FOUND]), found


def _sized(state: ListState, rows: Sequence[Row]) -> dict[str, object]:
    """Return each head with the width of its column: the one that was chosen, or one in which what stands in it fits."""
    turning = {
        cell.column.key for row in rows for cell in row.cells if cell.chip is not None and cell.chip.becomes is not None
    }
    sized = [(head, width_of(head.column, state.language, turns=head.column.key in turning)) for head in _heads(state)]
    return {"sized": sized, "width": sum(width for _head, width in sized) + PICK}


def _heads(state: ListState) -> list[Head]:
    return heads(state.columns, state.address, is_past=state.is_past)


def _one_section(
    request: Request, state: ListState, customers: QuerySet[Customer], by: Drawing, only: str
) -> HttpResponse:
    sections = make_sections(request.user, state, customers, by, only=only, cursor=request.GET.get("at", ""))
    if not sections:
        assert state.group is not None
        zh, en = suggestion(only[:40], [class_.key for class_ in state.group.classes])
        raise FilterError(f"没有 {only[:40]} 这一类。{zh}", f"There is no class {only[:40]}.{en}")
    context = {**_frame(request, state), "one": sections[0]}
    name = "board_section" if state.layout == SavedView.Layout.BOARD else "table_section"
    return render_page(request, f"web/customers_{name}.html", context)


@require_safe
def customer_count(request: Request) -> JsonResponse:
    """Return how many the list has, for a page that did not wait for it."""
    customers = open_list(request).filter.apply(request.user, partly=True)
    return JsonResponse({"count": str(capped_count(customers))})


@require_safe
def customer_filter(request: Request) -> HttpResponse:
    language = current_language()
    schemes = rulebook().schemes
    chosen = read_filter(request.GET, schemes, language)
    context = {
        "section": "customers",
        "filter": chosen,
        "menu": filter_menu(chosen, schemes, request.user, language),
        "address": ListAddress(request.GET),
        "kept": [
            (name, value)
            for name in request.GET
            if name in KEPT or name.startswith(WAS)
            for value in request.GET.getlist(name)
        ],
    }
    return render_page(request, "web/customers_filter.html", context, partial="menu")
