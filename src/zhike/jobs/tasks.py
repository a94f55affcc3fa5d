"""What the worker does: the jobs that people asked for, and tidying up after them."""

from __future__ import annotations

from contextlib import suppress

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from zhike.jobs.models import Job


@app.task(pass_context=False)
def run(pk: int) -> None:
    """Carry one job through."""
    from zhike.jobs.actions.running import run_job  # noqa: PLC0415  its kinds bring the frames

    run_job(pk)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="jobs.left", pass_context=False)
def ask_for_what_is_left(timestamp: int) -> int:
    """Each minute: ask again for the jobs that a crash has left undone."""
    del timestamp
    left = list(Job.objects.filter(state__in=Job.OPEN).order_by("pk"))
    for job in left:
        ask_to_run(job)
    return len(left)


@app.periodic(cron="10 * * * *")
@app.task(queueing_lock="jobs.tidy", pass_context=False)
def tidy(timestamp: int) -> int:
    """Each hour: remove what has had its time."""
    del timestamp
    from zhike.jobs.actions.tidying import remove_expired, remove_old  # noqa: PLC0415

    return remove_expired() + remove_old()


def ask_to_run(job: Job) -> None:
    """Have the worker carry a job through, after the others of the same person. One that waits does already."""
    task = run.configure(queueing_lock=f"jobs.{job.pk}", lock=f"jobs.of.{job.owner_id}")
    with suppress(AlreadyEnqueued), transaction.atomic():
        task.defer(pk=job.pk)


def start(job: Job) -> Job:
    """Carry a small job through while the person waits, else have the worker do it; return it as it then is."""
    from zhike.jobs.actions.running import run_job  # noqa: PLC0415
    from zhike.jobs.kinds import kind_of  # noqa: PLC0415

    if job.is_open and job.total <= kind_of(job.kind).at_once:
        run_job(job.pk)
        job.refresh_from_db()
    if job.is_open:
        ask_to_run(job)
    return job
