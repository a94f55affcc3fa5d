"""Reads: a person's own jobs, and what became of the rows that they were about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.accounts.policy import visible
from zhike.base.errors import NotFound
from zhike.jobs.models import Item, Job

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from zhike.accounts.models import User


def jobs(user: User) -> QuerySet[Job]:
    """Return the person's own: an administrator reads nobody else's either."""
    return visible(user, Job).filter(owner=user).select_related("undoes")


def get_job(user: User, pk: int) -> Job:
    found = jobs(user).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def refused_items(user: User, job: Job) -> QuerySet[Item]:
    """Return the rows that stayed as they were, with why."""
    return visible(user, Item).filter(job=job, job__owner=user, state=Item.State.REFUSED)


def open_jobs(user: User) -> QuerySet[Job]:
    return jobs(user).filter(state__in=Job.OPEN)
