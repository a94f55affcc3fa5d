"""The customer list and its filter."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.views.decorators.http import require_safe

from zhike.accounts.policy import can
from zhike.base.errors import current_language
from zhike.base.htmx import render_page
from zhike.base.paging import capped_count, key_page
from zhike.classification.actions.overrides import BULK_MAX
from zhike.classification.models import Override
from zhike.classification.rules import rulebook
from zhike.web.as_of import AS_OF
from zhike.web.customers.filters import SEARCH, STARRED, WAS, WAS_ON, read_filter
from zhike.web.customers.menu import filter_menu
from zhike.web.customers.rows import in_reach_of, make_rows, with_columns
from zhike.web.customers.screen import ListAddress, columns, read_order, suggestions
from zhike.web.request import Request, local_today

if TYPE_CHECKING:
    from django.http import HttpResponse

PAGE_SIZE = 50
# What choosing other conditions leaves as it is.
KEPT = (SEARCH, "sort", AS_OF, WAS_ON, STARRED)


@require_safe
def customer_list(request: Request) -> HttpResponse:
    language = current_language()
    rules = rulebook()
    chosen = read_filter(request.GET, rules.schemes, language)
    is_past = chosen.as_of is not None
    order = read_order(request.GET.get("sort", ""), is_past=is_past)
    customers = chosen.apply(request.user)
    page = key_page(
        in_reach_of(order, customers),
        order,
        cursor=request.GET.get("at", ""),
        size=PAGE_SIZE,
        columns=partial(with_columns, as_of=chosen.as_of),
    )
    address = ListAddress(request.GET)
    count = capped_count(customers)
    context = {
        "section": "customers",
        "filter": chosen,
        "address": address,
        "conditions": [(condition, address.without(condition.name)) for condition in chosen.conditions],
        "columns": columns(rules.schemes, address, language=language, is_past=is_past),
        "rows": make_rows(request.user, page.rows, rules, chosen=chosen, language=language, today=local_today()),
        "as_of": chosen.as_of,
        "starred": any(condition.name == STARRED for condition in chosen.conditions),
        "today": local_today(),
        "page": page,
        "next_page": address.page(page.next),
        "previous_page": address.page(page.previous),
        "count": count,
        "may_override": not is_past and can(request.user, "create", Override),
        "may_override_all": len(page.rows) < count.value <= BULK_MAX,
        "suggestions": [] if page.rows else suggestions(chosen, request.user, address),
    }
    return render_page(request, "web/customers.html", context, partial="list")


@require_safe
def customer_filter(request: Request) -> HttpResponse:
    language = current_language()
    schemes = rulebook().schemes
    chosen = read_filter(request.GET, schemes, language)
    context = {
        "section": "customers",
        "filter": chosen,
        "menu": filter_menu(chosen, schemes, request.user, language),
        "kept": [
            (name, value)
            for name in request.GET
            if name in KEPT or name.startswith(WAS)
            for value in request.GET.getlist(name)
        ],
    }
    return render_page(request, "web/customers_filter.html", context, partial="menu")
