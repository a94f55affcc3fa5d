"""What the worker does by itself."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

if TYPE_CHECKING:
    from procrastinate.tasks import Task

logger = logging.getLogger("zhike.classification")

WEEKLY_SAMPLE, MOST_LINES = 500, 20

# `due` is imported when a task runs: it brings the frames, which every other process can do without.


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="classification.due", pass_context=False)
def place_due_customers(timestamp: int) -> int:
    """Each minute: place those whom the clock moves. Safe to run twice and at once."""
    del timestamp
    from zhike.classification.due import place_due  # noqa: PLC0415

    return place_due().customers


@app.task(queueing_lock="classification.due_soon", pass_context=False)
def place_due_customers_soon() -> int:
    """Place those who have become due at once, because somebody has allowed it: nobody waits a minute."""
    from zhike.classification.due import place_due  # noqa: PLC0415

    return place_due().customers


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="classification.lagging", pass_context=False)
def place_lagging_customers(timestamp: int) -> int:
    """Finish what an interrupted installation of rules left undone."""
    del timestamp
    from zhike.classification.due import place_lagging  # noqa: PLC0415

    return place_lagging().customers


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="classification.warnings", pass_context=False)
def warn_of_what_time_will_do(timestamp: int) -> dict[str, int]:
    """Put before people the demotions and the ends of overrides that are near."""
    del timestamp
    from zhike.classification.actions.warnings import raise_warnings  # noqa: PLC0415

    return raise_warnings()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="classification.publications", lock="classification.publications", pass_context=False)
def carry_publications_through(timestamp: int = 0) -> int:
    """Put in force what is due; also asked for when somebody publishes, so that nobody waits a minute."""
    del timestamp
    from zhike.classification.actions.publications import due_publications, run_publication  # noqa: PLC0415

    due = due_publications()
    for publication in due:
        run_publication(publication)
    return len(due)


@app.periodic(cron="20 18 * * 6")
@app.task(queueing_lock="classification.audit", pass_context=False)
def look_for_differences(timestamp: int) -> int:
    """Once a week: work a few hundred customers out again, and write into the log what differs."""
    del timestamp
    from zhike.classification.audit import audit  # noqa: PLC0415

    found = audit(sample=WEEKLY_SAMPLE).differences
    for difference in found[:MOST_LINES]:
        logger.error("placements differ: %s", difference)
    return len(found)


@app.task(queueing_lock="classification.metrics", lock="classification.metrics", pass_context=False)
def fill_metrics() -> None:
    """Go through everyone for metrics that a draft reads and no rule did before."""
    from zhike.classification.actions.publications import fill_kept_metrics  # noqa: PLC0415

    fill_kept_metrics()


@app.task(lock="classification.back_tests", pass_context=False)
def run_back_tests() -> int:
    """Try the drafts for which somebody asked."""
    from zhike.classification.actions.back_tests import run_waiting  # noqa: PLC0415

    return run_waiting()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="classification.quarters", lock="classification.quarters", pass_context=False)
def count_quarters(timestamp: int = 0) -> int:
    """Count the quarters for which somebody asked; each minute those that a crash has left undone."""
    del timestamp
    from zhike.classification.actions.quarter_counts import count_waiting_quarters  # noqa: PLC0415

    return count_waiting_quarters()


@app.task(queueing_lock="classification.everyone", lock="classification.publications", pass_context=False)
def place_everyone() -> int:
    """Place everyone by a pack that was put in force without waiting for it."""
    from zhike.classification import batch  # noqa: PLC0415

    return batch.place_everyone().customers


def ask_for(task: Task[..., Any, ...]) -> None:
    """Have the worker do a task soon. One that waits already does for both."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        task.defer()
