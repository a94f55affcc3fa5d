"""工作台."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from zhike.accounts.policy import can, get_visible, sees_others
from zhike.base import clock
from zhike.base.errors import current_language
from zhike.base.htmx import render_page, wants_partial
from zhike.base.paging import capped_count
from zhike.base.zones import shown
from zhike.classification.actions.acknowledgements import acknowledge
from zhike.classification.inbox import open_reviews
from zhike.classification.models import Acknowledgement
from zhike.classification.rules import rulebook
from zhike.core.conditions.describe import Writer
from zhike.customers.models import Customer
from zhike.customers.readable import unreadable
from zhike.privacy.models import Assessment
from zhike.privacy.queries import assessment
from zhike.web.home.changes import recent_changes
from zhike.web.home.figures import LABELS, month_figures
from zhike.web.home.new_rules import new_rules
from zhike.web.home.next import next_contacts, owns_customers
from zhike.web.request import Request, local_today
from zhike.web.reviews.rows import review_items, with_customers

if TYPE_CHECKING:
    from django.http import HttpResponse

REVIEWS_SHOWN = 5


@require_safe
def home(request: Request) -> HttpResponse:
    user, today, language = request.user, local_today(), current_language()
    rules = rulebook()
    writer = Writer(language, rules.fields, request.company.currency, unreadable(user, rules.fields))
    has_own = owns_customers(user)
    mine = has_own and not _wants_all(request)
    waiting = open_reviews(user, mine=not _wants_all(request))
    waiting = waiting.filter(dimension__in=[scheme.dimension for scheme in rules.schemes])
    first = list(with_customers(waiting).order_by("-created_at", "-pk")[:REVIEWS_SHOWN])
    groups = next_contacts(user, rules, mine=mine, today=today, language=language, expanded=request.GET.get("more", ""))
    context = {
        "section": "home",
        "today": today,
        "hour": shown(clock.now()).hour,
        "groups": groups,
        "sizes": {group.key: group.size for group in groups},
        "changes": recent_changes(user, rules, writer, mine=mine, today=today),
        "labels": LABELS,
        "new_rules": new_rules(user, rules, language),
        "wants_assessment": can(user, "create", Assessment) and bool(rules.schemes) and assessment() is None,
        "reviews": review_items(user, first, rules, writer, today),
        "review_count": capped_count(waiting),
        "mine": mine,
        "may_widen": has_own and sees_others(user, Customer),
    }
    return render(request, "web/home.html", context)


@require_safe
def figures(request: Request) -> HttpResponse:
    user = request.user
    mine = not _wants_all(request) and owns_customers(user)
    found = month_figures(user, mine=mine, today=local_today(), currency=request.company.currency)
    return render_page(request, "web/figures.html", {"section": "home", "figures": found}, partial="figures")


def _wants_all(request: Request) -> bool:
    return request.GET.get("of") == "all"


@require_POST
def confirm(request: Request, pk: int) -> HttpResponse:
    """Confirm that one knows of new rules which moved one's customers."""
    asked = get_visible(request.user, Acknowledgement, pk=pk, user_id=request.user.pk)
    acknowledge(acknowledgement=asked, by=request.user)
    messages.success(request, gettext("记下了：你已知道这次规则变化"))
    if wants_partial(request):
        return render(request, "base/toasts.html", {"oob": True})
    return redirect("web:home")
