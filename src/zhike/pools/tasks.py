"""What the worker does by itself."""

from __future__ import annotations

from procrastinate.contrib.django import app


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="pools.rules", lock="pools.rules", pass_context=False)
def run_reclaim_rules(timestamp: int) -> dict[str, int]:
    """Every ten minutes: tell owners ahead and take back whom nobody has followed up. Safe to run twice and at once."""
    del timestamp
    from zhike.pools.actions.reclaims import run_rules  # noqa: PLC0415  it brings the frames

    ran = run_rules()
    return {"warned": ran.warned, "reclaimed": ran.reclaimed}
