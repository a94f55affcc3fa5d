"""The page of one customer, and the quick log."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from zhike.accounts.policy import get_visible, require
from zhike.base.errors import Conflict, NotFound, current_language
from zhike.base.htmx import render_page, wants_partial
from zhike.classification.queries import changes_by
from zhike.classification.rules import rulebook
from zhike.core.errors import ZhikeError
from zhike.customers.actions.log import log_contact
from zhike.customers.models import Customer
from zhike.timeline.models import Event
from zhike.web.as_of import AS_OF, read_past_day
from zhike.web.chips import class_chip
from zhike.web.customer.forms import LogForm
from zhike.web.customer.note_views import warn_unheard
from zhike.web.customer.past import open_past, past_context
from zhike.web.customer.record import open_story, page_context
from zhike.web.customers.record_views import refuse
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
    return render_page(request, "web/customer.html", context, partial="days" if before else "timeline")


@require_POST
def log(request: Request, pk: int) -> HttpResponse:
    customer = get_visible(request.user, Customer, pk=pk)
    require(request.user, "create", Event)
    form: LogForm | None = LogForm(request.POST, customer=customer, today=local_today())
    assert form is not None
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        given = form.cleaned_data
        try:
            event = log_contact(customer=customer, by=request.user, **{**given, "key": str(given["key"])})
        except Conflict as error:
            refuse(form, error)
            form.renew_key()
            status = error.status
        except ZhikeError as error:
            refuse(form, error)
            status = error.status
        else:
            _announce(request, event)
            warn_unheard(request, request.user, customer, given["text"])
            if not wants_partial(request):
                return redirect("web:customer", pk)
            form, status = None, HTTPStatus.OK
    context = page_context(request, open_story(request.user, pk), form=form)
    return render_page(request, "web/customer.html", {**context, "oob": True}, partial="record", status=status)


def _event_number(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < MOST_DIGITS):
        raise NotFound
    return int(text)


def _announce(request: Request, event: Event) -> None:
    """Say that it is written down, and which classes it changed."""
    rules, language = rulebook(), current_language()
    changes = []
    for change in changes_by(event):
        scheme = rules.scheme(change.data["dimension"])
        chips = (class_chip(scheme, change.data[end], language) for end in ("from", "to"))
        changes.append((scheme.label.get(language), *chips))
    messages.success(request, render_to_string("web/decided.html", {"said": gettext("已记录"), "changes": changes}))
