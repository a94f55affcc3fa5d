"""The lists in which a form searches for a colleague or a customer, as data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import JsonResponse
from django.views.decorators.http import require_safe

from zhike.accounts.policy import field_access, visible
from zhike.accounts.queries import colleagues
from zhike.core.text import fold
from zhike.customers.models import Customer
from zhike.customers.names import label_lines
from zhike.customers.needles import QUERY_MAX
from zhike.customers.search import search

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.web.request import Request

MOST = 12


@require_safe
def pick_people(request: Request) -> HttpResponse:
    """Return colleagues by part of the name, its pinyin or the address: value, name and hint."""
    words = fold(request.GET.get("q", "")[:QUERY_MAX]).split()
    people = colleagues().select_related("team")
    found = [p for p in people if all(word in label_lines(p.name, others=[p.email]) for word in words)]
    values = [[p.email, p.name, p.team.name if p.team else p.email] for p in found[:MOST]]
    return JsonResponse({"values": values})


@require_safe
def pick_customers(request: Request) -> HttpResponse:
    """Return customers that this person may see, found as the list finds them."""
    rows = search(visible(request.user, Customer), request.GET.get("q", ""), request.user)
    found = rows.only("name", "city").order_by("name_key", "pk")[:MOST]
    shown = map(field_access(request.user, Customer).redacted, found)
    return JsonResponse({"values": [[str(row.pk), row.name, row.city] for row in shown]})
