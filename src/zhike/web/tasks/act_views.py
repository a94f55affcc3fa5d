"""What is done with a task where it stands: finished, put off, given to somebody, followed, ticked off, dropped.

Each has a page of its own, which lists and records open as a dialog and a home page below its line; the answer says
`data-saved`.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from zhike.accounts.policy import get_visible, require, visible
from zhike.base.errors import current_language
from zhike.base.forms import VersionForm, tell
from zhike.base.htmx import render_page, wants_partial
from zhike.base.inputs import Invalid
from zhike.base.templatetags.zhike import day as near_day
from zhike.core.day_words import parse_day
from zhike.core.errors import ZhikeError
from zhike.customers.models import Customer
from zhike.followups.actions.finishing import drop_task, finish_task
from zhike.followups.actions.tasks import change_task, delegate_task, follow_task, snooze_task
from zhike.followups.models import Follower, Task
from zhike.web.bulk.chosen import picked_ids
from zhike.web.customer.announce import announce
from zhike.web.in_line import below_line, line_of
from zhike.web.request import Request, local_today
from zhike.web.tasks.forms import DelegateForm, DoneForm, SnoozeForm
from zhike.web.tasks.views import back_of
from zhike.web.tasks.words import DAY_WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from django import forms
    from django.http import HttpResponse

    from zhike.accounts.models import User
    from zhike.followups.actions.finishing import Finished

MOST_AT_ONCE = 200


@require_http_methods(["GET", "HEAD", "POST"])
def task_done(request: Request, pk: int) -> HttpResponse:
    """Ask how it went. Sent with its version alone it went as usual."""
    task = _changeable(request, pk)
    form = DoneForm(request.POST or None, task=task)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            done = finish_task(
                task=task,
                version=said["version"],
                outcome=said["outcome"],
                text=said["text"],
                by=request.user,
            )
        except ZhikeError as error:
            return _asked(request, "done", task, form, error)
        _tell_done(request, done)
        return _done(request, task)
    return _asked(request, "done", task, form)


def _tell_done(request: Request, done: Finished) -> None:
    """Say that it is done, which classes that has changed, and when it comes again."""
    said = gettext("完成了：%(title)s") % {"title": done.task.name}
    if done.following is not None:
        said += gettext("。下一次：%(day)s") % {"day": near_day(done.following.due_on)}
    if done.event is None:
        messages.success(request, said)
    else:
        announce(request, done.event, said)


@require_http_methods(["GET", "HEAD", "POST"])
def task_snooze(request: Request, pk: int) -> HttpResponse:
    task = _changeable(request, pk)
    form = SnoozeForm(request.POST or None, initial={"version": task.version, "until": gettext("明天")})
    if request.method == "POST" and form.is_valid():
        until = form.cleaned_data["until"]
        try:
            snooze_task(task=task, version=form.cleaned_data["version"], until=until, by=request.user)
        except ZhikeError as error:
            return _asked(request, "snooze", task, form, error)
        words = {"title": task.name, "day": near_day(until)}
        messages.success(request, gettext("%(title)s 推迟到 %(day)s") % words)
        return _done(request, task)
    return _asked(request, "snooze", task, form)


@require_http_methods(["GET", "HEAD", "POST"])
def task_delegate(request: Request, pk: int) -> HttpResponse:
    task = _changeable(request, pk)
    form = DelegateForm(request.POST or None, task=task, by=request.user, to=request.GET.get("to", ""))
    if request.method == "POST" and form.is_valid():
        person = form.cleaned_data["to"]
        try:
            delegate_task(task=task, version=form.cleaned_data["version"], to=person, by=request.user)
        except ZhikeError as error:
            return _asked(request, "delegate", task, form, error)
        messages.success(request, gettext("交给 %(name)s 了，你会继续关注它") % {"name": person.name})
        return _done(request, task)
    return _asked(request, "delegate", task, form)


@require_http_methods(["GET", "HEAD", "POST"])
def task_drop(request: Request, pk: int) -> HttpResponse:
    task = _changeable(request, pk)
    form = VersionForm(request.POST or None, initial={"version": task.version})
    if request.method == "POST" and form.is_valid():
        try:
            drop_task(task=task, version=form.cleaned_data["version"], by=request.user)
        except ZhikeError as error:
            return _asked(request, "drop", task, form, error)
        messages.success(request, gettext("取消了：%(title)s") % {"title": task.name})
        return _done(request, task)
    return _asked(request, "drop", task, form)


@require_POST
def task_follow(request: Request, pk: int) -> HttpResponse:
    """Follow a task, or follow it no longer."""
    task = get_visible(request.user, Task, pk=pk)
    follows = not Follower.objects.filter(task=task, user=request.user).exists()
    follow_task(task=task, by=request.user, follows=follows)
    messages.success(request, gettext("在关注它了") if follows else gettext("不再关注它"))
    return redirect("web:tasks" if not visible(request.user, Task).filter(pk=pk).exists() else back_of(request, task))


@require_POST
def task_check(request: Request, pk: int, number: int) -> HttpResponse:
    """Tick one item of the checklist off, or on again."""
    task = _changeable(request, pk)
    items = [dict(item) for item in task.checklist]
    if not 0 <= number < len(items):
        raise Invalid("清单里没有这一项了", "this item is no longer in the list")
    items[number]["done"] = not items[number].get("done")
    version = VersionForm(request.POST)
    if not version.is_valid():
        raise Invalid("这一页已经过时，请重新打开", "this page is out of date: open it again")
    change_task(task=task, version=version.cleaned_data["version"], by=request.user, checklist=items)
    return redirect("web:task", pk)


@require_POST
def tasks_act(request: Request, act: str) -> HttpResponse:
    """Finish or put off all that were picked; what cannot be done any more is counted and said."""
    require(request.user, "change", Task)
    ids = picked_ids(request.POST, "task")
    if not ids:
        raise Invalid("先勾选任务", "pick the tasks first")
    if len(ids) > MOST_AT_ONCE:
        raise Invalid(f"一次最多 {MOST_AT_ONCE} 项", f"at most {MOST_AT_ONCE} at once")
    until = parse_day(request.POST.get("until", ""), local_today())
    if act == "snooze" and until is None:
        raise Invalid("说明推迟到哪天，比如明天、下周一", "say until when: tomorrow, next Mon")
    done, refused = 0, []
    for task in visible(request.user, Task).filter(pk__in=ids).order_by("pk"):
        try:
            _act_on(task, until if act == "snooze" else None, request.user)
        except ZhikeError as error:
            refused.append(error.message(current_language()))
        else:
            done += 1
    _tell_many(request, done, refused, until if act == "snooze" else None)
    return redirect(back_of(request, Task()))


def _act_on(task: Task, until: date | None, by: User) -> None:
    """Put a task off until that day; without one, finish it."""
    if until is not None:
        snooze_task(task=task, version=task.version, until=until, by=by)
    else:
        finish_task(task=task, version=task.version, outcome=Task.Outcome.OTHER, by=by)


def _tell_many(request: Request, done: int, refused: Sequence[str], until: date | None) -> None:
    if done and until is None:
        messages.success(request, ngettext("完成了 %(n)s 项", "完成了 %(n)s 项", done) % {"n": done})
    elif done:
        words = ngettext("%(n)s 项推迟到 %(day)s", "%(n)s 项推迟到 %(day)s", done)
        messages.success(request, words % {"n": done, "day": near_day(until)})
    if refused:
        words = ngettext("%(n)s 项没有动：%(why)s", "%(n)s 项没有动：%(why)s", len(refused))
        messages.error(request, words % {"n": len(refused), "why": refused[0]})


def _changeable(request: Request, pk: int) -> Task:
    task = get_visible(request.user, Task, pk=pk)
    require(request.user, "change", task)
    return task


def _asked(request: Request, act: str, task: Task, form: forms.Form, error: ZhikeError | None = None) -> HttpResponse:
    """Draw the form; with what was refused, where it was."""
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    if error is not None:
        tell(form, error)
        status = error.status
    form.auto_id = "act_%s"  # another form of the page below may have the same names
    seen = task.customer_id is not None and visible(request.user, Customer).filter(pk=task.customer_id).exists()
    context = {
        "section": "tasks",
        "act": act,
        "task": task,
        "form": form,
        "customer": task.customer if seen else None,
        "back": request.GET.get("back", ""),
        "day_words": DAY_WORDS,
        "line": line_of(request),
    }
    response = render_page(request, "web/task_act.html", context, partial="panel", status=status)
    return below_line(request, response)


def _done(request: Request, task: Task) -> HttpResponse:
    if wants_partial(request):
        return render(request, "web/task_act.html#saved", {"task": task, "oob": True})
    return redirect(back_of(request, task))
