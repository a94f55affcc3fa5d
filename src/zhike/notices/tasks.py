"""What the worker does by itself."""

from __future__ import annotations

from contextlib import suppress

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

# The actions are imported when a task runs: they bring a client of the network, which other processes do without.


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="notices.digests", pass_context=False)
def send_digests(timestamp: int) -> int:
    """Each minute: send the digests whose hour has come. Safe to run twice and at once."""
    del timestamp
    from zhike.notices.actions.digests import send_digests as send  # noqa: PLC0415

    return send()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="notices.route", pass_context=False)
def route_notifications(timestamp: int) -> int:
    """Each minute: hand what is new to the bots, and let each that may speak do so beside the others."""
    del timestamp
    from zhike.notices.actions.pushing import ready_channels  # noqa: PLC0415
    from zhike.notices.actions.routing import route  # noqa: PLC0415

    route()
    ready = ready_channels()
    for pk in ready:
        with suppress(AlreadyEnqueued), transaction.atomic():
            push_channel.configure(queueing_lock=f"notices.channel.{pk}").defer(pk=pk)
    return len(ready)


@app.task(pass_context=False)
def push_channel(pk: int) -> bool:
    """Let one bot say what waits for it."""
    from zhike.notices.actions.pushing import push  # noqa: PLC0415

    return push(pk)


@app.periodic(cron="25 19 * * *")
@app.task(queueing_lock="notices.tidy", pass_context=False)
def forget_what_was_told(timestamp: int) -> int:
    """Each night: delete what says only that something was told long ago."""
    del timestamp
    from zhike.notices.actions.tidying import tidy  # noqa: PLC0415

    return tidy()
