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
    from collections.abc import Sequence
    from datetime import date

    from django.db.models import QuerySet

# A day that was agreed longer ago than that was forgotten before the ladder knew of it.
LONGEST_DAYS = 60
# Whom the ladder has reached this high, others might take over.
_REASSIGNED = 2


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
    is_open = Q(task__state=Task.State.OPEN, task__shown_on=F("due_on"))
    is_missed = Q(task=None, customer__next_contact_on=F("due_on"), customer__deleted_at=None)
    rows = visible(user, Escalation).filter(is_open | is_missed, user=user)
    return rows.select_related("task", "customer", "owner").order_by("due_on", "pk")


def size_of(rows: QuerySet[Escalation], most: int) -> Count:
    """Return how many of `unsettled` there are, up to `most`. Asked for tasks and for days, the walk ends there."""
    tasks, days = capped_counts([rows.filter(task__isnull=False), rows.filter(task=None)], most)
    size = tasks.value + days.value
    return Count(min(size, most), tasks.capped or days.capped or size > most)


def first_of(rows: QuerySet[Escalation], most: int) -> list[Escalation]:
    """Return the first of `unsettled` with all that belongs to them: only when they are known is that read."""
    ids = list(rows.values_list("pk", flat=True)[:most])
    found = Escalation.objects.filter(pk__in=ids).order_by("due_on", "pk")
    return list(found.select_related("owner__team", "customer__owner", "task__customer__owner"))


class Proposal(NamedTuple):
    """What might be done by somebody else, and who has the least to do of those who could."""

    escalation: Escalation
    to: User


def proposals(user: User, day: date, *, most: int = 20) -> Sequence[Proposal]:
    """Return for what has come up to `user`, who leads the owner, whom it could be given to."""
    rows = unsettled(user).filter(step__gte=_REASSIGNED).exclude(owner=user)
    found = first_of(rows, most)
    teams = {one.owner.team_id for one in found}
    people = list(User.objects.filter(is_active=True, team__in=teams - {None}).select_related("role"))
    read_reaches(people)
    busy = counts_of([person.pk for person in people], day)
    chosen = []
    for one in found:
        customer = one.customer or (one.task.customer if one.task else None)
        able = [
            person
            for person in people
            if person.team_id == one.owner.team_id
            and person.pk != one.owner_id
            and (customer is None or one.task is None or sees_owner(person, customer.owner, customer))
        ]
        if able:
            chosen.append(Proposal(one, min(able, key=lambda person: (sum(busy.get(person.pk, ())), person.pk))))
    return chosen
