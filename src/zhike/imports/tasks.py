"""What the worker does for imports by the clock. It is loaded by every process, so it brings in nothing before it is called."""

from __future__ import annotations

from procrastinate.contrib.django import app


@app.periodic(cron="25 * * * *")
@app.task(queueing_lock="imports.tidy", pass_context=False)
def tidy(timestamp: int) -> int:
    """Each hour: remove what has had its time."""
    del timestamp
    from zhike.imports.actions.tidying import remove_old  # noqa: PLC0415

    return remove_old()
