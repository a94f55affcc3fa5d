"""Background work that keeps background work going."""

from __future__ import annotations

from procrastinate.contrib.django import app
from procrastinate.jobs import Status

MOST_ATTEMPTS = 5


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="base.rescue_stalled", pass_context=False)
async def rescue_stalled(timestamp: int) -> None:  # noqa: ARG001  when it was due
    """Run again the jobs of workers that were killed; give up one that keeps killing them."""
    for job in await app.job_manager.get_stalled_jobs():
        if job.attempts < MOST_ATTEMPTS:
            await app.job_manager.retry_job(job)
        else:
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
