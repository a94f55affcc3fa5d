"""Background work that keeps background work going."""

from __future__ import annotations

from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

MOST_ATTEMPTS = 5


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="base.rescue_stalled", pass_context=False)
async def rescue_stalled(timestamp: int) -> None:  # noqa: ARG001  when it was due
    """Run again the jobs of workers that were killed; give up one that keeps killing them.

    Where the next of the same kind waits already, that one does for both, and may be waiting for this one's lock.
    """
    for job in await app.job_manager.get_stalled_jobs():
        try:
            if job.attempts < MOST_ATTEMPTS:
                await app.job_manager.retry_job(job)
                continue
        except UniqueViolation:
            pass
        await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
