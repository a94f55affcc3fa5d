"""Those whom the clock moves: customers whose `next_flip_at` has come, in order of it.

Several workers may do this at once: rows that another holds are skipped. However late they are,
a change is dated the day on which it was due, and what a customer went through meanwhile is told
step by step; when it was written down is `recorded_at`.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from django.db import connection, transaction
from django.db.models import Max, Min, Q

from zhike.accounts.queries import company_zone
from zhike.base.clock import now, today
from zhike.classification.batch import Outcome, place_customers
from zhike.classification.models import CustomerFacts, Scheme, Sweep
from zhike.classification.rules import rulebook
from zhike.classification.store import Why
from zhike.classification.turned_back import placed_ahead, take_back
from zhike.core.dates import local_day
from zhike.customers.models import Customer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from django.db.models import QuerySet

CHUNK = 5_000
# A transaction that began by the rules before has long ended after this.
PATIENCE = timedelta(minutes=5)


def place_due(*, limit: int | None = None) -> Outcome:
    """Place everyone who is due, chunk by chunk, write down that it was done, and return what came of it."""
    started, zone = now(), company_zone()
    _follow_the_company(zone)
    oldest: datetime | None = _due().aggregate(oldest=Min("next_flip_at"))["oldest"]
    outcome = Outcome()
    while limit is None or outcome.customers < limit:
        step = place_next()
        if not step.customers:
            break
        outcome = outcome.plus(step)
    _write_down(outcome, started, oldest, zone)
    return outcome


def _write_down(outcome: Outcome, started: datetime, oldest: datetime | None, zone: ZoneInfo) -> None:
    day = local_day(started, zone)
    before = Sweep.objects.filter(pk=1, day=day).values_list("day_customers", flat=True).first() or 0
    seen = {
        "started_at": started,
        "finished_at": now(),
        "customers": outcome.customers,
        "changed": outcome.changed,
        "lag": max(0, int((started - oldest).total_seconds())) if oldest else 0,
        "day": day,
        "day_customers": before + outcome.customers,
        "zone": zone.key,
    }
    Sweep.objects.update_or_create(pk=1, defaults=seen)


def _due() -> QuerySet[CustomerFacts]:
    return CustomerFacts.objects.filter(next_flip_at__lte=now())


@transaction.atomic
def place_next() -> Outcome:
    """Place the customers who have been due longest, each as of the day on which they were."""
    outcome = Outcome()
    oldest = _due().order_by("next_flip_at", "pk")
    locked = list(
        Customer.objects.filter(facts__in=oldest[:CHUNK].values("pk"))
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .values_list("pk", flat=True)
    )
    for day, waiting in groupby(sorted(_waiting(locked)), key=lambda one: one.day):
        outcome = outcome.plus(place_customers([one.customer for one in waiting], as_of=day, why=Why.CLOCK))
    return outcome


class _Waiting(NamedTuple):
    day: date
    customer: int


def _waiting(locked: Iterable[int]) -> list[_Waiting]:
    """Return the locked customers who are still due, with the day.

    Read after the lock was won, since another worker may have placed them before. New rules move a
    customer without looking at the clock, hence nobody is placed as of a day before their last change.
    """
    zone = company_zone()
    last = today(zone)
    due = _due().filter(pk__in=locked).annotate(stands=Max("customer__placements__since"))
    rows = due.values_list("pk", "next_flip_at", "stands")
    return [
        _Waiting(min(last, max(local_day(flip, zone), stands or date.min)), pk) for pk, flip, stands in rows if flip
    ]


_MOVE_MIDNIGHTS = (
    "UPDATE {table} SET next_flip_at = (next_flip_at AT TIME ZONE %(old)s)::date::timestamp AT TIME ZONE %(new)s "
    "WHERE next_flip_at IS NOT NULL"
)


@transaction.atomic
def _follow_the_company(zone: ZoneInfo) -> None:
    """Move all next changes to the midnights of another time zone when the company has moved there."""
    sweep = Sweep.objects.select_for_update().filter(pk=1).exclude(zone__in=["", zone.key]).first()
    if sweep is None:
        return
    with connection.cursor() as cursor:
        for table in ("classification_customerfacts", "classification_placement"):
            cursor.execute(_MOVE_MIDNIGHTS.format(table=table), {"old": sweep.zone, "new": zone.key})
    Sweep.objects.filter(pk=1).update(zone=zone.key)


def place_lagging() -> Outcome:
    """Place whom nobody has placed yet, those placed while new rules came into force or by a clock that ran ahead."""
    if not rulebook().schemes:
        return Outcome()
    ahead = placed_ahead()
    take_back(ahead)
    pending = list(Scheme.objects.filter(pending_since__isnull=False).order_by("pending_since"))
    lagging = Q(facts__isnull=True)
    if pending:
        lagging |= Q(facts__placed_at=None) | Q(facts__placed_at__gte=pending[0].pending_since)
    found = Customer.present.filter(lagging).values_list("pk", flat=True)
    outcome = place_customers({*found, *ahead})
    for scheme in pending:
        settled = Scheme.objects.filter(pk=scheme.pk, pending_since=scheme.pending_since)
        settled.filter(current__published_at__lt=now() - PATIENCE).update(pending_since=None)
    return outcome
