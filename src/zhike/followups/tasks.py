"""What the worker does by itself."""

from __future__ import annotations

from procrastinate.contrib.django import app


@app.periodic(cron="50 17 * * *")
@app.task(queueing_lock="followups.pairs", lock="followups.pairs", pass_context=False)
def count_product_pairs(timestamp: int = 0) -> int:
    """Each night: count anew what customers of a class buy together."""
    del timestamp
    from zhike.followups.actions.advice import count_pairs  # noqa: PLC0415

    return count_pairs()


@app.periodic(cron="20 * * * *")
@app.task(queueing_lock="followups.ladder", lock="followups.ladder", pass_context=False)
def climb_ladder(timestamp: int) -> int:
    """Every hour: tell people of what is overdue, each step once. A person hears of all of it by one line a day."""
    del timestamp
    from zhike.followups.actions.ladder import climb  # noqa: PLC0415  it brings the frames

    return climb()


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="followups.tallies", lock="followups.tallies", pass_context=False)
def count_what_is_due(timestamp: int = 0) -> int:
    """Every ten minutes: count what each person has to do, where pages cannot."""
    del timestamp
    from zhike.followups.actions.tallies import count_tallies  # noqa: PLC0415

    return count_tallies()
