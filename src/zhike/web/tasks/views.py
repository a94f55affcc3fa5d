"""The list of tasks, one task, and a new one."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib import messages
from django.shortcuts import redirect, render
from django.template.defaultfilters import time as clock_filter
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.policy import can, get_visible, require, visible
from zhike.base.errors import Conflict
from zhike.base.forms import OnceForm, VersionForm, tell
from zhike.base.htmx import render_page
from zhike.base.inputs import Invalid
from zhike.base.paging import Order, capped_counts, key_page
from zhike.base.templatetags.zhike import day as near_day
from zhike.core.errors import ZhikeError
from zhike.core.task_words import read_task
from zhike.customers.models import Customer
from zhike.followups.actions.tasks import change_task, create_task
from zhike.followups.models import Task
from zhike.followups.queries.plans import steps_of
from zhike.web.bulk.chosen import picked_ids
from zhike.web.customers.screen import ListAddress
from zhike.web.in_line import line_of
from zhike.web.request import Request, local_today
from zhike.web.tasks.filters import choices, open_filter
from zhike.web.tasks.forms import QuickForm, TaskForm
from zhike.web.tasks.rows import KIND_ICONS, OVERDUE, TODAY, grouped, make_rows, with_task_columns
from zhike.web.tasks.words import DAY_WORDS, RECURRENCE_WORDS, differences

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.core.plans import Step

PAGE_SIZE = 50
# Beyond this nobody reads the number.
MOST_COUNTED = 1_000
MOST_URGENT_FIRST = Order("shown_on", then="priority")
LATEST_FIRST = Order("done_at", descending=True, nullable=True)


@require_safe
def task_list(request: Request) -> HttpResponse:
    user, today = request.user, local_today()
    chosen, people = open_filter(request)
    tasks = chosen.apply(user)
    order = LATEST_FIRST if chosen.state else MOST_URGENT_FIRST
    page = key_page(tasks, order, cursor=request.GET.get("at", ""), size=PAGE_SIZE, columns=with_task_columns)
    rows = make_rows(user, page.rows, today)
    address = ListAddress(request.GET)
    is_last = not page.next and (page.rows or not page.previous)
    wanted = [] if is_last else [tasks]
    wanted += [] if chosen.state else [tasks.filter(shown_on__lt=today), tasks.filter(shown_on=today)]
    counts = capped_counts(wanted, MOST_COUNTED)
    overdue, due_today = (None, None) if chosen.state else counts[-2:]
    context = {
        "section": "tasks",
        "filter": chosen,
        "choices": choices(chosen, people),
        "groups": grouped(rows) if not chosen.state else [],
        "rows": rows,
        "page": page,
        "next_page": address.page(page.next),
        "previous_page": address.page(page.previous),
        "address": address,
        "count": page.last if is_last else counts[0],
        "overdue": overdue,
        "due_today": due_today,
        "keys": (OVERDUE, TODAY),
        "quick": QuickForm(),
        "may_create": can(user, "create", Task),
    }
    return render_page(request, "web/tasks.html", context, partial="list")


@require_POST
def task_quick(request: Request) -> HttpResponse:
    """Make a task of one line, for oneself; for a customer when the address names one (`?customer=`)."""
    require(request.user, "create", Task)
    form, customer = QuickForm(request.POST), _customer(request)
    back = reverse("web:customer", args=[customer.pk]) if customer else reverse("web:tasks")
    if not form.is_valid():
        raise Invalid("写下要做什么，一行就好", "write what is to be done, in one line")
    said = read_task(form.cleaned_data["line"], local_today())
    task = create_task(
        by=request.user,
        customer=customer,
        form_key=form.cleaned_data["key"],
        title=said.title,
        kind=said.method,
        due_on=said.day or local_today(),
        due_at=said.at,
        priority=Task.Priority.HIGH if said.is_urgent else Task.Priority.NORMAL,
    )
    messages.success(request, told(task))
    return redirect(back)


def told(task: Task) -> str:
    """Say which task was made, as it was understood."""
    when = near_day(task.due_on) + (f" {clock_filter(task.due_at, 'H:i')}" if task.due_at else "")
    words = {"when": when, "kind": task.get_kind_display(), "title": task.name}
    return gettext("%(when)s · %(kind)s：%(title)s，已加到任务里") % words


def _customer(request: Request) -> Customer | None:
    """Return the customer that the address names."""
    number = next(iter(picked_ids(request.GET, "customer")), None)
    return get_visible(request.user, Customer, pk=number) if number else None


@require_http_methods(["GET", "HEAD", "POST"])
def task_new(request: Request, pk: int | None = None) -> HttpResponse:
    """Make a task; `pk` is that of the customer it is for."""
    user = request.user
    require(user, "create", Task)
    customer = get_visible(user, Customer, pk=pk) if pk else None
    said = read_task(request.GET.get("line", "")[: Task.TITLE_MAX], local_today()) if request.GET.get("line") else None
    start: dict[str, object] = {}
    if said:
        start = {"title": said.title, "kind": said.method, "due_at": said.at}
        start |= {"due_on": said.day.isoformat()} if said.day else {}
    form = TaskForm(request.POST or None, by=user, customer=customer, start=start)
    once = OnceForm(request.POST or None)
    status: int = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid() and once.is_valid():
            try:
                task = create_task(by=user, customer=customer, form_key=once.cleaned_data["key"], **form.given())
            except ZhikeError as error:
                tell(form, error)
                status = error.status
            else:
                messages.success(request, told(task))
                return redirect("web:customer", customer.pk) if customer else redirect("web:tasks")
    context = {"section": "tasks", "form": form, "hidden": once, "customer": customer, **_lists()}
    return render(request, "web/task_form.html", context, status=status)


def _lists() -> dict[str, object]:
    return {"recurrence_words": RECURRENCE_WORDS, "day_words": DAY_WORDS}


@require_http_methods(["GET", "HEAD", "POST"])
def task_page(request: Request, pk: int) -> HttpResponse:
    """Show one task, and change it."""
    user = request.user
    task = get_visible(user, Task, pk=pk)
    may_change = task.state == Task.State.OPEN and can(user, "change", task)
    form = TaskForm(request.POST or None, by=user, customer=task.customer, task=task)
    version = VersionForm(request.POST or None, initial={"version": task.version})
    context: dict[str, object] = {}
    status: int = HTTPStatus.OK
    if request.method == "POST":
        require(user, "change", task)
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid() and version.is_valid():
            try:
                change_task(task=task, version=version.cleaned_data["version"], by=user, **form.given())
            except ZhikeError as error:
                tell(form, error)
                status = error.status
                if isinstance(error, Conflict):
                    task.refresh_from_db()
                    context["differs"] = differences(form, task)
            else:
                messages.success(request, gettext("任务保存了"))
                return redirect("web:task", pk)
    (row,) = make_rows(user, list(with_task_columns(Task.objects.filter(pk=pk))), local_today())
    context |= {
        "section": "tasks",
        "task": row.task,
        "row": row,
        "form": form,
        "hidden": version,
        "may_change": may_change,
        "step": _step(row.task),
        "followers": list(row.task.followers.order_by("name")),
        "icons": KIND_ICONS,
        **_lists(),
    }
    return render(request, "web/task.html", context, status=status)


def _step(task: Task) -> Step | None:
    """Return the step of its plan that a task is."""
    if task.plan is None:
        return None
    return next((step for step in steps_of(task.plan) if step.key == task.step), None)


def back_of(request: Request, task: Task) -> str:
    """Return the page on which something was done with a task: where it stood, else the list."""
    if line_of(request):
        return reverse("web:home")
    match request.GET.get("back"):
        case "customer" if task.customer_id and visible(request.user, Customer).filter(pk=task.customer_id).exists():
            return reverse("web:customer", args=[task.customer_id])
        case "overdue":
            return reverse("web:escalations")
        case "task":
            return reverse("web:task", args=[task.pk])
    kept = {name: value for name, value in request.GET.items() if name in {"of", "kind", "priority", "at"}}
    return reverse("web:tasks") + (f"?{urlencode(kept)}" if kept else "")
