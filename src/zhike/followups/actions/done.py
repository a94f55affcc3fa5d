"""Writes of tasks that were done before this installation knew of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction

from zhike.followups.models import Task

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

# A task that nobody has said when they made it was made so long before it was done.
_AHEAD = timedelta(days=3)


class DoneTask(NamedTuple):
    """A task of somebody for a customer, by their numbers; `kind` is one of `Task.Kind`."""

    customer: int
    owner: int
    kind: str
    title: str
    due_on: date
    done_at: datetime


@transaction.atomic
def add_done_tasks(rows: Iterable[DoneTask]) -> None:
    """Write these tasks as done by their owners. The events that tell of the contacts are written apart."""
    Task.objects.bulk_create(
        Task(
            customer_id=row.customer,
            owner_id=row.owner,
            creator_id=row.owner,
            kind=row.kind,
            title=row.title,
            due_on=row.due_on,
            state=Task.State.DONE,
            outcome=Task.Outcome.REACHED,
            done_at=row.done_at,
            done_by_id=row.owner,
            created_at=row.done_at - _AHEAD,
        )
        for row in rows
    )
