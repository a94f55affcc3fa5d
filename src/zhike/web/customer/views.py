"""The page of one customer, and the quick log."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from zhike.accounts.policy import get_visible, require
from zhike.base.errors import NotFound
from zhike.base.htmx import render_page, wants_partial
from zhike.customers.models import Customer
from zhike.timeline.models import Event
from zhike.web.as_of import AS_OF, read_past_day
from zhike.web.customer.log_views import take_log
from zhike.web.customer.past import open_past, past_context
from zhike.web.customer.record import open_story, page_context
from zhike.web.recent import remember
from zhike.web.request import Request, local_today

if TYPE_CHECKING:
    from django.http import HttpResponse

# An id has at most nineteen digits.
MOST_DIGITS = 19


@require_safe
def customer_page(request: Request, pk: int) -> HttpResponse:
    before = _event_number(request.GET.get("before", ""))
    day = read_past_day(request.GET.get(AS_OF, ""), today=local_today())
    if day is None:
        context = page_context(request, open_story(request.user, pk), before=before)
    else:
        context = past_context(request, open_past(request.user, pk, day), before=before)
    response = render_page(request, "web/customer.html", context, partial="days" if before else "timeline")
    return response if wants_partial(request) else remember(request, response, pk)


@require_POST
def log(request: Request, pk: int) -> HttpResponse:
    customer = get_visible(request.user, Customer, pk=pk)
    require(request.user, "create", Event)
    form, status = take_log(request, customer)
    if status == HTTPStatus.OK and not wants_partial(request):
        return redirect("web:customer", pk)
    context = page_context(request, open_story(request.user, pk), form=form)
    return render_page(request, "web/customer.html", {**context, "oob": True}, partial="record", status=status)


def _event_number(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < MOST_DIGITS):
        raise NotFound
    return int(text)
