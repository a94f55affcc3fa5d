"""Tasks as lists, boards and cards draw them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from zhike.accounts.policy import doable, scope_of, visible
from zhike.accounts.reach import reach_of
from zhike.accounts.rights import Scope
from zhike.base.among import among
from zhike.base.errors import current_language
from zhike.core.recurrence import in_words
from zhike.customers.models import Customer
from zhike.customers.queries import SEARCH_COLUMNS
from zhike.followups.models import Follower, Task

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from django.db.models import QuerySet

    from zhike.accounts.models import User

KIND_ICONS: Mapping[str, str] = {
    Task.Kind.CALL: "phone",
    Task.Kind.VISIT: "map-pin",
    Task.Kind.EMAIL: "mail",
    Task.Kind.MESSAGE: "message-circle",
    Task.Kind.MEETING: "presentation",
    Task.Kind.TODO: "clipboard-check",
}
OVERDUE, TODAY, WEEK, LATER = "overdue", "today", "week", "later"
WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class Row:
    """A task with what a page says of it. `customer` is None for one of a customer whom this person does not see."""

    task: Task
    customer: Customer | None
    icon: str
    group: str
    overdue_days: int
    repeats: str
    checked: int
    is_followed: bool
    may_change: bool

    @property
    def listed(self) -> int:
        return len(self.task.checklist)

    @property
    def is_snoozed(self) -> bool:
        return self.task.snoozed_until is not None and self.task.shown_on != self.task.due_on


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that follow each other and are due in the same stretch of days; without rows it has no head."""

    key: str
    rows: Sequence[Row]


def with_task_columns(rows: QuerySet[Task]) -> QuerySet[Task]:
    """Load what is drawn of a task and of the customer it is for."""
    unread = [f"customer__{column}" for column in (*SEARCH_COLUMNS, "custom", "custom_folded")]
    unread += ["plan__adapted", "plan__template__steps"]  # of the steps of the plan its tasks have their names
    return rows.select_related("customer", "owner", "plan__template").defer(*unread)


def make_rows(user: User, tasks: Sequence[Task], today: date) -> list[Row]:
    """Turn tasks that were loaded `with_task_columns` into rows, in a number of queries that never grows."""
    ids = {task.customer_id for task in tasks if task.customer_id}
    seen = set(visible(user, Customer).filter(pk__in=among(ids)).values_list("pk", flat=True)) if ids else set()
    followed = set(
        Follower.objects.filter(user=user, task__in=among(task.pk for task in tasks)).values_list("task", flat=True)
    )
    mine = changeable(user, tasks)
    language = current_language()
    return [
        Row(
            task=task,
            customer=task.customer if task.customer_id in seen else None,
            icon=KIND_ICONS[task.kind],
            group=group_of(task.shown_on, today),
            overdue_days=max(0, (today - task.shown_on).days) if task.state == Task.State.OPEN else 0,
            repeats=in_words(task.recurrence, language) if task.recurrence else "",
            checked=sum(bool(item.get("done")) for item in task.checklist),
            is_followed=task.pk in followed,
            may_change=task.pk in mine,
        )
        for task in tasks
    ]


def changeable(user: User, tasks: Sequence[Task]) -> set[int]:
    """Return which of these tasks, all of them seen, a person may change: their own, and those of whom they reach."""
    scope = scope_of(user, "change", Task)
    if scope is Scope.ALL:
        return {task.pk for task in tasks}
    people = {user.pk, *(reach_of(user).people(scope) if scope else ())}
    found = {task.pk for task in tasks if task.owner_id in people}
    others = [task.pk for task in tasks if task.pk not in found]
    if others and scope:
        found |= set(doable(user, "change", Task).filter(pk__in=others).values_list("pk", flat=True))
    return found


def group_of(day: date, today: date) -> str:
    """Return in which stretch of days one is."""
    if day <= today:
        return OVERDUE if day < today else TODAY
    return WEEK if day < today + timedelta(days=WEEK_DAYS) else LATER


def grouped(rows: Iterable[Row]) -> list[Group]:
    """Put rows that are in the order of their days under their heads."""
    found: list[tuple[str, list[Row]]] = []
    for row in rows:
        if not found or found[-1][0] != row.group:
            found.append((row.group, []))
        found[-1][1].append(row)
    return [Group(key, under) for key, under in found]
