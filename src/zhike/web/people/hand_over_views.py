"""Handing over what a colleague owns: lines of whom to whom, counted before anything is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from zhike.accounts.models import User
from zhike.accounts.policy import can, get_visible, require
from zhike.accounts.queries import assignable_owners
from zhike.base.errors import current_language
from zhike.base.forms import STALE, Form
from zhike.classification.actions.handovers import ask_handover, give_dimensions, keep_what_lines_read, undo_handover
from zhike.classification.candidates import draft_fields
from zhike.classification.consents import with_consents
from zhike.classification.handovers import (
    MOST_LINES,
    belongings,
    last_handover,
    plan,
    read_lines,
    require_giving,
)
from zhike.classification.models import Scheme
from zhike.classification.rules import rulebook
from zhike.core.errors import ZhikeError
from zhike.customers.readable import readable
from zhike.jobs.tasks import start
from zhike.web.conditions.catalogue import catalogue
from zhike.web.jobs.rows import may_undo
from zhike.web.people.forms import CONDITION, LineForm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse, QueryDict

    from zhike.classification.handovers import Plan
    from zhike.jobs.models import Job
    from zhike.web.request import Request

UNPROCESSABLE = 422


class CountedForm(Form):
    """How many customers the person saw that the lines give."""

    counted = forms.IntegerField(min_value=1, widget=forms.HiddenInput, error_messages=STALE)


class RulesForm(Form):
    to = forms.ModelChoiceField(queryset=User.objects.none(), empty_label=_("选一个人"))

    def __init__(self, data: QueryDict | None = None, *, by: User, giver: User) -> None:
        super().__init__(data)
        self.fields["to"].queryset = assignable_owners(by).exclude(pk=giver.pk)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Row:
    """A line as it is shown: its form, its place, and how many it gives once that was counted."""

    form: LineForm
    place: int
    count: int | None


@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: Request, pk: int) -> HttpResponse:
    require_giving(request.user)
    giver = get_visible(request.user, User, pk=pk)
    last = last_handover(request.user, giver)
    if request.method != "POST" or (last is not None and last.is_open):
        return _show(request, giver, _forms(request, giver, ["0"]), last=last)
    what, _, place = request.POST.get("do", "").partition("-")
    if what == "undo":
        return _undo(request, giver)
    order = _ordered(request.POST, what, place)
    lines = _forms(request, giver, order, is_bound=what in {"preview", "run"})
    if what not in {"preview", "run"}:
        return _show(request, giver, _kept(lines, request.POST), last=last)
    wrong = [form for form in lines if not form.is_valid()]  # every one is asked, so that all is said at once
    if wrong:
        return _show(request, giver, lines, last=last, status=UNPROCESSABLE)
    given = [form.line() for form in lines]
    counted = CountedForm(request.POST)
    try:
        if what == "run" and counted.is_valid():
            return _run(request, giver, given, counted.cleaned_data["counted"])
        read = read_lines(given, request.user)
        keep_what_lines_read(read, request.user)
        return _show(request, giver, lines, last=last, plan=plan(request.user, giver, read))
    except ZhikeError as error:
        return _show(request, giver, lines, last=last, refusal=error.message(current_language()), status=error.status)


@require_POST
def give_rules(request: Request, pk: int) -> HttpResponse:
    """Let somebody else answer for the rules that a colleague answered for."""
    require(request.user, "publish", Scheme)
    giver = get_visible(request.user, User, pk=pk)
    form = RulesForm(request.POST, by=request.user, giver=giver)
    if form.is_valid():
        to = form.cleaned_data["to"]
        n = give_dimensions(giver=giver, to=to, by=request.user)
        words = ngettext("%(n)s 个维度的规则由 %(name)s 负责", "%(n)s 个维度的规则由 %(name)s 负责", n)
        messages.success(request, words % {"n": n, "name": to.name})
    return redirect("web:hand_over", pk)


def _run(request: Request, giver: User, lines: Sequence[dict[str, object]], counted: int) -> HttpResponse:
    job = start(ask_handover(giver=giver, lines=lines, counted=counted, by=request.user))
    if job.state == job.State.DONE:
        words = ngettext("%(n)s 位客户已交接", "%(n)s 位客户已交接", job.changed)
        messages.success(request, words % {"n": f"{job.changed:,}"})
    return redirect("web:hand_over", giver.pk)


def _undo(request: Request, giver: User) -> HttpResponse:
    job = start(undo_handover(giver=giver, by=request.user))
    if job.state == job.State.DONE:
        messages.success(request, job.said.get(current_language(), ""))
    return redirect("web:hand_over", giver.pk)


def _ordered(data: QueryDict, what: str, place: str) -> list[str]:
    """Return the names of the lines in their order, after one was added, taken away or moved up."""
    order = [name for name in dict.fromkeys(data.getlist("line")) if name.isascii() and name.isdigit()][:MOST_LINES]
    at = order.index(place) if place in order else None
    if what == "add" and len(order) < MOST_LINES:
        # Before the line that takes all who are left: nobody would reach one behind it.
        ends = bool(order) and not data.get(f"line{order[-1]}-what")
        order.insert(len(order) - ends, str(max(map(int, order), default=-1) + 1))
    elif what == "remove" and at is not None and len(order) > 1:
        order.pop(at)
    elif what == "up" and at:
        order.insert(at - 1, order.pop(at))
    return order or ["0"]


def _forms(request: Request, giver: User, names: Sequence[str], *, is_bound: bool = False) -> list[LineForm]:
    data = request.POST if is_bound else None
    return [LineForm(data, by=request.user, giver=giver, prefix=f"line{name}") for name in names]


def _kept(lines: list[LineForm], data: QueryDict) -> list[LineForm]:
    """Put what was typed so far into lines that nobody has asked to check yet."""
    for form in lines:
        form.initial = {name: data.get(f"{form.prefix}-{name}", "") for name in ("what", "value", "when")}
        if f"{form.prefix}-what" not in data:
            form.initial["what"] = CONDITION  # of a new line: anything but all who are left
        form.initial["to"] = [pk for pk in data.getlist(f"{form.prefix}-to") if pk.isascii() and pk.isdigit()]
    return lines


def _show(  # noqa: PLR0913  one keyword each
    request: Request,
    giver: User,
    lines: Sequence[LineForm],
    *,
    last: Job | None,
    plan: Plan | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    names = dict(User.objects.filter(pk__in=plan.people).values_list("pk", "name")) if plan else {}
    owned = belongings(request.user, giver)
    labels = {scheme.dimension: scheme.label.get(current_language()) for scheme in rulebook().schemes}
    context = {
        "section": "settings",
        "giver": giver,
        "owned": owned,
        "catalogue": catalogue(
            readable(request.user, with_consents(draft_fields())), current_language(), request.company.currency
        ),
        "dimensions": [labels.get(scheme.dimension, scheme.dimension) for scheme in owned.dimensions],
        "rules_form": RulesForm(by=request.user, giver=giver) if can(request.user, "publish", Scheme) else None,
        "rows": [Row(form, place, plan.lines[place] if plan else None) for place, form in enumerate(lines)],
        "plan": plan,
        "shares": [(names[pk], n) for pk, n in plan.people.items()] if plan else [],
        "counted": CountedForm(initial={"counted": plan.total}) if plan else None,
        "last": last,
        "may_undo": last is not None and may_undo(last),
        "is_undone": last is not None and last.undone_by.filter(state=last.State.DONE).exists(),
        "said": last.said.get(current_language(), "") if last else "",
        "refusal": refusal,
        "may_see_person": can(request.user, "change", User),
    }
    return render(request, "web/hand_over.html", context, status=status)
