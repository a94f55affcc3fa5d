"""Which tasks a page shows, as it stands in the address; what cannot be read is refused in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from zhike.accounts.models import User
from zhike.accounts.policy import sees_all, sees_others, visible
from zhike.core.errors import ZhikeError, suggestion
from zhike.followups.models import Task
from zhike.followups.queries.tasks import followed_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet
    from django.http import QueryDict

    from zhike.web.request import Request

# ?of=…: one's own without it, those that one follows, those of everybody whom one sees, or one person's by number.
MINE, FOLLOWING, TEAM = "", "following", "team"
LONGEST = 100


class TaskFilterError(ZhikeError):
    """A filter that names something which does not exist."""

    code = "bad_filter"
    status = 400


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Whose tasks, of which kind, priority and state; `state` is empty for those that are open."""

    of: str = MINE
    kind: str = ""
    priority: str = ""
    state: str = ""

    def __bool__(self) -> bool:
        return bool(self.kind or self.priority or self.state)

    @property
    def is_done(self) -> bool:
        return self.state == Task.State.DONE

    @property
    def is_mine(self) -> bool:
        return self.of == MINE

    def apply(self, user: User) -> QuerySet[Task]:
        """Return the tasks that this person sees and that the filter keeps."""
        rows = self._of(user).filter(state=self.state or Task.State.OPEN)
        if self.kind:
            rows = rows.filter(kind=self.kind)
        return rows.filter(priority=int(self.priority)) if self.priority else rows

    def _of(self, user: User) -> QuerySet[Task]:
        """Return the tasks of whom the filter names.

        Who sees a person sees their tasks. Asked for by owner an index finds them, without going through all whom the one
        who asks reaches in other ways.
        """
        match self.of:
            case "":
                return Task.objects.filter(owner=user)
            case "following":
                return followed_by(user)
            case "team":
                everyone = Task.objects.all()
                return (
                    everyone if sees_all(user, Task) else everyone.filter(owner__in=[one.pk for one in team_of(user)])
                )
            case person:
                return Task.objects.filter(owner=int(person))


@dataclass(frozen=True, slots=True)
class Choice:
    """One select of the filter: pairs of value and label, the first of them for everything."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    chosen: str


def team_of(user: User) -> list[User]:
    """Return the people whose tasks this person may look at beside their own."""
    if not sees_others(user, Task):
        return []
    return list(visible(user, User).filter(is_active=True).order_by("name", "pk"))


def read_task_filter(query: QueryDict, people: Sequence[User]) -> TaskFilter:
    """Read the filter from an address, or say what in it does not exist."""

    def one_of(name: str, known: Iterable[str]) -> str:
        value = query.get(name, "").strip()[:LONGEST]
        options = list(known)
        if value and value not in options:
            zh, en = suggestion(value, options)
            raise TaskFilterError(f"任务里没有 {value} 可筛。{zh}", f"There is no {value} to filter tasks by.{en}")
        return value

    return TaskFilter(
        of=one_of("of", [FOLLOWING, *([TEAM, *(str(person.pk) for person in people)] if people else [])]),
        kind=one_of("kind", Task.Kind.values),
        priority=one_of("priority", map(str, Task.Priority.values)),
        state=one_of("state", [Task.State.DONE, Task.State.DROPPED]),
    )


def choices(chosen: TaskFilter, people: Sequence[User], *, with_state: bool = True) -> list[Choice]:
    """Return the selects of the filter."""
    names = [(str(person.pk), person.name) for person in people]
    whose = [(MINE, gettext("我的")), (FOLLOWING, gettext("我关注的"))]
    whose += [(TEAM, gettext("团队的")), *names] if people else []
    found = [
        Choice("of", gettext("谁的任务"), whose, chosen.of),
        Choice("kind", gettext("方式"), _options(gettext("全部方式"), Task.Kind.choices), chosen.kind),
        Choice("priority", gettext("优先级"), _options(gettext("全部优先级"), Task.Priority.choices), chosen.priority),
    ]
    if with_state:
        states = [(state.value, str(state.label)) for state in (Task.State.DONE, Task.State.DROPPED)]
        found.append(Choice("state", gettext("状态"), _options(str(Task.State.OPEN.label), states), chosen.state))
    return found


def _options(everything: str, pairs: Iterable[tuple[object, object]]) -> list[tuple[str, str]]:
    return [("", everything), *((str(value), str(label)) for value, label in pairs)]


def open_filter(request: Request) -> tuple[TaskFilter, list[User]]:
    """Return the filter of the address, and the people whose tasks one may look at."""
    people = team_of(request.user)
    return read_task_filter(request.GET, people), people
