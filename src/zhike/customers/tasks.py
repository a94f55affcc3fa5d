"""What the worker does for customers."""

from __future__ import annotations

from procrastinate.contrib.django import app


@app.task(queueing_lock="customers.completeness", lock="customers.completeness", pass_context=False)
def count_completeness() -> int:
    """Count everybody's completeness again after what counts has changed."""
    from zhike.customers.actions.completeness import recount  # noqa: PLC0415

    return recount()
