"""The board of tasks: by day, by kind or by state. What is dragged is written by the same actions as everything else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.http import JsonResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from zhike.accounts.policy import get_visible, require
from zhike.base.errors import error_response
from zhike.base.htmx import render_page
from zhike.base.inputs import Invalid
from zhike.base.paging import capped_count
from zhike.base.templatetags.zhike import day as near_day
from zhike.base.templatetags.zhike import weekday
from zhike.core.errors import ZhikeError, suggestion
from zhike.followups.actions.tasks import change_task, move_task
from zhike.followups.models import Task
from zhike.web.request import Request, local_today
from zhike.web.tasks.filters import TaskFilterError, choices, open_filter
from zhike.web.tasks.forms import MoveForm
from zhike.web.tasks.rows import KIND_ICONS, make_rows, with_task_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import HttpResponse

    from zhike.base.paging import Count
    from zhike.web.tasks.rows import Row

BY = ("day", "kind", "state")
A_LANE = 30
DAYS = 7
MOST_COUNTED = 1_000
# Of what is done the board shows the last days.
DONE_DAYS = 7


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane. `moves` is what a card that is dropped here is given; a lane without it takes none."""

    key: str
    label: str
    icon: str
    count: Count
    rows: Sequence[Row]
    moves: str
    is_bad: bool = False


@require_safe
def task_board(request: Request) -> HttpResponse:
    chosen, people = open_filter(request)
    by = request.GET.get("by", "") or "day"
    if by not in BY:
        zh, en = suggestion(by, list(BY))
        raise TaskFilterError(f"看板没有 {by} 这种分法。{zh}", f"The board has no {by}.{en}")
    words = {"day": gettext("按天"), "kind": gettext("按方式"), "state": gettext("按状态")}
    context = {
        "section": "tasks",
        "layout": "board",
        "filter": chosen,
        "choices": choices(chosen, people, with_state=False),
        "by": by,
        "ways": list(words.items()),
        "lanes": _lanes(request, chosen.apply(request.user), by),
        "today": local_today(),
    }
    return render_page(request, "web/task_board.html", context, partial="board")


def _lanes(request: Request, tasks: QuerySet[Task], by: str) -> list[Lane]:
    today = local_today()
    match by:
        case "kind":
            return [
                _lane(request, value, str(label), KIND_ICONS[value], tasks.filter(kind=value), f"kind={value}")
                for value, label in Task.Kind.choices
            ]
        case "state":
            return _state_lanes(request, tasks, today)
    lanes = [
        _lane(request, "overdue", gettext("逾期"), "clock-exclamation", tasks.filter(shown_on__lt=today), "", bad=True)
    ]
    for number in range(DAYS):
        day = today + timedelta(days=number)
        label = near_day(day) if weekday(day) in near_day(day) else f"{near_day(day)} {weekday(day)}"
        lanes.append(_lane(request, day.isoformat(), label, "calendar", tasks.filter(shown_on=day), f"due_on={day}"))
    last = today + timedelta(days=DAYS)
    lanes.append(_lane(request, "later", gettext("以后"), "calendar-due", tasks.filter(shown_on__gte=last), ""))
    return lanes


def _state_lanes(request: Request, tasks: QuerySet[Task], today: date) -> list[Lane]:
    due = tasks.filter(shown_on__lte=today)
    coming = tasks.filter(shown_on__gt=today)
    chosen, _ = open_filter(request)
    done = type(chosen)(of=chosen.of, kind=chosen.kind, priority=chosen.priority, state=Task.State.DONE)
    finished = done.apply(request.user).filter(due_on__gte=today - timedelta(days=DONE_DAYS), due_on__lte=today)
    tomorrow = today + timedelta(days=1)
    return [
        _lane(request, "due", gettext("该做了"), "bell", due, f"due_on={today}"),
        _lane(request, "coming", gettext("还没到"), "hourglass", coming, f"due_on={tomorrow}"),
        _lane(request, "done", gettext("这几天做完的"), "circle-check", finished, "done"),
    ]


def _lane(  # noqa: PLR0913  one lane in one line
    request: Request, key: str, label: str, icon: str, tasks: QuerySet[Task], moves: str, *, bad: bool = False
) -> Lane:
    first = list(with_task_columns(tasks.order_by("shown_on", "priority", "pk"))[:A_LANE])
    rows = make_rows(request.user, first, local_today())
    return Lane(key, label, icon, capped_count(tasks, MOST_COUNTED), rows, moves, bad and bool(rows))


@require_POST
def task_move(request: Request, pk: int) -> HttpResponse:
    """Give a task another day, time or kind; answer with its new version, or with why not (`message`)."""
    task = get_visible(request.user, Task, pk=pk)
    require(request.user, "change", task)
    form = MoveForm(request.POST)
    try:
        if not form.is_valid() or not (form.cleaned_data["due_on"] or form.cleaned_data["kind"]):
            raise Invalid("说明移到哪一天", "say to which day it is moved")
        moved = _move(request, task, form)
    except ZhikeError as error:
        return error_response(request, error)
    said = near_day(moved.due_on) + (f" {moved.due_at:%H:%M}" if moved.due_at else "")
    words = gettext("%(title)s 移到 %(day)s") % {"title": moved.name, "day": said}
    return JsonResponse({"version": moved.version, "said": words})


def _move(request: Request, task: Task, form: MoveForm) -> Task:
    said = form.cleaned_data
    if said["kind"]:
        return change_task(task=task, version=said["version"], by=request.user, kind=said["kind"])
    at = task.due_at if said["keeps_time"] else said["due_at"]
    return move_task(task=task, version=said["version"], due_on=said["due_on"], due_at=at, by=request.user)
