"""Writes of the share of what is known: for everybody, after what counts has changed."""

from __future__ import annotations

from contextlib import suppress

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from zhike.customers.completeness import counted_fields, out_of_step, share_expression
from zhike.customers.models import Customer

LOCK = "customers.completeness"
CHUNK = 5_000
# So many are counted at once, while the person waits; more are left to the worker.
AT_ONCE = 20_000


def counted_anew() -> None:
    """Count everybody again, now where they are few."""
    if Customer.objects.values("pk")[: AT_ONCE + 1].count() <= AT_ONCE:
        recount()
    else:
        transaction.on_commit(_defer)


def _defer() -> None:
    # By its name: tasks stand above actions.
    with suppress(AlreadyEnqueued):
        app.configure_task("zhike.customers.tasks.count_completeness", queueing_lock=LOCK, lock=LOCK).defer()


def recount() -> int:
    """Put right the share of everybody of whom it is not; a chunk at a time, so that nobody waits long."""
    fields = counted_fields()
    changed = 0
    while ids := list(out_of_step(fields).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        changed += Customer.objects.filter(pk__in=ids).update(completeness=share_expression(fields))
    return changed
