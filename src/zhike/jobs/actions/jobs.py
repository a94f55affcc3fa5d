"""Writes: asking for a job, stopping one, taking back what one did."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction

from zhike.accounts.policy import require
from zhike.base.clock import now
from zhike.base.errors import Conflict, NotFound
from zhike.jobs.actions.auditing import write_down
from zhike.jobs.kinds import kind_of
from zhike.jobs.models import Item, Job

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from django.db.models import Model, QuerySet

    from zhike.accounts.models import User

# So long a job can be taken back, and is kept.
KEPT = timedelta(days=30)


@transaction.atomic
def ask_job(  # noqa: PLR0913  one keyword each
    *,
    kind: str,
    by: User,
    parameters: Mapping[str, object],
    targets: QuerySet[Model] | None = None,
    expected: int | None = None,
    form_key: UUID | None = None,
    undoes: Job | None = None,
) -> Job:
    """Ask for a job about the rows that `targets` gives at this moment.

    The same `form_key` again gives the first job back. Raises `Conflict` when there are not as many rows as the
    person was told (`expected`).
    """
    require(by, "create", Job)
    start = {
        "kind": kind,
        "owner": by,
        "parameters": dict(parameters),
        "created_at": now(),
        "undoes": undoes,
        "total": expected or 0,
    }
    if form_key is None:
        job = Job.objects.create(**start)
    else:
        job, is_new = Job.objects.get_or_create(form_key=form_key, defaults=start)
        if not is_new:
            return _asked_before(job, kind, by)
    kind_of(kind).allow(job)
    if targets is not None:
        job.total = _write_down(job, targets)
        if expected not in {None, job.total}:
            raise Conflict(
                f"符合条件的现在是 {job.total:,} 位，看清楚再做", f"There are {job.total:,} such now: look again"
            )
        job.save(update_fields=["total"])
    return job


def _asked_before(job: Job, kind: str, by: User) -> Job:
    if job.owner_id != by.pk or job.kind != kind:
        raise NotFound
    job.is_repeat = True
    return job


def _write_down(job: Job, targets: QuerySet[Model]) -> int:
    """Write down the rows that the job is about and return how many they are."""
    column = "target" if targets.model is Item else "pk"
    chosen, values = targets.order_by().values(column).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO jobs_item (job_id, target, state, "before", "after", said) '  # noqa: S608  compiled by Django
            f"SELECT %s, t.pk, 'waiting', '{{}}', '{{}}', '{{}}' FROM ({chosen}) AS t (pk)",
            [job.pk, *values],
        )
        written: int = cursor.rowcount
    return written


@transaction.atomic
def cancel_job(*, job: Job, by: User) -> None:
    """Stop a job. What it has done so far stays."""
    _own(job, by)
    rows = Job.objects.filter(pk=job.pk, state__in=Job.OPEN)
    if not rows.update(state=Job.State.CANCELLED, finished_at=now()):
        raise Conflict("这件事已经结束，没有什么可停的", "this has ended already: there is nothing to stop")
    write_down(Job.objects.select_related("owner", "undoes").get(pk=job.pk))


@transaction.atomic
def undo_job(*, job: Job, by: User) -> Job:
    """Take back what a job has changed, where nobody has changed it since: a job of its own."""
    _own(job, by)
    return undo_anothers(job=job, by=by)


@transaction.atomic
def undo_anothers(*, job: Job, by: User) -> Job:
    """Take back what a job has changed, whoever asked for it. The caller knows that `by` may; so does each row."""
    locked = Job.objects.select_for_update().get(pk=job.pk)
    if not is_undoable(locked):
        raise Conflict("这件事不能撤销，或者已经撤销", "this cannot be undone, or it has been already")
    if locked.undone_by.filter(state__in=Job.OPEN).exists():
        raise Conflict("正在撤销，稍等一下", "it is being undone already: wait a moment")
    changed = Item.objects.filter(job=locked, state=Item.State.CHANGED)
    return ask_job(kind="undo", by=by, parameters={}, targets=changed, undoes=locked)


def is_undoable(job: Job) -> bool:
    """Say whether something of a job is left that can be taken back."""
    if job.is_open or not kind_of(job.kind).is_undoable or now() - job.created_at > KEPT:
        return False
    return job.items.filter(state=Item.State.CHANGED).exists()


def _own(job: Job, by: User) -> None:
    """Refuse whoever does not own the job, an administrator too."""
    if job.owner_id != by.pk or not by.is_active:
        raise NotFound
