"""Reads of the ladder: its terms, what is overdue, what somebody was told of that is not settled, and who could help."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Exists, F, OuterRef, Q

from zhike.accounts.models import User
from zhike.accounts.policy import sees_owner, visible
from zhike.accounts.reach import read_reaches
from zhike.assignment.ladder import LADDER
from zhike.base.paging import Count, capped_counts
from zhike.customers.models import Customer
from zhike.followups.models import Escalation, LadderTerms, Task
from zhike.followups.queries.tasks import counts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from django.db.models import QuerySet

# A day that was agreed longer ago than that was forgotten before the ladder knew of it.
LONGEST_DAYS = 60
# Whom the ladder has reached this high, others might take over.
_REASSIGNED = 2

# What was told and is still not done: the task is open and due on that day, or that day is still the agreed one.
UNSETTLED = Q(task__state=Task.State.OPEN, task__shown_on=F("due_on")) | Q(
    task=None, customer__next_contact_on=F("due_on"), customer__deleted_at=None
)


def terms() -> LadderTerms:
    """Return after how many days who hears of it; before anybody has said so, as a new row says."""
    return LadderTerms.objects.filter(pk=1).first() or LadderTerms(pk=1)


def overdue_tasks(last: date) -> QuerySet[Task]:
    """Return the open tasks that were due on this day or before and of which not everybody was told, the oldest first."""
    rows = Task.objects.filter(state=Task.State.OPEN, told__lt=LADDER, shown_on__lte=last)
    return rows.order_by("shown_on", "pk")


def missed_contacts(last: date) -> QuerySet[Customer]:
    """Return the customers with whom a person agreed on a day that has passed, and of which not everybody was told."""
    told = Escalation.objects.filter(
        task=None, customer=OuterRef("pk"), due_on=OuterRef("next_contact_on"), step=LADDER
    )
    rows = Customer.present.filter(owner__isnull=False, next_contact_on__range=(last - timedelta(LONGEST_DAYS), last))
    rows = rows.exclude(planned_contact_on=F("next_contact_on"), planned_contact_on__isnull=False)
    return rows.exclude(Exists(told)).order_by("next_contact_on", "pk")


def unsettled(user: User) -> QuerySet[Escalation]:
    """Return what somebody was told of and what is still not done, the longest overdue first."""
    rows = told_to(user).filter(UNSETTLED)
    return rows.select_related("task", "customer", "owner").order_by("due_on", "pk")


def size_of(rows: QuerySet[Escalation], most: int) -> Count:
    """Return how many of `unsettled` there are, up to `most`. Asked for tasks and for days, the walk ends there."""
    tasks, days = capped_counts([rows.filter(task__isnull=False), rows.filter(task=None)], most)
    size = tasks.value + days.value
    return Count(min(size, most), tasks.capped or days.capped or size > most)


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
    people = list(User.objects.filter(is_active=True, team__in=teams).select_related("role")) if teams else []
    read_reaches(people)
    busy = counts_of([person.pk for person in people], day) if people else {}
    people.sort(key=lambda person: (sum(busy.get(person.pk, ())), person.pk))
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
