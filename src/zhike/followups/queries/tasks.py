"""Reads of tasks: what one person is to do, what is to be done for a customer, and who may be asked to do it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Q

from zhike.accounts.models import User
from zhike.accounts.policy import visible
from zhike.accounts.queries import colleagues, near, who_sees
from zhike.base.paging import Count, capped_counts
from zhike.followups.models import Follower, Task

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

    from zhike.customers.models import Customer

# What a list of tasks shows of each, by one query.
_BESIDE = ("customer", "owner", "plan__template")
IN_ORDER = ("shown_on", "priority", "pk")


class DueTasks(NamedTuple):
    """Own tasks that are overdue, and those that are due by today, the overdue included."""

    overdue: Count
    due: Count


def due_tasks(person: User, day: date, *, most: int) -> DueTasks:
    """Count what somebody has to do by a day, up to `most`: every page shows it."""
    own = Task.objects.filter(owner=person, state=Task.State.OPEN)
    return DueTasks(*capped_counts([own.filter(shown_on__lt=day), own.filter(shown_on__lte=day)], most))


def open_of(user: User, person: User, *, until: date | None = None) -> QuerySet[Task]:
    """Return what a person is to do, as far as `user` sees it: the most urgent first, up to a day, that day included."""
    rows = visible(user, Task).filter(owner=person, state=Task.State.OPEN)
    if until is not None:
        rows = rows.filter(shown_on__lte=until)
    return rows.select_related(*_BESIDE).order_by(*IN_ORDER)


def overdue_of(user: User, person: User, day: date) -> QuerySet[Task]:
    """Return the open tasks of a person that were due before a day."""
    return open_of(user, person).filter(shown_on__lt=day)


def due_of(user: User, person: User, day: date) -> QuerySet[Task]:
    """Return the open tasks of a person that are due on a day."""
    return open_of(user, person).filter(shown_on=day)


def followed_by(user: User) -> QuerySet[Task]:
    """Return the tasks of others, open or not, that a person follows or has given to them."""
    # By their numbers and by the creator, each with an index of its own.
    followed = list(Follower.objects.filter(user=user).values_list("task", flat=True))
    return visible(user, Task).filter(Q(pk__in=followed) | Q(creator=user)).exclude(owner=user)


def of_customer(user: User, customer: Customer, *, state: str = Task.State.OPEN) -> QuerySet[Task]:
    """Return the tasks for a customer whom `user` sees, in one state."""
    rows = visible(user, Task).filter(customer=customer, state=state)
    order = IN_ORDER if state == Task.State.OPEN else ("-done_at", "-pk")
    return rows.select_related(*_BESIDE).order_by(*order)


def askable(by: User, customer: Customer | None) -> QuerySet[User]:
    """Return whom `by` can give a task: those who see the customer; without one, those near and those they see."""
    if customer is not None:
        return colleagues().filter(pk__in=[seer.user.pk for seer in who_sees(customer, customer.owner_id)])
    seen = visible(by, User).values("pk")
    return colleagues().filter(Q(pk__in=near(by)) | Q(pk__in=seen) | Q(pk=by.pk))
