"""Counts what people have to do, every ten minutes, where the company is too large for pages to count it."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from zhike.accounts.models import User
from zhike.accounts.queries import company_zone
from zhike.assignment.queries import customers_of
from zhike.base.clock import now, today
from zhike.base.paging import capped_count
from zhike.classification.rules import rulebook
from zhike.followups.models import Tally, Task
from zhike.followups.queries.tallies import LARGE, WEEKS_KEPT, kept_on, standings


@transaction.atomic
def count_tallies() -> int:
    """Count for everybody who is active; return of how many. In a company that is not large nothing is kept."""
    if not capped_count(Task.objects.filter(state=Task.State.OPEN), LARGE).capped:
        Tally.objects.all().delete()
        return 0
    day = today(company_zone())
    people = list(User.objects.filter(is_active=True).values_list("pk", flat=True))
    found, owned = standings(people, rulebook(), day), customers_of(people)
    kept = kept_on(people, day - timedelta(weeks=WEEKS_KEPT), day)
    at = now()
    rows = [
        Tally(
            user_id=pk,
            day=day,
            **found[pk]._asdict(),
            owned=owned.get(pk, 0),
            kept={on.isoformat(): sizes for on, sizes in kept.get(pk, {}).items()},
            counted_at=at,
        )
        for pk in people
    ]
    columns = ["day", "overdue", "today", "contacts", "owned", "kept", "counted_at"]
    Tally.objects.bulk_create(rows, update_conflicts=True, unique_fields=["user"], update_fields=columns)
    Tally.objects.exclude(user__in=people).delete()
    return len(rows)
