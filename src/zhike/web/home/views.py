"""工作台: one's own day, the team's, the company's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from zhike.accounts.policy import can, get_visible, sees_others
from zhike.base import clock
from zhike.base.errors import Forbidden, current_language
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
from zhike.web.home.changed import what_changed
from zhike.web.home.changes import recent_changes
from zhike.web.home.figures import LABELS, company_figures, strip
from zhike.web.home.lines import work_list
from zhike.web.home.new_rules import new_rules
from zhike.web.home.rising import rising
from zhike.web.home.schedule import schedule
from zhike.web.home.team import MOST_PEOPLE, MOST_SHOWN, escalations, team_of
from zhike.web.home.waking import waking
from zhike.web.home.which import home_of, homes_of
from zhike.web.home.whose import owns_customers, read_whose
from zhike.web.request import Request, local_today
from zhike.web.reviews.rows import review_items, with_customers

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.accounts.models import User
    from zhike.classification.rules import Rulebook
    from zhike.web.home.whose import Whose

REVIEWS_SHOWN = 4
ORDERS = ("priority", "time")


@require_safe
def home(request: Request) -> HttpResponse:
    homes = homes_of(request.user)
    asked = "work" if request.GET.get("of") else request.GET.get("home", "")
    chosen = home_of(request.user, asked, homes)
    around = {
        "section": "home",
        "homes": homes,
        "chosen": chosen,
        "today": local_today(),
        "hour": shown(clock.now()).hour,
        **_banners(request.user),
    }
    if chosen != "work":
        return render(request, f"web/home_{chosen}.html", around)
    return render(request, "web/home.html", {**around, **_work(request)})


def _work(request: Request) -> dict[str, object]:
    """Return one's own day, or that of the colleague who was asked for."""
    user, today, language = request.user, local_today(), current_language()
    rules = rulebook()
    whose = read_whose(user, request.GET.get("of", ""))
    ordered = request.GET.get("order", "") if request.GET.get("order") in ORDERS else ORDERS[0]
    currency = request.company.currency
    now = shown(clock.now())
    work = work_list(
        whose,
        rules,
        today=today,
        language=language,
        currency=currency,
        ordered=ordered,
        expanded=request.GET.get("more", ""),
    )
    return {
        "whose": whose,
        "work": work,
        "ordered": ordered,
        "overdue": work.size("overdue"),
        "due_today": work.size("today"),
        "schedule": schedule(whose.person, today=today, now=now.time()) if whose.person else None,
        "labels": LABELS,
        "may_widen": sees_others(user, Customer) and owns_customers(user),
    }


def _writer(request: Request, rules: Rulebook) -> Writer:
    readable = unreadable(request.user, rules.fields)
    return Writer(current_language(), rules.fields, request.company.currency, readable)


def _banners(user: User) -> dict[str, object]:
    """Return what stands above every home: new rules to confirm, and what keeps persons from being classified."""
    rules = rulebook()
    return {
        "new_rules": new_rules(user, rules, current_language()),
        "wants_assessment": can(user, "create", Assessment) and bool(rules.schemes) and assessment() is None,
    }


@require_safe
def reviews(request: Request) -> HttpResponse:
    """Draw the newest changes of class that wait for somebody: beside the work, which does not wait for them."""
    whose, rules = read_whose(request.user, request.GET.get("of", "")), rulebook()
    context = {"section": "home", "whose": whose, **_reviews(whose, rules, _writer(request, rules))}
    return render_page(request, "web/home_reviews_page.html", context, partial="part")


def _reviews(whose: Whose, rules: Rulebook, writer: Writer) -> dict[str, object]:
    waiting = open_reviews(whose.user, mine=whose.is_mine)
    waiting = waiting.filter(dimension__in=[scheme.dimension for scheme in rules.schemes])
    if whose.person is not None and not whose.is_mine:
        waiting = waiting.filter(customer__owner=whose.person)
    first = list(with_customers(waiting).order_by("-created_at", "-pk")[:REVIEWS_SHOWN])
    return {
        "reviews": review_items(whose.user, first, rules, writer, local_today()),
        "review_count": capped_count(waiting),
    }


@require_safe
def figures(request: Request) -> HttpResponse:
    """Draw the strip of one's own day: the page asks for it once it is there."""
    whose = read_whose(request.user, request.GET.get("of", ""))
    found = strip(whose, rulebook(), today=local_today(), currency=request.company.currency)
    return render_page(request, "web/figures.html", {"section": "home", "figures": found}, partial="figures")


@require_safe
def rises(request: Request) -> HttpResponse:
    """Draw whose intent just rose: below the work, which does not wait for it."""
    whose, rules = read_whose(request.user, request.GET.get("of", "")), rulebook()
    context = {
        "section": "home",
        "whose": whose,
        "rising": rising(whose, rules, _writer(request, rules), local_today()),
    }
    return render_page(request, "web/home_rising_page.html", context, partial="part")


@require_safe
def wake(request: Request) -> HttpResponse:
    """Draw whom to wake, and the classes that changed: beside the work, which does not wait for them either."""
    whose, rules, today = read_whose(request.user, request.GET.get("of", "")), rulebook(), local_today()
    writer = _writer(request, rules)
    context = {
        "section": "home",
        "whose": whose,
        "waking": waking(whose, rules, today=today, language=writer.language, currency=writer.currency),
        "changes": recent_changes(request.user, rules, writer, mine=whose.is_mine, today=today),
    }
    return render_page(request, "web/home_wake_page.html", context, partial="part")


@require_safe
def team(request: Request) -> HttpResponse:
    """Draw what the team has: asked for by the page of the team."""
    if "team" not in homes_of(request.user):
        raise Forbidden
    today = local_today()
    escalated, size = escalations(request.user, today)
    shown_people = MOST_PEOPLE if request.GET.get("people") == "all" else MOST_SHOWN
    context = {
        "section": "home",
        "team": team_of(request.user, rulebook(), today, most_shown=shown_people),
        "escalations": escalated,
        "escalated": size,
        "today": today,
    }
    return render_page(request, "web/home_team_parts.html", context, partial="parts")


@require_safe
def company(request: Request) -> HttpResponse:
    """Draw five figures: asked for by the page of the company."""
    _answer_for_company(request.user)
    whose = read_whose(request.user, "all")
    found = company_figures(whose, rulebook(), today=local_today(), currency=request.company.currency)
    return render_page(request, "web/home_company_parts.html", {"section": "home", "figures": found}, partial="parts")


@require_safe
def changed(request: Request) -> HttpResponse:
    """Draw what changed in the company: below the figures, which do not wait for it."""
    user, currency = request.user, request.company.currency
    _answer_for_company(user)
    found = what_changed(user, rulebook(), today=local_today(), language=current_language(), currency=currency)
    return render_page(request, "web/home_changed_page.html", {"section": "home", "changed": found}, partial="part")


def _answer_for_company(user: User) -> None:
    """Raise `Forbidden` for whoever does not answer for the company."""
    if "company" not in homes_of(user):
        raise Forbidden


@require_POST
def confirm(request: Request, pk: int) -> HttpResponse:
    """Confirm that one knows of new rules which moved one's customers."""
    asked = get_visible(request.user, Acknowledgement, pk=pk, user_id=request.user.pk)
    acknowledge(acknowledgement=asked, by=request.user)
    messages.success(request, gettext("记下了：你已知道这次规则变化"))
    if wants_partial(request):
        return render(request, "base/toasts.html", {"oob": True})
    return redirect("web:home")
