"""Search and commands, as pages and as what opens below the box while somebody types."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from zhike.accounts.policy import can, visible
from zhike.base.errors import current_language
from zhike.base.htmx import render_page
from zhike.customers.models import Customer
from zhike.customers.queries import customers
from zhike.web.recent import recent
from zhike.web.search.commands import commands
from zhike.web.search.results import Group, customer_line, read_as, results

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.web.request import Request

LONGEST = 100
_MOST_DIGITS = 18


@require_safe
def search_page(request: Request) -> HttpResponse:
    """Show what is found; nothing is asked of the database for an empty query."""
    query = _query(request)
    groups = results(request.user, query, recent=recent(request), language=current_language()) if query else []
    return render_page(request, "web/search.html", _context(request, query, groups, found=groups), partial="found")


@require_safe
def command_page(request: Request) -> HttpResponse:
    """Show commands, and customers below them: those opened last as long as nothing is typed."""
    query, language = _query(request), current_language()
    number = request.GET.get("on", "")
    is_number = number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS
    customer = visible(request.user, Customer).filter(pk=number).first() if is_number else None
    groups = commands(request.user, query, language=language, customer=customer)
    found: list[Group] = []
    if query:
        found = results(request.user, query, recent=recent(request), language=language)
        # What was typed is more likely a name than one of a dozen commands.
        groups = [*groups[:-1], *found, *groups[-1:]] if len(query) > 1 and found else [*groups, *found]
    else:
        opened = _opened(request, customer.pk if customer else None)
        groups = [*opened, *groups]
    context = {**_context(request, query, groups, found=found), "is_command": True, "on": customer}
    return render_page(request, "web/search.html", context, partial="found")


def _context(request: Request, query: str, groups: list[Group], *, found: list[Group]) -> dict[str, object]:
    return {
        "section": "",
        "query": query,
        "groups": groups,
        "is_listed": any(line.customer for group in found for line in group.lines),
        "all_results": f"{reverse('web:customers')}?{urlencode({'q': query})}",
        "new_customer": f"{reverse('web:customer_new')}?{urlencode({'name': query})}",
        "may_create": can(request.user, "create", Customer),
    }


def _query(request: Request) -> str:
    return " ".join(request.GET.get("q", "").replace("\0", "").split())[:LONGEST]


def _opened(request: Request, on: int | None) -> list[Group]:
    numbers = [pk for pk in recent(request) if pk != on]
    known = read_as(request.user, customers(request.user).filter(pk__in=numbers)) if numbers else {}
    lines = [customer_line(known[pk]) for pk in numbers if pk in known]
    return [Group(gettext("最近打开"), lines)] if lines else []
