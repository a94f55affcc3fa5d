"""What the worker does by itself."""

from __future__ import annotations

from procrastinate.contrib.django import app


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="assignment.waiting", lock="assignment.waiting", pass_context=False)
def assign_waiting_customers(timestamp: int) -> int:
    """Ask the rules about those who wait and whose time has come."""
    del timestamp
    from zhike.assignment.actions.assigning import assign_waiting  # noqa: PLC0415

    return assign_waiting()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="assignment.promises", pass_context=False)
def tell_of_broken_promises(timestamp: int) -> int:
    """Each minute: tell of promises that were broken. Safe to run twice and at once."""
    del timestamp
    from zhike.assignment.actions.promises import tell_broken  # noqa: PLC0415

    return tell_broken()


@app.task(queueing_lock="assignment.waiting_soon", lock="assignment.waiting", pass_context=False)
def assign_waiting_customers_soon() -> int:
    """Ask the rules at once, since a class has changed or somebody can take more."""
    from zhike.assignment.actions.assigning import assign_waiting  # noqa: PLC0415

    return assign_waiting()
