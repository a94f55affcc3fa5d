"""The board of tasks: by day, by kind or by state. What is dragged is written by the same actions as everything else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import IntegerField, QuerySet, Value
from django.http import JsonResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from zhike.accounts.policy import get_visible, require
from zhike.base.among import among
from zhike.base.errors import error_response
from zhike.base.htmx import render_page
from zhike.base.inputs import Invalid
from zhike.base.paging import capped_counts
from zhike.base.templatetags.zhike import day as near_day
from zhike.base.templatetags.zhike import weekday
from zhike.core.errors import ZhikeError, suggestion
from zhike.followups.actions.tasks import change_task, move_task
from zhike.followups.models import Task
from zhike.followups.queries.tasks import IN_ORDER
from zhike.web.request import Request, local_today
from zhike.web.tasks.filters import TaskFilterError, choices, open_filter
from zhike.web.tasks.forms import MoveForm
from zhike.web.tasks.rows import KIND_ICONS, make_rows, with_task_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from zhike.accounts.models import User
    from zhike.base.paging import Count
    from zhike.web.tasks.filters import TaskFilter
    from zhike.web.tasks.rows import Row

BY = ("day", "kind", "state")
A_LANE = 20
DAYS = 7
MOST_COUNTED = 1_000
# Of what is done the board shows the last days.
DONE_DAYS = 7


class Spec(NamedTuple):
    """A lane before it is read. `moves` is what a card that is dropped here is given; a lane without it takes none."""

    key: str
    label: str
    icon: str
    tasks: QuerySet[Task]
    moves: str
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane with its first cards, and how many there are."""

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
        "lanes": _lanes(request.user, _specs(request.user, chosen, by)),
        "today": local_today(),
    }
    return render_page(request, "web/task_board.html", context, partial="board")


def _specs(user: User, chosen: TaskFilter, by: str) -> list[Spec]:
    tasks, today = chosen.apply(user), local_today()
    match by:
        case "kind":
            return [
                Spec(value, str(label), KIND_ICONS[value], tasks.filter(kind=value), f"kind={value}")
                for value, label in Task.Kind.choices
            ]
        case "state":
            return _specs_of_states(user, chosen, today)
    specs = [Spec("overdue", gettext("逾期"), "clock-exclamation", tasks.filter(shown_on__lt=today), "", is_bad=True)]
    for number in range(DAYS):
        day = today + timedelta(days=number)
        label = near_day(day) if weekday(day) in near_day(day) else f"{near_day(day)} {weekday(day)}"
        specs.append(Spec(day.isoformat(), label, "calendar", tasks.filter(shown_on=day), f"due_on={day}"))
    last = today + timedelta(days=DAYS)
    return [*specs, Spec("later", gettext("以后"), "calendar-due", tasks.filter(shown_on__gte=last), "")]


def _specs_of_states(user: User, chosen: TaskFilter, today: date) -> list[Spec]:
    tasks, done = chosen.apply(user), replace(chosen, state=Task.State.DONE).apply(user)
    finished = done.filter(due_on__range=(today - timedelta(days=DONE_DAYS), today))
    tomorrow = today + timedelta(days=1)
    return [
        Spec("due", gettext("该做了"), "bell", tasks.filter(shown_on__lte=today), f"due_on={today}"),
        Spec("coming", gettext("还没到"), "hourglass", tasks.filter(shown_on__gt=today), f"due_on={tomorrow}"),
        Spec("done", gettext("这几天做完的"), "circle-check", finished, "done"),
    ]


def _lanes(user: User, specs: Sequence[Spec]) -> list[Lane]:
    """Read all lanes at once: which cards, how many there are, what is drawn of them."""
    first, *others = (
        spec.tasks.order_by(*IN_ORDER).values_list(Value(number, IntegerField()), "pk")[:A_LANE]
        for number, spec in enumerate(specs)
    )
    lane_of = {pk: number for number, pk in first.union(*others, all=True)}
    loaded = sorted(
        with_task_columns(Task.objects.filter(pk__in=among(lane_of))),
        key=lambda task: (task.shown_on, task.priority, task.pk),
    )
    rows: list[list[Row]] = [[] for _ in specs]
    for row in make_rows(user, loaded, local_today()):
        rows[lane_of[row.task.pk]].append(row)
    counts = capped_counts([spec.tasks for spec in specs], MOST_COUNTED)
    return [
        Lane(spec.key, spec.label, spec.icon, count, found, spec.moves, spec.is_bad and bool(found))
        for spec, count, found in zip(specs, counts, rows, strict=True)
    ]


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
