"""Which of what is overdue the page shows, as it stands in the address; what cannot be read is refused in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from zhike.accounts.models import User
from zhike.accounts.policy import sees_others, visible
from zhike.base.paging import Order
from zhike.core.errors import ZhikeError, suggestion
from zhike.followups.models import Escalation
from zhike.followups.queries.ladder import told_of_all, told_to
from zhike.web.tasks.filters import Choice

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet
    from django.http import QueryDict

# ?of=…: what one was told without it, what everybody was told whom one sees, or what is one person's by number.
MINE, ALL = "", "all"
OPEN, SETTLED = "", "settled"
LONGEST = 100
LONGEST_OVERDUE_FIRST = Order("due_on")
LATEST_FIRST = Order("at", descending=True)


class EscalationFilterError(ZhikeError):
    """A filter that names something which does not exist."""

    code = "bad_filter"
    status = 400


@dataclass(frozen=True, slots=True)
class EscalationFilter:
    """Told to whom or whose, and whether it is still overdue."""

    of: str = MINE
    state: str = OPEN

    def __bool__(self) -> bool:
        return bool(self.state)

    @property
    def is_open(self) -> bool:
        return self.state == OPEN

    @property
    def order(self) -> Order:
        return LONGEST_OVERDUE_FIRST if self.is_open else LATEST_FIRST

    def apply(self, user: User) -> QuerySet[Escalation]:
        """Return what this person sees and the filter keeps: of each thing one row."""
        rows = told_to(user) if self.of == MINE else told_of_all(user)
        if self.of not in {MINE, ALL}:
            rows = rows.filter(owner=int(self.of))
        return rows.filter(is_settled=not self.is_open)


def colleagues_of(user: User) -> list[User]:
    """Return the people of whom this person may see what is overdue with them, beside their own."""
    if not sees_others(user, Escalation):
        return []
    return list(visible(user, User).filter(is_active=True).order_by("name", "pk"))


def read_filter(query: QueryDict, people: Sequence[User]) -> EscalationFilter:
    """Read the filter from an address, or say what in it does not exist."""

    def one_of(name: str, known: Iterable[str]) -> str:
        value = query.get(name, "").strip()[:LONGEST]
        options = list(known)
        if value and value not in options:
            zh, en = suggestion(value, options)
            raise EscalationFilterError(
                f"逾期的跟进里没有 {value} 可筛。{zh}", f"There is no {value} to filter by.{en}"
            )
        return value

    return EscalationFilter(
        of=one_of("of", [ALL, *(str(person.pk) for person in people)] if people else []),
        state=one_of("state", [SETTLED]),
    )


def choices(chosen: EscalationFilter, people: Sequence[User]) -> list[Choice]:
    """Return the selects of the filter; whoever sees only their own chooses no person."""
    found = [
        Choice("state", gettext("状态"), [(OPEN, gettext("还没了结")), (SETTLED, gettext("了结了"))], chosen.state)
    ]
    if not people:
        return found
    names = [(str(person.pk), gettext("%(name)s 的") % {"name": person.name}) for person in people]
    whose = [(MINE, gettext("升级到我的")), (ALL, gettext("所有人的")), *names]
    return [Choice("of", gettext("谁的跟进"), whose, chosen.of), *found]
