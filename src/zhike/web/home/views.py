"""工作台."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from zhike.accounts.models import Role
from zhike.base import clock
from zhike.base.errors import current_language
from zhike.base.htmx import render_page
from zhike.classification.rules import rulebook
from zhike.core.conditions.describe import Writer
from zhike.web.home.changes import recent_changes
from zhike.web.home.figures import LABELS, month_figures
from zhike.web.home.next import next_contacts, owns_customers
from zhike.web.request import Request, local_today

if TYPE_CHECKING:
    from django.http import HttpResponse

NOON, EVENING = 12, 18


@require_safe
def home(request: Request) -> HttpResponse:
    user, today, language = request.user, local_today(), current_language()
    rules = rulebook()
    writer = Writer(language, rules.fields, request.company.currency)
    has_own = owns_customers(user)
    mine = has_own and not _wants_all(request)
    groups = next_contacts(user, rules, mine=mine, today=today, language=language, expanded=request.GET.get("more", ""))
    context = {
        "section": "home",
        "today": today,
        "hour": timezone.localtime(clock.now()).hour,
        "groups": groups,
        "sizes": {group.key: group.size for group in groups},
        "changes": recent_changes(user, rules, writer, mine=mine, today=today),
        "labels": LABELS,
        "mine": mine,
        "may_widen": has_own and user.role != Role.SALES,
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
