"""What the worker does by itself."""

from __future__ import annotations

from procrastinate.contrib.django import app


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
