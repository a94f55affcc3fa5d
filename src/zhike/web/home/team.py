"""The team's day: what each person has, what was promised and kept, who needs help, and what was escalated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from zhike.accounts.models import User
from zhike.accounts.policy import CUSTOMER, visible
from zhike.accounts.roles import roles_that_may
from zhike.assignment.promises import promises_of_people
from zhike.assignment.queries import load_of_people
from zhike.base.paging import capped_count
from zhike.core.helping import Work, troubles
from zhike.followups.queries.ladder import first_of, unsettled
from zhike.followups.queries.tallies import Kept, counted, kept_by, standings
from zhike.web.home.queries import promises_kept
from zhike.web.home.whose import Whose
from zhike.web.ladder.rows import make_rows, with_escalation_columns

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from zhike.assignment.models import Absence
    from zhike.base.paging import Count as Capped
    from zhike.classification.rules import Rulebook
    from zhike.core.helping import Trouble
    from zhike.web.ladder.rows import Row

DAYS = 30
MOST_PEOPLE = 200
MOST_SHOWN = 50
MOST_ESCALATIONS = 10
MOST_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class Member:
    """One person's row. `tasks` and `contacts` are overdue, `today` tasks are due today, `open` promises wait."""

    user: User
    tasks: int
    today: int
    contacts: int
    open: int
    work: Work
    absence: Absence | None
    troubles: Sequence[Trouble]

    @property
    def overdue(self) -> int:
        return self.tasks + self.contacts


@dataclass(frozen=True, slots=True)
class Team:
    """The rows, those who need help first, and what they come to; when it was counted, if not now.

    `answers` are the first answers that were due.
    """

    members: Sequence[Member]
    answers: Kept
    counted_at: datetime | None = None
    most_shown: int = MOST_SHOWN

    @property
    def shown(self) -> Sequence[Member]:
        return self.members[: self.most_shown]

    @property
    def hidden(self) -> int:
        return max(0, len(self.members) - self.most_shown)

    @property
    def overdue(self) -> int:
        return sum(one.overdue for one in self.members)

    @property
    def today(self) -> int:
        return sum(one.today for one in self.members)

    @property
    def broken(self) -> int:
        return sum(one.work.broken for one in self.members)

    @property
    def share(self) -> int | None:
        due = sum(one.work.due for one in self.members)
        return round(100 * sum(one.work.kept for one in self.members) / due) if due else None

    @property
    def needing(self) -> int:
        return sum(bool(one.troubles) for one in self.members)

    @property
    def most(self) -> int:
        """Return the most that somebody has overdue: what the bars are measured by."""
        return max((one.overdue for one in self.members), default=0) or 1


def team_of(user: User, rules: Rulebook, today: date, *, most_shown: int = MOST_SHOWN) -> Team:
    """Return what those have whom this person sees and who may have customers, in a number of queries that never grows."""
    people = list(
        visible(user, User)
        .filter(is_active=True, role__in=roles_that_may("change", CUSTOMER))
        .select_related("team")
        .order_by("team__name", "name", "pk")[:MOST_PEOPLE]
    )
    ids = [one.pk for one in people]
    first, last = today - timedelta(days=DAYS), today - timedelta(days=1)
    before = counted(ids, today)
    if before is None:
        loads = load_of_people(people, as_of=today)
        has, kept = standings(ids, rules, today), kept_by(ids, first, last)
    else:
        loads = load_of_people(people, as_of=today, owned={pk: before.owned(pk) for pk in ids})
        has, kept = {pk: before.standing(pk) for pk in ids}, {pk: before.kept_by(pk, first, last) for pk in ids}
    owed = promises_of_people(ids)
    works = [
        Work(
            overdue=has[pk].overdue + has[pk].contacts,
            broken=owed.get(pk, (0, 0))[1],
            due=kept[pk].due,
            kept=kept[pk].kept,
            customers=loads[pk].customers,
            most=loads[pk].capacity.most,
            is_away=loads[pk].absence is not None,
            has_stand_in=bool(loads[pk].absence and loads[pk].absence.stand_in_id),  # type: ignore[union-attr]
        )
        for pk in ids
    ]
    members = [
        Member(
            user=one,
            tasks=has[one.pk].overdue,
            today=has[one.pk].today,
            contacts=has[one.pk].contacts,
            open=owed.get(one.pk, (0, 0))[0],
            work=work,
            absence=loads[one.pk].absence,
            troubles=found,
        )
        for one, work, found in zip(people, works, troubles(works), strict=True)
    ]
    # Of the customers whom this person sees, also of those whom nobody owns.
    answers = promises_kept(Whose(user, None), today - timedelta(days=DAYS), today - timedelta(days=1))
    ordered = sorted(members, key=lambda one: (-len(one.troubles), -one.overdue))
    return Team(ordered, Kept(*answers), before.at if before else None, most_shown)


def escalations(user: User, today: date) -> tuple[list[Row], Capped]:
    """Return what came up to this person by the ladder and is not settled, the longest overdue first, and how many there are."""
    rows = unsettled(user).exclude(owner=user)
    shown = list(with_escalation_columns(first_of(rows, MOST_ESCALATIONS)))
    return make_rows(user, shown, today), capped_count(rows, MOST_COUNTED)
