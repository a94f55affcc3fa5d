"""What the worker does by itself."""

from __future__ import annotations

from procrastinate.contrib.django import app


@app.periodic(cron="17 3 * * *")
@app.task(queueing_lock="customers.files", pass_context=False)
def forget_removed_files(timestamp: int) -> int:
    """Each night: forget the files that were removed a month ago. Safe to run twice and at once."""
    del timestamp
    from zhike.customers.actions.files import forget_removed  # noqa: PLC0415

    return forget_removed()


@app.task(queueing_lock="customers.completeness", lock="customers.completeness", pass_context=False)
def count_completeness() -> int:
    """Count everybody's completeness again after what counts has changed."""
    from zhike.customers.actions.completeness import recount  # noqa: PLC0415

    return recount()


@app.periodic(cron="40 19 * * *")
@app.task(queueing_lock="customers.bin", pass_context=False)
def empty_bin(timestamp: int) -> int:
    """Each day: remove for good the customers whose time in the bin is over."""
    del timestamp
    from zhike.customers.actions.bin import remove_for_good  # noqa: PLC0415

    return remove_for_good()
