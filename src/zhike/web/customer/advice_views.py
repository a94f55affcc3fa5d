"""What the page of a customer advises next: asked for by the page, accepted, dismissed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from zhike.accounts.policy import can, get_visible
from zhike.base.errors import Conflict, current_language
from zhike.base.htmx import render_page, wants_partial
from zhike.core.next_action import REASONS
from zhike.customers.models import Customer
from zhike.followups.actions.advice import dismiss_advice, take_advice
from zhike.timeline.models import Event
from zhike.web.customer.next_action import Adviser
from zhike.web.customer.record import open_story

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.web.request import Request


@require_safe
def advice(request: Request, pk: int) -> HttpResponse:
    return _drawn(request, pk)


@require_POST
def advice_decide(request: Request, pk: int) -> HttpResponse:
    """Accept or dismiss one advice; the next one takes its place."""
    customer = get_visible(request.user, Customer, pk=pk)
    adviser = Adviser(request.user, open_story(request.user, pk), current_language())
    kind, subject = request.POST.get("kind", ""), request.POST.get("subject", "")
    if request.POST.get("verdict") == "take":
        shown = next((one for one in adviser.shown() if (one.kind, one.subject) == (kind, subject)), None)
        if shown is None:
            raise Conflict("这条建议已经过时，再看一眼", "this advice is out of date: look again")
        take_advice(
            customer=customer,
            kind=kind,
            subject=subject,
            title=shown.title,
            text=shown.text,
            method=shown.method,
            by=request.user,
            standing=adviser.standing,
        )
        messages.success(request, gettext("排进了今天：%(title)s") % {"title": shown.title})
    else:
        dismiss_advice(
            customer=customer,
            kind=kind,
            subject=subject,
            reason=request.POST.get("reason", ""),
            by=request.user,
            standing=adviser.standing,
        )
        messages.success(request, gettext("记下了，这条先不再提"))
    if not wants_partial(request):
        return redirect("web:customer", pk)
    return _drawn(request, pk, oob=True)


def _drawn(request: Request, pk: int, *, oob: bool = False) -> HttpResponse:
    told = open_story(request.user, pk)
    adviser = Adviser(request.user, told, current_language())
    context = {
        "section": "customers",
        "customer": told.customer,
        "advice": adviser.shown(),
        "reasons": [(key.value, text.get(current_language())) for key, text in REASONS.items()],
        "may_decide": can(request.user, "create", Event(customer=told.customer)),
        "oob": oob,
    }
    return render_page(request, "web/customer_advice.html", context, partial="card")
