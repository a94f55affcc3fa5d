"""The rules that take customers back: their list, one with its dry run, and what is done to one."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.policy import get_visible, require
from zhike.base.errors import NotFound, current_language
from zhike.base.forms import tell
from zhike.core.conditions.describe import Writer
from zhike.core.errors import ZhikeError
from zhike.core.metrics import METRICS
from zhike.pools.actions.rules import pause_rule, remove_rule, reorder_rules, set_rule
from zhike.pools.conditions import known_fields
from zhike.pools.models import Pool, Rule
from zhike.pools.reclaim import readings, trial
from zhike.web.pools.forms import RuleForm
from zhike.web.pools.settings_views import builder_catalogue
from zhike.web.request import Request, local_today

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpResponse

    from zhike.core.conditions.nodes import Node
    from zhike.customers.models import Customer
    from zhike.pools.reclaim import Trial


@dataclass(frozen=True, slots=True)
class Line:
    """A rule as the list shows it, with its conditions as sentences."""

    rule: Rule
    condition: str
    exception: str
    clock: str
    problem: str
    is_waiting: bool
    is_held_up: bool


@dataclass(frozen=True, slots=True)
class Going:
    """A customer whom a rule would take: since when, for how many days, and on which day."""

    customer: Customer
    since: date
    days: int
    is_due: bool
    left: int


@require_safe
def pool_rules(request: Request) -> HttpResponse:
    require(request.user, "change", Pool)
    context = {"section": "pools", "lines": _lines(request), "has_pools": Pool.objects.exists()}
    return render(request, "web/pool_rules.html", context)


def _lines(request: Request) -> list[Line]:
    language = current_language()
    fields = known_fields(request.user)
    writer = Writer(language, fields, request.company.currency)
    found, is_held_up = [], False
    for one in readings(fields=fields):
        problem = "" if one.problem is None else one.problem.message(language)
        found.append(
            Line(
                one.rule,
                _sentence(writer, one.condition),
                _sentence(writer, one.exception),
                METRICS[one.rule.clock].label.get(language),
                problem,
                one.is_waiting,
                is_held_up,
            )
        )
        is_held_up = is_held_up or not one.is_ready
    return found


def _sentence(writer: Writer, node: Node | None) -> str:
    return "" if node is None else writer.sentence(node)


@require_http_methods(["GET", "HEAD", "POST"])
def pool_rule(request: Request, pk: int | None = None) -> HttpResponse:
    """Make a rule, or change one; below it who would go by what is saved."""
    require(request.user, "change", Pool)
    rule = get_visible(request.user, Rule, pk=pk) if pk else None
    form = RuleForm(request.POST or None, by=request.user, rule=rule)
    status: int = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            given = dict(form.cleaned_data)
            version = given.pop("version") or 0
            try:
                made = set_rule(rule=rule, version=version, by=request.user, **given)
            except ZhikeError as error:
                tell(form, error)
                status = error.status
            else:
                messages.success(request, gettext("规则保存了，先看看会收回谁"))
                return redirect("web:pool_rule", made.pk)
    rules = list(Rule.objects.select_related("pool"))
    place = next((place for place, one in enumerate(rules) if rule and one.pk == rule.pk), None)
    tried = None if place is None or status != HTTPStatus.OK else trial(request.user, rules, place)
    context = {
        "section": "pools",
        "rule": rule,
        "form": form,
        "trial": tried,
        "going": _going(tried) if tried else [],
        "catalogue": builder_catalogue(request),
    }
    return render(request, "web/pool_rule.html", context, status=status)


def _going(tried: Trial) -> list[Going]:
    today, rule = local_today(), tried.reading.rule
    return [
        Going(one, one.since, days := (today - one.since).days, days >= rule.days, max(0, rule.days - days))
        for one in tried.customers
    ]


@require_POST
def pool_rule_act(request: Request, pk: int, act: str) -> HttpResponse:
    """Pause a rule, let it run, ask it earlier, take it away."""
    require(request.user, "change", Pool)
    rule = get_visible(request.user, Rule, pk=pk)
    match act:
        case "pause" | "run":
            pause_rule(rule=rule, is_paused=act == "pause", by=request.user)
        case "up":
            order = list(Rule.objects.values_list("pk", flat=True))
            at = order.index(rule.pk)
            order.insert(max(0, at - 1), order.pop(at))
            reorder_rules(order=order, by=request.user)
        case "remove":
            remove_rule(rule=rule, by=request.user)
        case _:
            raise NotFound
    return redirect("web:pool_rules")
