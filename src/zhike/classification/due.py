"""Those whom the clock moves: customers whose `next_flip_at` has come, in order of it.

Several workers may do this at once: rows that another holds are skipped.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Min, Q

from zhike.base.clock import now
from zhike.classification.batch import Outcome, place_customers
from zhike.classification.models import CustomerFacts, Scheme, Sweep
from zhike.classification.rules import rulebook
from zhike.classification.store import Why
from zhike.customers.models import Customer

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

CHUNK = 2_000
# A transaction that began by the rules before has long ended after this.
PATIENCE = timedelta(minutes=5)


def place_due(*, limit: int | None = None) -> Outcome:
    """Place everyone who is due, chunk by chunk, write down that it was done, and return what came of it."""
    started = now()
    oldest: datetime | None = _due().aggregate(oldest=Min("next_flip_at"))["oldest"]
    outcome = Outcome()
    while limit is None or outcome.customers < limit:
        step = place_next()
        if not step.customers:
            break
        outcome = outcome.plus(step)
    lag = (started - oldest).total_seconds() if oldest else 0
    seen = {"customers": outcome.customers, "changed": outcome.changed, "lag": max(0, int(lag))}
    Sweep.objects.update_or_create(pk=1, defaults={"started_at": started, "finished_at": now(), **seen})
    return outcome


def _due() -> QuerySet[CustomerFacts]:
    return CustomerFacts.objects.filter(next_flip_at__lte=now())


@transaction.atomic
def place_next() -> Outcome:
    """Place the customers who have been due longest."""
    if not rulebook().schemes:
        return Outcome()
    due = _due().order_by("next_flip_at", "pk")
    ids = list(
        Customer.objects.filter(facts__in=due[:CHUNK].values("pk"))
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .values_list("pk", flat=True)
    )
    return place_customers(ids, why=Why.CLOCK)


def place_lagging() -> Outcome:
    """Place those whom nobody has placed yet, and those placed while new rules came into force."""
    if not rulebook().schemes:
        return Outcome()
    pending = list(Scheme.objects.filter(pending_since__isnull=False).order_by("pending_since"))
    lagging = Q(facts__isnull=True)
    if pending:
        lagging |= Q(facts__placed_at=None) | Q(facts__placed_at__gte=pending[0].pending_since)
    outcome = place_customers(list(Customer.objects.filter(lagging).order_by("pk").values_list("pk", flat=True)))
    for scheme in pending:
        settled = Scheme.objects.filter(pk=scheme.pk, pending_since=scheme.pending_since)
        settled.filter(current__published_at__lt=now() - PATIENCE).update(pending_since=None)
    return outcome
