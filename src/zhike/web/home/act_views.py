"""What is done from a line of the work list: written down, put off, finished, arranged."""

from __future__ import annotations

from datetime import date, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from zhike.accounts.policy import can, get_visible, require
from zhike.base.errors import Conflict
from zhike.base.forms import Form, OnceForm, VersionForm, tell
from zhike.base.htmx import retarget, wants_partial
from zhike.base.inputs import Invalid
from zhike.base.templatetags.zhike import day as near_day
from zhike.core.errors import ZhikeError
from zhike.customers.actions.log import choose_day
from zhike.customers.models import Customer
from zhike.followups.actions.log import log_and_plan
from zhike.followups.actions.tasks import create_task, finish_task, snooze_task
from zhike.followups.models import Task
from zhike.timeline.models import Event
from zhike.web.customer.forms import KIND_ICONS, LogForm
from zhike.web.home.doing import LOGS
from zhike.web.request import Request, local_today

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponse, QueryDict

TEXT_ROWS = {"rows": 2, "class": "zk-log-text", "placeholder": _("说了什么，对方怎么想，下一步是什么")}


class FinishForm(OnceForm):
    """How a task went, what was said, and when to be in touch next."""

    outcome = forms.ChoiceField(
        label=_("结果"), choices=Task.Outcome, initial=Task.Outcome.REACHED, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label=_("记录内容"), required=False, max_length=Task.TEXT_MAX, widget=forms.Textarea(attrs=TEXT_ROWS)
    )
    next_contact_on = forms.DateField(
        label=_("下次联系"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("日期写成 2026-12-01 这样。")},
    )
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None = None, *, version: int = 1, today: date) -> None:
        super().__init__(data)
        self.initial["version"] = version
        self.today = today

    def clean_next_contact_on(self) -> date | None:
        day: date | None = self.cleaned_data["next_contact_on"]
        if day is not None and day < self.today:
            raise forms.ValidationError(_("下次联系不能早于今天。"))
        return day


class UntilForm(Form):
    """Until when a line is put off: so many days, or a day."""

    days = forms.IntegerField(min_value=1, max_value=366, required=False)
    until = forms.DateField(required=False)
    version = forms.IntegerField(min_value=1, required=False)

    def day(self, today: date) -> date:
        """Return the day. Raises `Invalid`."""
        if self.is_valid():
            given = self.cleaned_data
            day: date | None = given["until"] or (today + timedelta(days=given["days"]) if given["days"] else None)
            if day is not None and day > today:
                return day
        raise Invalid("推迟到今天以后的一天", "put it off to a later day", path="until")


@require_http_methods(["GET", "HEAD", "POST"])
def customer_log(request: Request, pk: int) -> HttpResponse:
    """Draw the quick log below a line that has no task, and take it."""
    customer = get_visible(request.user, Customer, pk=pk)
    require(request.user, "create", Event(customer=customer))
    method = request.GET.get("method", "")
    form = LogForm(
        request.POST or None,
        customer=customer,
        today=local_today(),
        by=request.user,
        currency=request.company.currency,
    )
    form.initial["kind"] = LOGS.get(method, "call")
    context = {
        "customer": customer,
        "form": form,
        "choice": form["kind"],
        "log_icons": KIND_ICONS,
        "line": f"c{customer.pk}",
    }
    if request.method != "POST":
        return render(request, "web/home_log.html", context)
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        try:
            log_and_plan(customer=customer, by=request.user, **form.given())
        except ZhikeError as error:
            tell(form, error)
            status = error.status
            if isinstance(error, Conflict):
                form.renew_key()
        else:
            return _done(request, gettext("%(name)s：已记录") % {"name": customer.name})
    return _again(request, context, status)


@require_http_methods(["GET", "HEAD", "POST"])
def task_log(request: Request, pk: int) -> HttpResponse:
    """Do the same for a line that has one: writing down what came of it finishes the task."""
    task = get_visible(request.user, Task, pk=pk)
    require(request.user, "change", task)
    form = FinishForm(request.POST or None, version=task.version, today=local_today())
    context = {"task": task, "customer": task.customer, "form": form, "choice": form["outcome"], "line": _line_of(task)}
    if request.method != "POST":
        return render(request, "web/home_log.html", context)
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        given = form.cleaned_data
        try:
            finish_task(
                task=task,
                version=given["version"],
                outcome=given["outcome"],
                text=given["text"],
                next_contact_on=given["next_contact_on"],
                by=request.user,
            )
        except ZhikeError as error:
            tell(form, error)
            status = error.status
        else:
            return _done(request, _finished(task))
    return _again(request, context, status)


@require_POST
def task_done(request: Request, pk: int) -> HttpResponse:
    """Finish a task at once, as it usually goes."""
    task = get_visible(request.user, Task, pk=pk)
    require(request.user, "change", task)
    form = VersionForm(request.POST)
    if not form.is_valid():
        raise Invalid("这一页已经过时，请重新打开", "this page is out of date: open it again", path="version")
    finish_task(task=task, version=form.cleaned_data["version"], outcome=Task.Outcome.REACHED, by=request.user)
    return _done(request, _finished(task))


@require_POST
def task_snooze(request: Request, pk: int) -> HttpResponse:
    task = get_visible(request.user, Task, pk=pk)
    require(request.user, "change", task)
    form = UntilForm(request.POST)
    until = form.day(local_today())
    snooze_task(task=task, version=form.cleaned_data["version"] or task.version, until=until, by=request.user)
    return _done(request, gettext("推迟到%(day)s：%(title)s") % {"day": near_day(until), "title": task.name})


@require_POST
def customer_snooze(request: Request, pk: int) -> HttpResponse:
    """Set another day for the next contact."""
    customer = get_visible(request.user, Customer, pk=pk)
    require(request.user, "create", Event(customer=customer))
    until = UntilForm(request.POST).day(local_today())
    choose_day(customer=customer, day=until, by=request.user)
    return _done(request, gettext("%(name)s：%(day)s再联系") % {"name": customer.name, "day": near_day(until)})


@require_POST
def arrange(request: Request, pk: int) -> HttpResponse:
    """Make a task for a customer of whom the page says why now: for today, in the words of the page."""
    customer = get_visible(request.user, Customer, pk=pk)
    require(request.user, "create", Event(customer=customer))
    kind = request.POST.get("kind", "")
    if kind not in Task.Kind.values:
        raise Invalid("没有这种方式", "there is no such kind", path="kind")
    owner = (
        customer.owner
        if customer.owner and customer.owner.is_active and can(request.user, "change", customer)
        else None
    )
    create_task(
        by=request.user,
        owner=owner,
        customer=customer,
        kind=kind,
        title=request.POST.get("title", ""),
        text=request.POST.get("text", ""),
        due_on=local_today(),
    )
    return _done(request, gettext("%(name)s：排进了今天") % {"name": customer.name})


def _finished(task: Task) -> str:
    return gettext("完成了：%(title)s") % {"title": task.name}


def _line_of(task: Task) -> str:
    return f"c{task.customer_id}" if task.customer_id else f"t{task.pk}"


def _done(request: Request, said: str) -> HttpResponse:
    """Say it; the line around what was pressed leaves the page."""
    messages.success(request, said)
    if wants_partial(request):
        return render(request, "base/toasts.html", {"oob": True})
    return redirect("web:home")


def _again(request: Request, context: Mapping[str, object], status: int) -> HttpResponse:
    """Draw the form again with what was refused, in its place below the line."""
    response = render(request, "web/home_log.html", dict(context), status=status)
    return retarget(response, f"#log-{context['line']}", "innerHTML") if wants_partial(request) else response
