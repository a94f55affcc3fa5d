"""What the worker does by itself: looking for the likes of who is new or was changed, and tidying old merges."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from zhike.customers.actions.changes import rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from zhike.accounts.models import User
    from zhike.jobs.models import Job
    from zhike.timeline.models import Event

# An import of more is followed by one search over everybody, which takes less time then.
FEW = 300
# What is compared changes with these events, and of changes with those of these fields.
_NEW = frozenset({"customer.created", "customer.restored", "customer.merged", "contact.added"})
_CHANGED = frozenset({"customer.updated", "contact.updated"})
_COMPARED = frozenset({"name", "kind", "phone", "email", "reach", "address", "city", "birthday", "custom.credit_code"})


@app.task(lock="duplicates.search", pass_context=False)
def look_for(ids: list[int]) -> int:
    """Look for the likes of some customers. Safe to run twice."""
    from zhike.duplicates.actions.searching import search_for  # noqa: PLC0415

    return search_for(ids).open


@app.task(lock="duplicates.search", queueing_lock="duplicates.everybody", pass_context=False)
def look_for_everybody() -> int:
    """Search everybody after a large import, once for all its steps. Safe to run twice."""
    from zhike.duplicates.actions.searching import search_everybody  # noqa: PLC0415

    return search_everybody(lambda _done, _total: None).open


@app.periodic(cron="50 19 * * *")
@app.task(queueing_lock="duplicates.tidy", pass_context=False)
def tidy_merges(timestamp: int) -> int:
    """Each day: remove what is kept of merges that can no longer be taken back."""
    del timestamp
    from zhike.duplicates.actions.tidying import forget_kept  # noqa: PLC0415

    return forget_kept()


def after_import(ids: Sequence[int], by: User | None) -> None:
    """Have the customers that a file has made compared: called in the transaction of the step."""
    del by
    if len(ids) <= FEW:
        transaction.on_commit(partial(_ask, ids))
    else:
        transaction.on_commit(_ask_everybody)


def after_event(event: Event) -> None:
    """Have a customer compared who is new or of whom something changed: called in the event's transaction."""
    changed = {str(row["field"]) for row in rows_of(event)} if event.kind in _CHANGED else set[str]()
    if event.kind in _NEW or changed & _COMPARED:
        transaction.on_commit(partial(_ask, [event.customer_id]))


def _ask(ids: Sequence[int]) -> None:
    lock = f"duplicates.{ids[0]}" if len(ids) == 1 else None
    with suppress(AlreadyEnqueued), transaction.atomic():
        look_for.configure(queueing_lock=lock).defer(ids=list(ids))


def _ask_everybody() -> None:
    with suppress(AlreadyEnqueued), transaction.atomic():
        look_for_everybody.configure(schedule_in={"seconds": 60}).defer()


def ask_search(*, by: User, form_key: UUID | None = None) -> Job:
    """Have the worker search everybody, as somebody asks for it."""
    from zhike.jobs.actions.jobs import ask_job  # noqa: PLC0415
    from zhike.jobs.tasks import ask_to_run  # noqa: PLC0415

    job = ask_job(kind="duplicates", by=by, parameters={}, form_key=form_key)
    if job.is_open:
        ask_to_run(job)
    return job
