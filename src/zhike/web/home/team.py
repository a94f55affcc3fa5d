"""The team's day: what each person has, what was promised and kept, who needs help, and what was escalated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count, Q

from zhike.accounts.models import User
from zhike.accounts.policy import CUSTOMER, visible
from zhike.accounts.roles import roles_that_may
from zhike.assignment.promises import promises_of_people
from zhike.assignment.queries import load_of_people
from zhike.core.helping import Work, troubles
from zhike.customers.models import Customer
from zhike.followups.models import Task
from zhike.followups.queries.ladder import unsettled
from zhike.web.home.queries import is_on_time, promises_kept
from zhike.web.home.whose import Whose
from zhike.web.ladder.rows import make_rows, with_escalation_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from zhike.assignment.models import Absence
    from zhike.classification.rules import Rulebook
    from zhike.core.helping import Trouble
    from zhike.web.ladder.rows import Row

DAYS = 30
MOST_PEOPLE = 200
MOST_ESCALATIONS = 10


class Kept(NamedTuple):
    """Of what was due, how much was done in time."""

    due: int = 0
    kept: int = 0


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
    """The rows, those who need help first, and what they come to; `answers` are the first answers that were due."""

    members: Sequence[Member]
    answers: Kept

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


def team_of(user: User, rules: Rulebook, today: date) -> Team:
    """Return what those have whom this person sees and who may have customers, in a number of queries that never grows."""
    people = list(
        visible(user, User)
        .filter(is_active=True, role__in=roles_that_may("change", CUSTOMER))
        .select_related("team")
        .order_by("team__name", "name", "pk")[:MOST_PEOPLE]
    )
    ids = [one.pk for one in people]
    loads, owed = load_of_people(people, as_of=today), promises_of_people(ids)
    tasks, contacts, kept = tasks_of(ids, today), contacts_overdue(ids, rules, today), kept_by(ids, today)
    works = [
        Work(
            overdue=tasks.get(pk, (0, 0))[0] + contacts.get(pk, 0),
            broken=owed.get(pk, (0, 0))[1],
            due=kept.get(pk, Kept()).due,
            kept=kept.get(pk, Kept()).kept,
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
            tasks=tasks.get(one.pk, (0, 0))[0],
            today=tasks.get(one.pk, (0, 0))[1],
            contacts=contacts.get(one.pk, 0),
            open=owed.get(one.pk, (0, 0))[0],
            work=work,
            absence=loads[one.pk].absence,
            troubles=found,
        )
        for one, work, found in zip(people, works, troubles(works), strict=True)
    ]
    # Of the customers whom this person sees, also of those whom nobody owns.
    answers = promises_kept(Whose(user, None), today - timedelta(days=DAYS), today - timedelta(days=1))
    return Team(sorted(members, key=lambda one: (-len(one.troubles), -one.overdue)), Kept(*answers))


def tasks_of(people: Sequence[int], today: date) -> dict[int, tuple[int, int]]:
    """Return how many open tasks each of these people has that are overdue, and that are due today."""
    rows = Task.objects.filter(owner__in=people, state=Task.State.OPEN, shown_on__lte=today).order_by()
    late, due = Count("pk", filter=Q(shown_on__lt=today)), Count("pk", filter=Q(shown_on=today))
    return {owner: (one, other) for owner, one, other in rows.values_list("owner").annotate(late=late, due=due)}


def contacts_overdue(people: Sequence[int], rules: Rulebook, today: date) -> dict[int, int]:
    """Return with how many of their customers each of these people should have been in touch before today."""
    cadences = {c.service.cadence_days for scheme in rules.schemes for c in scheme.classes} - {None}
    owned = Customer.present.filter(owner__in=people).order_by().values_list("owner")
    planned = owned.filter(next_contact_on__lt=today).annotate(n=Count("pk"))
    owed = owned.filter(
        next_contact_on=None,
        facts__contact_every__in=sorted(filter(None, cadences)),
        facts__contact_due_on__lt=today,
    ).annotate(n=Count("pk"))
    found: dict[int, int] = dict(planned)
    for owner, size in owed:
        found[owner] = found.get(owner, 0) + size
    return found


def kept_by(people: Sequence[int], today: date) -> Mapping[int, Kept]:
    """Return of the tasks of each person that were due in the thirty days before today how many were done in time."""
    rows = Task.objects.filter(
        owner__in=people,
        state__in=[Task.State.OPEN, Task.State.DONE],
        due_on__range=(today - timedelta(days=DAYS), today - timedelta(days=1)),
    )
    counted = rows.order_by().values_list("owner").annotate(due=Count("pk"), kept=Count("pk", filter=is_on_time()))
    return {owner: Kept(due, kept) for owner, due, kept in counted}


def escalations(user: User, today: date) -> tuple[list[Row], int]:
    """Return what came up to this person by the ladder and is not settled, the longest overdue first, and how many there are."""
    rows = unsettled(user).exclude(owner=user)
    size = rows.count()
    return make_rows(user, list(with_escalation_columns(rows)[:MOST_ESCALATIONS]), today), size
