"""The rules: their list in order, one of them, a dry run, and giving customers by them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.policy import can, get_visible, require, visible
from zhike.assignment.actions.assigning import check_by_hand
from zhike.assignment.actions.rules import move_rule, order_rules, pause_rule, remove_rule, save_rule
from zhike.assignment.models import Capacity, Rule, Waiting
from zhike.assignment.rules import fields_of_rules, read_rules
from zhike.assignment.trying import customers_to_try, try_rules
from zhike.base.errors import current_language
from zhike.base.forms import OnceForm, tell
from zhike.base.inputs import Invalid
from zhike.core.conditions.describe import Writer
from zhike.core.errors import ZhikeError
from zhike.customers.models import Customer
from zhike.customers.readable import readable
from zhike.jobs.actions.jobs import ask_job
from zhike.jobs.tasks import start
from zhike.web.assigned import assigned_by
from zhike.web.assignment.forms import RuleForm, RuleVersionForm
from zhike.web.conditions.catalogue import catalogue

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.assignment.rules import ReadRule
    from zhike.assignment.trying import Trial
    from zhike.web.request import Request

UNPROCESSABLE = 422
ALL, UNOWNED = "all", "unowned"


@dataclass(frozen=True, slots=True)
class Line:
    """A rule as the list shows it: its condition as a sentence, or what is wrong with it, and whom it gives to."""

    rule: Rule
    sentence: str
    problem: str
    to: str
    how: str
    occasions: str


@require_safe
def rule_list(request: Request) -> HttpResponse:
    require(request.user, "assign", Customer)
    rules = visible(request.user, Rule).select_related("team").prefetch_related("people")
    read = read_rules(rules)
    writer = Writer(current_language(), fields_of_rules(), request.company.currency)
    lines = [_line(one, writer) for one in read]
    context = {
        "section": "settings",
        "lines": [line for line in lines if not line.rule.is_last],
        "last": next((line for line in lines if line.rule.is_last), None),
        "may_change": can(request.user, "change", Rule),
        "waiting": visible(request.user, Waiting).count(),
    }
    return render(request, "web/assignment_rules.html", context)


def _line(one: ReadRule, writer: Writer) -> Line:
    rule = one.rule
    problem = one.problem.message(current_language()) if one.problem else ""
    sentence = "" if one.node is None else writer.sentence(one.node)
    match rule.target:
        case Rule.Target.TEAM:
            to = rule.team.name if rule.team else ""
        case Rule.Target.PEOPLE:
            to = gettext("、").join(person.name for person in rule.people.all())
        case _:
            to = rule.get_target_display()
    asks = [gettext("至少%(level)s") % {"level": _level(rule.least_level)}] if rule.least_level else []
    asks += [gettext("擅长 %(skills)s") % {"skills": gettext("、").join(rule.skills)}] if rule.skills else []
    is_choice = rule.target != Rule.Target.PEOPLE or rule.people.all().count() > 1
    how = [rule.get_method_display(), *asks] if is_choice else asks
    occasions = [label for key, label in Rule.Occasion.choices if key in rule.occasions]
    how += [gettext("也分配公海里的客户")] if rule.from_pools else []
    return Line(rule, sentence, problem, to, gettext("，").join(map(str, how)), gettext("、").join(map(str, occasions)))


def _level(level: int) -> str:
    return str(Capacity.Level(level).label)


@require_http_methods(["GET", "HEAD", "POST"])
def rule_new(request: Request) -> HttpResponse:
    require(request.user, "change", Rule)
    return _rule(request, None, is_last="last" in request.GET)


@require_http_methods(["GET", "HEAD", "POST"])
def rule_page(request: Request, pk: int) -> HttpResponse:
    require(request.user, "change", Rule)
    found = get_visible(request.user, Rule, pk=pk)
    return _rule(request, found, is_last=found.is_last)


def _rule(request: Request, found: Rule | None, *, is_last: bool) -> HttpResponse:
    form = RuleForm(request.POST or None, by=request.user, rule=found, is_last=is_last)
    version = RuleVersionForm(request.POST or None, initial={"version": found.version if found else 0})
    status = 200 if request.method != "POST" else UNPROCESSABLE
    if request.method == "POST" and form.is_valid() & version.is_valid():
        try:
            saved = save_rule(
                rule=found,
                given=form.given(),
                by=request.user,
                version=version.cleaned_data["version"],
                is_last=is_last,
            )
        except ZhikeError as error:
            tell(form, error)
            status = error.status
        else:
            messages.success(request, gettext("规则「%(name)s」已保存") % {"name": saved.name})
            return redirect("web:assignment")
    context = {
        "section": "settings",
        "form": form,
        "hidden": version,
        "rule": found,
        "is_last": is_last,
        "catalogue": catalogue(readable(request.user, fields_of_rules()), current_language(), request.company.currency),
    }
    return render(request, "web/assignment_rule.html", context, status=status)


@require_POST
def rule_pause(request: Request, pk: int) -> HttpResponse:
    found = _changeable(request, pk)
    pause_rule(rule=found, is_paused=request.POST.get("paused") == "yes", by=request.user)
    return redirect("web:assignment")


@require_POST
def rule_remove(request: Request, pk: int) -> HttpResponse:
    found = _changeable(request, pk)
    remove_rule(rule=found, by=request.user)
    messages.success(request, gettext("规则「%(name)s」已移除") % {"name": found.name})
    return redirect("web:assignment")


@require_POST
def rule_move(request: Request, pk: int) -> HttpResponse:
    found = _changeable(request, pk)
    move_rule(rule=found, steps=-1 if request.POST.get("to") == "up" else 1, by=request.user)
    return redirect("web:assignment")


@require_POST
def rule_order(request: Request) -> HttpResponse:
    """Put the rules into the order in which they were dragged."""
    require(request.user, "change", Rule)
    given = request.POST.getlist("rule")
    if not all(pk.isascii() and pk.isdigit() for pk in given):
        raise Invalid("顺序读不懂", "the order cannot be read")
    order_rules(order=[int(pk) for pk in given], by=request.user)
    return redirect("web:assignment")


def _changeable(request: Request, pk: int) -> Rule:
    require(request.user, "change", Rule)
    return get_visible(request.user, Rule, pk=pk)


class TryForm(forms.Form):
    """Whom the rules are asked about, and how many the person saw."""

    scope = forms.ChoiceField(choices=[(UNOWNED, ""), (ALL, "")])
    count = forms.IntegerField(min_value=1)


@require_http_methods(["GET", "HEAD", "POST"])
def rule_try(request: Request) -> HttpResponse:
    """Show what the rules would do; asked to, have it done as a job."""
    require(request.user, "assign", Customer)
    scope = ALL if request.GET.get("scope") == ALL else UNOWNED
    once, refusal, status = OnceForm(request.POST or None), "", 200
    if request.method == "POST":
        form = TryForm(request.POST)
        if form.is_valid() and once.is_valid():
            try:
                job = ask_job(
                    kind="assign_by_rules",
                    by=request.user,
                    parameters={},
                    targets=customers_to_try(request.user, only_unowned=form.cleaned_data["scope"] == UNOWNED),
                    expected=form.cleaned_data["count"],
                    form_key=once.cleaned_data["key"],
                )
            except ZhikeError as error:
                refusal, status = error.message(current_language()), error.status
            else:
                return redirect("web:job", start(job).pk)
        else:
            status = UNPROCESSABLE
            refusal = gettext("这一页已经过时，请重新打开再保存。")
    trial, why_not = None, ""
    try:
        check_by_hand(request.user)
        trial = try_rules(request.user, customers_to_try(request.user, only_unowned=scope == UNOWNED))
    except ZhikeError as error:
        why_not = error.message(current_language())
    context = {
        "section": "settings",
        "scope": scope,
        "hidden": OnceForm() if refusal else once,
        "refusal": refusal,
        "why_not": why_not,
        "trial": trial,
        **(_shown(trial) if trial else {}),
    }
    return render(request, "web/assignment_try.html", context, status=status)


def _shown(trial: Trial) -> dict[str, object]:
    """Return the trial as a matrix of givers and receivers, the rules with their numbers, and examples."""
    receivers = sorted({to for _, to in trial.moves}, key=lambda pk: trial.people[pk])
    givers = sorted({giver for giver, _ in trial.moves}, key=lambda pk: (pk is not None, trial.people.get(pk or 0, "")))
    matrix = [
        (
            trial.people[giver] if giver else gettext("没有负责人"),
            [trial.moves.get((giver, to), 0) for to in receivers],
            sum(trial.moves.get((giver, to), 0) for to in receivers),
        )
        for giver in givers
    ]
    names = dict(Rule.objects.values_list("pk", "name"))
    return {
        "receivers": [trial.people[pk] for pk in receivers],
        "matrix": matrix,
        "sums": [sum(trial.moves.get((giver, to), 0) for giver in givers) for to in receivers],
        "by_rule": [
            (name, trial.rules[pk], trial.nobody[pk])
            for pk, name in names.items()
            if trial.rules[pk] or trial.nobody[pk]
        ],
        "examples": [(one, one.pick.user.name, assigned_by(one.pick.why())) for one in trial.examples],
    }
