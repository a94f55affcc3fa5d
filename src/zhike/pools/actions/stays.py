"""What others do to customers in pools: whoever has an owner is in none, and who is forgotten leaves no words behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from zhike.base.clock import now
from zhike.pools.models import Notice, Stay

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zhike.accounts.models import User

_LEAVE = """
UPDATE pools_stay s SET left_at = %s, taker_id = c.owner_id, "end" = 'assigned'
  FROM customers_customer c
 WHERE s.left_at IS NULL AND s.customer_id = ANY(%s) AND c.id = s.customer_id AND c.owner_id IS NOT NULL
"""


def leave_pools(customers: Iterable[int], *, recomputed: str = "") -> None:
    """End the stays of those of these customers who have an owner."""
    del recomputed
    with connection.cursor() as cursor:
        cursor.execute(_LEAVE, [now(), list(customers)])


def forget_person(customer: int, by: User | None) -> None:
    """Let go of the place in a pool of somebody who is erased; what was written with it goes as `privacy.personal` says."""
    del by
    Notice.objects.filter(customer=customer).delete()
    Stay.objects.filter(customer=customer, left_at=None).update(left_at=now(), end=Stay.End.GONE)
