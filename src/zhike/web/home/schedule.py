"""Today's schedule: the tasks of a person that have a time of day, and where the present moment lies among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhike.accounts.policy import redacted, visible
from zhike.base.among import among
from zhike.customers.models import Customer
from zhike.customers.queries import SEARCH_COLUMNS
from zhike.followups.models import Task
from zhike.web.home.doing import DOING_ICONS, doing_names

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, time

    from zhike.accounts.models import User

MEETINGS = frozenset({Task.Kind.VISIT, Task.Kind.MEETING})
# So many are drawn, the last of those before now and the next ones after; the calendar has all of them.
MOST_PAST, MOST_AHEAD = 5, 15


@dataclass(frozen=True, slots=True)
class Appointment:
    """One task with a time. `is_next` is the first that still lies ahead."""

    task: Task
    customer: Customer | None
    icon: str
    method_name: str
    is_done: bool
    is_past: bool
    is_next: bool

    @property
    def has_brief(self) -> bool:
        """Say whether one goes there prepared: to a customer, and not in the past."""
        return self.customer is not None and not self.is_past and self.task.kind in MEETINGS


@dataclass(frozen=True, slots=True)
class Schedule:
    """The last appointments before now and the next after it; `size` is how many the day has, `more` how many are not drawn."""

    past: Sequence[Appointment]
    ahead: Sequence[Appointment]
    now: time
    size: int

    @property
    def more(self) -> int:
        return self.size - len(self.past) - len(self.ahead)

    @property
    def next(self) -> Appointment | None:
        return self.ahead[0] if self.ahead else None


def schedule(user: User, *, today: date, now: time) -> Schedule:
    """Return what this person has to do at a time today, in the order of the day."""
    rows = Task.objects.filter(
        owner=user, state__in=[Task.State.OPEN, Task.State.DONE], due_on=today, due_at__isnull=False
    )
    times = list(rows.order_by("due_at", "pk").values_list("pk", "state", "due_at"))
    before = [pk for pk, state, at in times if _is_past(state, at, now)][-MOST_PAST:]
    after = [pk for pk, state, at in times if not _is_past(state, at, now)][:MOST_AHEAD]
    tasks = list(Task.objects.filter(pk__in=before + after).select_related("plan").order_by("due_at", "pk"))
    seen = {
        one.pk: redacted(user, one)
        for one in visible(user, Customer)
        .filter(pk__in=among(task.customer_id for task in tasks if task.customer_id))
        .defer(*SEARCH_COLUMNS)
    }
    names = doing_names()
    past: list[Appointment] = []
    ahead: list[Appointment] = []
    for task in tasks:
        is_done = task.state == Task.State.DONE
        is_past = _is_past(task.state, task.due_at, now)
        made = Appointment(
            task=task,
            customer=seen.get(task.customer_id or 0),
            icon=DOING_ICONS[task.kind],
            method_name=names[task.kind],
            is_done=is_done,
            is_past=is_past,
            is_next=not is_past and not ahead,
        )
        (past if is_past else ahead).append(made)
    return Schedule(past, ahead, now, len(times))


def _is_past(state: str, at: time | None, now: time) -> bool:
    return state == Task.State.DONE or (at is not None and at < now)
