"""Writes: which bots say which notifications.

A notification is written by whoever has something to tell, in their transaction; that it has not been looked at yet
stands in its own row. So nothing is lost and nothing is told that did not happen, and nobody who tells of something
needs to know of bots.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from django.db import connection, transaction

from zhike.accounts.models import User
from zhike.base.clock import now
from zhike.classification.models import Notification
from zhike.notices.kinds import Ways, usual
from zhike.notices.models import Channel, Delivery
from zhike.notices.queries import ways_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BATCH = 1_000

# A team's bot speaks for the people of the teams below it too.
_ABOVE = """
WITH RECURSIVE above (who, id) AS (
    SELECT id, team_id FROM accounts_user WHERE id = ANY(%s) AND team_id IS NOT NULL
    UNION SELECT a.who, t.parent_id FROM above a JOIN accounts_team t ON t.id = a.id WHERE t.parent_id IS NOT NULL
)
SELECT who, array_agg(id) FROM above GROUP BY who
"""


def route() -> int:
    """Look at every notification once; return how many lines wait now that did not before."""
    made, size = 0, BATCH
    while size == BATCH:
        size, more = _route_next()
        made += more
    return made


@transaction.atomic
def _route_next() -> tuple[int, int]:
    unrouted = Notification.objects.filter(is_routed=False).order_by("pk")
    rows = list(unrouted.select_for_update(skip_locked=True, of=("self",))[:BATCH])
    if not rows:
        return 0, 0
    channels = list(Channel.objects.filter(is_on=True).order_by("pk"))
    wanted = _deliveries(rows, channels) if channels else []
    Delivery.objects.bulk_create(wanted, ignore_conflicts=True)
    Notification.objects.filter(pk__in=[row.pk for row in rows]).update(is_routed=True)
    return len(rows), len(wanted)


def _deliveries(rows: Sequence[Notification], channels: Sequence[Channel]) -> list[Delivery]:
    """Return the lines of those who are still here: by their own bots what they want, by a team's what it says."""
    ids = {row.user_id for row in rows}
    active = set(User.objects.filter(pk__in=ids, is_active=True).values_list("pk", flat=True))
    chosen, above = ways_of(active), _teams_above(active)
    at = now()
    found: dict[tuple[int, str], Delivery] = {}
    for row in rows:
        if row.user_id not in active or row.read_at is not None:
            continue
        for channel in channels:
            if channel.user_id:
                says = channel.user_id == row.user_id and _wants(chosen.get(row.user_id, {}), row.kind)
            else:
                says = channel.team_id in above.get(row.user_id, ()) and row.kind in channel.kinds
            if says:
                key = str(row.pk) if channel.user_id else _key(row)
                found.setdefault((channel.pk, key), Delivery(channel=channel, notification=row, key=key, created_at=at))
    return list(found.values())


def _wants(chosen: Mapping[str, Ways], kind: str) -> bool:
    return (chosen.get(kind) or usual(kind)).channel


def _teams_above(people: set[int]) -> dict[int, list[int]]:
    """Return person → their team and those above it."""
    with connection.cursor() as cursor:
        cursor.execute(_ABOVE, [sorted(people)])
        return dict(cursor.fetchall())


def _key(row: Notification) -> str:
    """Return what a notification tells, whoever it is told to."""
    told = (row.kind, row.customer_id, row.dimension, row.from_key, row.to_key, row.job_id, row.day, row.text)
    return sha256(repr((*told, row.created_at.isoformat())).encode()).hexdigest()
