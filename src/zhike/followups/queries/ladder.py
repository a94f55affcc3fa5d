"""Reads of the ladder: its terms, what is overdue, what somebody was told of that is not settled, and who could help."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Exists, F, OuterRef, Q

from zhike.accounts.models import User
from zhike.accounts.policy import sees_owner, visible
from zhike.accounts.reach import read_reaches
from zhike.customers.models import Customer
from zhike.followups.models import Escalation, LadderTerms, Task
from zhike.followups.queries.tallies import busy_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

# A day that was agreed longer ago than that was forgotten before the ladder knew of it.
LONGEST_DAYS = 60
# What the ladder has brought up this high, others might take over: of so many in a team it is asked whether they could.
_REASSIGNED = 2
_ASKED = 8


def terms() -> LadderTerms:
    """Return after how many days who hears of it; before anybody has said so, as a new row says."""
    return LadderTerms.objects.filter(pk=1).first() or LadderTerms(pk=1)


def overdue_tasks(lasts: Sequence[date]) -> QuerySet[Task]:
    """Return the open tasks of which the next one may have to hear.

    `lasts` is for each step the last day that is late enough for it, if its owner was never away.
    """
    late = Q(pk__in=[])
    for told, last in enumerate(lasts):
        late |= Q(told=told, shown_on__lte=last)
    return Task.objects.filter(late, state=Task.State.OPEN)


def missed_contacts(lasts: Sequence[date]) -> QuerySet[Customer]:
    """Return the customers with whom a person agreed on a day that has passed, and of which the next one may have to hear."""
    told = Escalation.objects.filter(task=None, customer=OuterRef("pk"), due_on=OuterRef("next_contact_on"))
    late = Q(pk__in=[])
    for step, (last, before) in enumerate(zip(lasts, [*lasts[1:], date.min], strict=True), 1):
        late |= Q(~Exists(told.filter(step=step)), next_contact_on__range=(before + timedelta(1), last))
    first = lasts[0] - timedelta(LONGEST_DAYS)
    rows = Customer.present.filter(late, owner__isnull=False, next_contact_on__range=(first, lasts[0]))
    rows = rows.exclude(planned_contact_on=F("next_contact_on"), planned_contact_on__isnull=False)
    return rows.order_by("next_contact_on", "pk")


def unsettled(user: User) -> QuerySet[Escalation]:
    """Return what somebody was told of and what is still not done, the longest overdue first."""
    rows = told_to(user).filter(is_settled=False)
    return rows.select_related("task", "customer", "owner").order_by("due_on", "pk")


def first_of(rows: QuerySet[Escalation], most: int) -> QuerySet[Escalation]:
    """Return the first of `unsettled`, to be loaded with what belongs to them: only when they are known is that read."""
    return Escalation.objects.filter(pk__in=list(rows.values_list("pk", flat=True)[:most])).order_by("due_on", "pk")


def told_to(user: User) -> QuerySet[Escalation]:
    """Return what somebody was told: one row for each thing, as each is told to them once."""
    return visible(user, Escalation).filter(user=user)


def told_of_all(user: User) -> QuerySet[Escalation]:
    """Return what was told to everybody whom a person sees: of each thing the row that was told last."""
    rows = visible(user, Escalation)
    later = rows.filter(due_on=OuterRef("due_on"), pk__gt=OuterRef("pk"))
    of_task, of_day = later.filter(task=OuterRef("task")), later.filter(task=None, customer=OuterRef("customer"))
    return rows.filter(Q(~Exists(of_task), task__isnull=False) | Q(~Exists(of_day), task=None))


class Reached(NamedTuple):
    """Up to which step something has been told, and when that was."""

    step: int
    at: datetime


def reached(rows: Sequence[Escalation]) -> dict[int, Reached]:
    """Return for each of these rows how far what it tells of has come by now, whoever was told.

    Who else was told is not said: that is for those who see these people.
    """
    tasks, customers = {one.task_id for one in rows}, {one.customer_id for one in rows if one.task_id is None}
    same = Escalation.objects.filter(Q(task__in=tasks - {None}) | Q(task=None, customer__in=customers))
    same = same.filter(due_on__in={one.due_on for one in rows}).order_by("step", "at")
    found: dict[tuple[int | None, int | None, date], Reached] = {
        (task, None if task else customer, due_on): Reached(step, at)
        for task, customer, due_on, step, at in same.values_list("task", "customer", "due_on", "step", "at")
    }
    return {one.pk: found[one.task_id, None if one.task_id else one.customer_id, one.due_on] for one in rows}


def proposals(user: User, rows: Iterable[Escalation], day: date) -> dict[int, User]:
    """Return row → who has the least to do of those in the owner's team who could do it in their place.

    Only of what has come up to who leads, is another's than `user`'s, and was not given to somebody else since.
    """
    found = [one for one in rows if one.step >= _REASSIGNED and one.owner_id != user.pk and is_still_theirs(one)]
    teams = {one.owner.team_id for one in found} - {None}
    people = _least_busy(teams, day) if teams else []
    read_reaches(people)
    chosen = {}
    for one in found:
        customer = about(one)
        able = (
            person
            for person in people
            if person.team_id == one.owner.team_id
            and person.pk != one.owner_id
            and (customer is None or one.task is None or sees_owner(person, customer.owner, customer))
        )
        person = next(able, None)
        if person is not None:
            chosen[one.pk] = person
    return chosen


def _least_busy(teams: Iterable[int | None], day: date) -> list[User]:
    """Return the people of each team who have the least that is due, the least first."""
    people = list(User.objects.filter(is_active=True, team__in=teams).select_related("role"))
    busy = busy_of([person.pk for person in people], day)
    people.sort(key=lambda person: (busy.get(person.pk, 0), person.pk))
    found: Counter[int | None] = Counter()
    chosen = []
    for person in people:
        found[person.team_id] += 1
        if found[person.team_id] <= _ASKED:
            chosen.append(person)
    return chosen


def about(one: Escalation) -> Customer | None:
    """Return the customer: that of the task, which goes along when records are merged."""
    return one.task.customer if one.task else one.customer


def is_still_theirs(one: Escalation) -> bool:
    """Say whether what was overdue is to be done by the person whose it was when it was told."""
    return owner_of(one) == one.owner_id


def owner_of(one: Escalation) -> int | None:
    """Return whose it is now."""
    if one.task is not None:
        return one.task.owner_id
    return one.customer.owner_id if one.customer else None
