"""What is overdue and came up by the ladder: to oneself, to others whom one sees, still open or settled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.views.decorators.http import require_safe

from zhike.accounts.policy import can
from zhike.base.htmx import render_page
from zhike.base.paging import capped_count, key_page
from zhike.followups.models import LadderTerms
from zhike.followups.queries.ladder import terms
from zhike.web.customers.screen import ListAddress
from zhike.web.ladder.filters import choices, colleagues_of, read_filter
from zhike.web.ladder.rows import make_rows, with_escalation_columns
from zhike.web.request import Request, local_today

if TYPE_CHECKING:
    from django.http import HttpResponse

PAGE_SIZE = 50
# Beyond this nobody reads the number.
MOST_COUNTED = 1_000


@require_safe
def escalation_list(request: Request) -> HttpResponse:
    user = request.user
    people = colleagues_of(user)
    chosen = read_filter(request.GET, people)
    found = chosen.apply(user)
    page = key_page(
        found, chosen.order, cursor=request.GET.get("at", ""), size=PAGE_SIZE, columns=with_escalation_columns
    )
    address = ListAddress(request.GET)
    is_last = not page.next and (page.rows or not page.previous)
    context = {
        "section": "tasks",
        "filter": chosen,
        "choices": choices(chosen, people),
        "rows": make_rows(user, page.rows, local_today(), is_open=chosen.is_open),
        "page": page,
        "next_page": address.page(page.next),
        "previous_page": address.page(page.previous),
        "address": address,
        "count": page.last if is_last else capped_count(found, MOST_COUNTED),
        "terms": terms(),
        "may_change": can(user, "change", LadderTerms),
    }
    return render_page(request, "web/escalations.html", context, partial="list")
