"""Those whom the clock moves: customers whose `next_flip_at` has come, in order of it.

Several workers may do this at once: rows that another holds are skipped.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from zhike.base.clock import now
from zhike.classification.batch import Outcome, place_customers
from zhike.classification.models import CustomerFacts, Placement, Scheme
from zhike.classification.rules import rulebook
from zhike.customers.models import Customer

CHUNK = 2_000


def place_due(*, limit: int | None = None) -> Outcome:
    """Place everyone who is due, chunk by chunk, and return what came of it."""
    outcome = Outcome()
    while limit is None or outcome.customers < limit:
        step = place_next()
        if not step.customers:
            break
        outcome = outcome.plus(step)
    return outcome


@transaction.atomic
def place_next() -> Outcome:
    """Place the customers who have been due longest."""
    if not rulebook().schemes:
        return Outcome()
    due = CustomerFacts.objects.filter(next_flip_at__lte=now()).order_by("next_flip_at", "pk")
    ids = list(
        Customer.objects.filter(facts__in=due[:CHUNK].values("pk"))
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .values_list("pk", flat=True)
    )
    return place_customers(ids)


def place_lagging() -> Outcome:
    """Place those whom nobody has placed yet, or only by rules no longer in force."""
    if not rulebook().schemes:
        return Outcome()
    current = Scheme.objects.filter(current__isnull=False).values("current")
    stale = Placement.objects.exclude(version__in=current).values("customer")
    lagging = Customer.objects.filter(Q(facts__isnull=True) | Q(pk__in=stale)).order_by("pk")
    return place_customers(list(lagging.values_list("pk", flat=True)))
