"""A clock that ran ahead and was put back: what was told of days that had not come is taken back.

The class changes of those days are voided, the placements return to what they were before, and
overrides that had run out hold again; whoever calls this places the customers afterwards.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import batched
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils.translation import gettext

from zhike.base.clock import now
from zhike.classification.models import CustomerFacts
from zhike.timeline.actions import bulk_setting, copy_events
from zhike.timeline.locks import lock_customers
from zhike.timeline.rows import NewEvent, checked

if TYPE_CHECKING:
    from collections.abc import Sequence

# Clocks of several machines differ a little; that is no reason to take anything back.
DIFFERENCE = timedelta(hours=1)
CHUNK = 5_000

_TOLD = """
    SELECT e.id, e.customer_id, e.data->>'dimension' AS dimension, e.data->>'from' AS class_key,
           (e.data->>'since')::date AS since, e.day
      FROM timeline_event e
     WHERE e.customer_id = ANY(%(customers)s) AND e.kind = 'class.changed' AND e.recorded_at > %(now)s
       AND NOT EXISTS (SELECT FROM timeline_event v WHERE v.voids_id = e.id)
"""
_RETURN = f"""
WITH told AS ({_TOLD}),
first AS (SELECT DISTINCT ON (customer_id, dimension) * FROM told ORDER BY customer_id, dimension, day, id)
UPDATE classification_placement p SET class_key = f.class_key, since = f.since
  FROM first f WHERE p.customer_id = f.customer_id AND p.dimension = f.dimension
"""  # noqa: S608  literals
_HOLD_AGAIN = """
UPDATE classification_override o SET ended_at = NULL, "end" = ''
 WHERE o.customer_id = ANY(%(customers)s) AND o."end" = 'expired' AND o.ended_at > %(now)s
   AND NOT EXISTS (SELECT FROM classification_override n
                    WHERE n.customer_id = o.customer_id AND n.dimension = o.dimension AND n.ended_at IS NULL)
"""
_UNTELL = "DELETE FROM classification_notification WHERE customer_id = ANY(%(customers)s) AND created_at > %(now)s"


def placed_ahead() -> list[int]:
    """Return the customers who were placed at a time that has not come yet."""
    return list(
        CustomerFacts.objects.filter(placed_at__gt=now() + DIFFERENCE).order_by("pk").values_list("pk", flat=True)
    )


def take_back(customers: Sequence[int]) -> None:
    """Take back what was told of these customers at times that have not come yet."""
    for chunk in batched(customers, CHUNK):
        _take_back(chunk)


@transaction.atomic
def _take_back(customers: Sequence[int]) -> None:
    setting = bulk_setting()
    values: dict[str, Any] = {"customers": list(customers), "now": setting.now}
    lock_customers(customers)
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, values)
        told = cursor.fetchall()
        for statement in (_RETURN, _HOLD_AGAIN, _UNTELL):
            cursor.execute(statement, values)
    reason = gettext("电脑的时钟走快了，已经拨回")
    copy_events(
        [
            checked(
                NewEvent(
                    customer_id=customer,
                    kind="event.voided",
                    occurred_at=setting.now,
                    voids_id=event,
                    data={"reason": reason},
                ),
                setting,
            )
            for event, customer, *_ in told
        ]
    )
