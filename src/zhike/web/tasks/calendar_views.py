"""The calendar of tasks: a day, a week or a month of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.http import JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from zhike.accounts.policy import can
from zhike.base.addresses import address_of
from zhike.base.errors import current_language
from zhike.base.inputs import Invalid
from zhike.followups.models import Task
from zhike.web.request import Request, local_today
from zhike.web.tasks.filters import TaskFilter, choices, open_filter
from zhike.web.tasks.rows import make_rows, with_task_columns

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse

    from zhike.web.tasks.rows import Row

MOST = 500
# A month as a calendar draws it, and a little.
MOST_DAYS = 62
# How long a task with a time is drawn: nobody says how long it takes.
MINUTES = 30
VIEWS = {"day": "timeGridDay", "week": "timeGridWeek", "month": "dayGridMonth"}


@require_safe
def task_calendar(request: Request) -> HttpResponse:
    chosen, people = open_filter(request)
    view = request.GET.get("view", "")
    words = {
        "today": gettext("今天"),
        "prev": gettext("往前"),
        "next": gettext("往后"),
        "day": gettext("按日"),
        "week": gettext("按周"),
        "month": gettext("按月"),
        "allDay": gettext("全天"),
        "more": gettext("还有 {n} 项"),
        "back": gettext("放回去了：{why}"),
        "offline": gettext("没有网络，放回去了"),
        "many": gettext("这段时间任务太多，只显示前 {n} 项"),
        "moves": gettext("Shift 加方向键移动，回车打开"),
    }
    context = {
        "section": "tasks",
        "layout": "calendar",
        "filter": chosen,
        "choices": choices(chosen, people, with_state=False),
        "calendar": {
            "view": VIEWS.get(view, ""),
            "today": local_today().isoformat(),
            "locale": "en" if current_language() == "en" else "zh-CN",
            "events": reverse("web:task_days"),
            "words": words,
        },
        "may_create": can(request.user, "create", Task),
    }
    return render(request, "web/task_calendar.html", context)


@require_safe
def task_days(request: Request) -> HttpResponse:
    """Return the tasks of a stretch of days (`?start=&end=`, the end not included) as the calendar takes them."""
    chosen, _ = open_filter(request)
    first, end = _day(request.GET.get("start", "")), _day(request.GET.get("end", ""))
    if not 0 < (end - first).days <= MOST_DAYS:
        raise Invalid(f"一次看 1 到 {MOST_DAYS} 天", f"look at 1 to {MOST_DAYS} days at once")
    tasks = list(with_task_columns(_within(request, chosen, first, end))[: MOST + 1])
    rows = make_rows(request.user, tasks[:MOST], local_today())
    return JsonResponse({"events": [_event(row) for row in rows], "most": MOST if len(tasks) > MOST else 0})


def _within(request: Request, chosen: TaskFilter, first: date, end: date) -> QuerySet[Task]:
    """Return the open tasks by the day on which they are shown, and those that were done."""
    last = end - timedelta(days=1)
    tasks = chosen.apply(request.user)
    if chosen.state:
        return tasks.filter(due_on__range=(first, last)).order_by("due_on", "pk")
    return tasks.filter(shown_on__range=(first, last)).order_by("shown_on", "priority", "pk")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise Invalid("日期写成 2026-12-01 这样", "write days like 2026-12-01") from None


def _event(row: Row) -> dict[str, Any]:
    task = row.task
    day = task.shown_on.isoformat()
    at = None if row.is_snoozed else task.due_at
    found: dict[str, Any] = {
        "id": str(task.pk),
        "title": f"{row.customer.name} · {task.name}" if row.customer else task.name,
        "allDay": at is None,
        "start": day if at is None else f"{day}T{at:%H:%M}",
        "end": day if at is None else _until(task.shown_on, at.hour * 60 + at.minute + MINUTES),
        "editable": row.may_change and task.state == Task.State.OPEN,
        "classNames": [
            f"is-{task.kind}",
            *(["is-late"] if row.overdue_days else []),
            *(["is-high"] if task.priority == Task.Priority.HIGH else []),
        ],
        "extendedProps": {
            "version": task.version,
            "url": address_of("web:task", task.pk),
            "move": address_of("web:task_move", task.pk),
            "kind": str(task.get_kind_display()),
        },
    }
    return found


def _until(day: date, minutes: int) -> str:
    """Return the end of a task that begins in the evening on the same day: it belongs to no other."""
    minutes = min(minutes, 24 * 60 - 1)
    return f"{day.isoformat()}T{minutes // 60:02}:{minutes % 60:02}"
