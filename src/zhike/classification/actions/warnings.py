"""Writes: what is put before people ahead of time. Set-wise, and the same once as twice.

A customer whom time alone will demote, and an override that will end, become items to review; the
owner is told, and a day before the demotion whoever leads the owner's team, else those of it whose role reaches the others.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from zhike.accounts.queries import company_zone
from zhike.accounts.roles import team_leaders
from zhike.base.clock import now
from zhike.classification.rules import rulebook
from zhike.core.dates import add_days, day_start, local_day

if TYPE_CHECKING:
    from collections.abc import Mapping

# An override is put to review so long before it ends.
EXPIRING_DAYS = 7
# The team's manager hears of a demotion this long before.
ESCALATE_DAYS = 1

# `w` are the classes that say how long before they want to be told.
_WARN = """
WITH w AS (SELECT * FROM unnest(%(dimensions)s::text[], %(classes)s::text[], %(until)s::timestamptz[])
           AS t (dimension, class_key, until)),
raised AS (
    INSERT INTO classification_review
           (customer_id, dimension, kind, from_key, to_key, due_on, created_at, state, said, answer)
    SELECT p.customer_id, p.dimension, 'warning', p.class_key, p.next_key,
           (p.next_flip_at AT TIME ZONE %(zone)s)::date, %(now)s, 'open', '', ''
      FROM classification_placement p JOIN w USING (dimension, class_key)
     WHERE p.falls AND p.next_flip_at > %(now)s AND p.next_flip_at <= %(last)s AND p.next_flip_at <= w.until
       AND NOT EXISTS (SELECT FROM classification_review r
                        WHERE r.customer_id = p.customer_id AND r.dimension = p.dimension AND r.kind = 'warning'
                          AND r.due_on = (p.next_flip_at AT TIME ZONE %(zone)s)::date)
    ON CONFLICT DO NOTHING
    RETURNING customer_id, dimension, from_key, to_key, due_on
),
told AS (
    INSERT INTO classification_notification
           (user_id, kind, customer_id, dimension, from_key, to_key, day, text, created_at)
    SELECT u.id, 'warning', r.customer_id, r.dimension, r.from_key, r.to_key, r.due_on, '', %(now)s
      FROM raised r JOIN customers_customer c ON c.id = r.customer_id
      JOIN accounts_user u ON u.id = c.owner_id AND u.is_active
)
SELECT count(*) FROM raised
"""

_ESCALATE = """
WITH due AS (
    UPDATE classification_review r SET escalated_at = %(now)s
     WHERE r.state = 'open' AND r.kind = 'warning' AND r.escalated_at IS NULL AND r.due_on <= %(day)s
    RETURNING r.customer_id, r.dimension, r.from_key, r.to_key, r.due_on
),
told AS (
    INSERT INTO classification_notification
           (user_id, kind, customer_id, dimension, from_key, to_key, day, text, created_at)
    SELECT m.id, 'warning', d.customer_id, d.dimension, d.from_key, d.to_key, d.due_on, '', %(now)s
      FROM due d JOIN customers_customer c ON c.id = d.customer_id AND c.deleted_at IS NULL
      JOIN accounts_user o ON o.id = c.owner_id
      JOIN accounts_team t ON t.id = o.team_id
      JOIN accounts_user m ON m.is_active AND m.id <> o.id
           AND (m.id = t.leader_id
                OR (t.leader_id IS NULL AND m.team_id = t.id AND m.role = ANY(%(leaders)s)))
)
SELECT count(*) FROM due
"""

_EXPIRING = """
WITH raised AS (
    INSERT INTO classification_review
           (customer_id, dimension, kind, from_key, to_key, due_on, created_at, state, said, answer)
    SELECT o.customer_id, o.dimension, 'expiring', o.class_key, p.computed_key, o.expires_on, %(now)s, 'open', '', ''
      FROM classification_override o
      JOIN classification_placement p ON p.customer_id = o.customer_id AND p.dimension = o.dimension
     WHERE o.ended_at IS NULL AND o.expires_on <= %(day)s AND o.expires_on > %(today)s
       AND NOT EXISTS (SELECT FROM classification_review r
                        WHERE r.customer_id = o.customer_id AND r.dimension = o.dimension AND r.kind = 'expiring'
                          AND r.due_on = o.expires_on)
    ON CONFLICT DO NOTHING
    RETURNING 1
)
SELECT count(*) FROM raised
"""


@transaction.atomic
def raise_warnings() -> dict[str, int]:
    """Put before people what time will do soon; return how many items of each kind are new."""
    zone, at = company_zone(), now()
    today = local_day(at, zone)
    rules = rulebook()
    warned = [
        (scheme.dimension, class_.key, day_start(add_days(today, class_.warn_days), zone))
        for scheme in rules.schemes
        if scheme.dimension not in rules.paused
        for class_ in scheme.classes
    ]
    dimensions, classes, until = (list(column) for column in zip(*warned, strict=True)) if warned else ([], [], [])
    common = {"now": at, "zone": zone.key}
    return {
        "warning": _count(
            _WARN,
            {**common, "dimensions": dimensions, "classes": classes, "until": until, "last": max(until, default=at)},
        ),
        "escalated": _count(
            _ESCALATE, {**common, "leaders": team_leaders(), "day": today + timedelta(days=ESCALATE_DAYS)}
        ),
        "expiring": _count(_EXPIRING, {**common, "day": today + timedelta(days=EXPIRING_DAYS), "today": today}),
    }


def _count(statement: str, values: Mapping[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        (found,) = cursor.fetchone() or (0,)
        return int(found)
