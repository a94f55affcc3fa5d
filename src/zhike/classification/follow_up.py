"""What follows from changed placements: items to review, people to tell, overrides that are over.

Set-wise, and in the transaction of the change. Nothing is decided here: that is for
people, in `actions`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from zhike.core.dates import local_day

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from zhike.classification.rules import Rulebook
    from zhike.classification.store import Change, Occasion

_TYPES = (
    "bigint[]",
    "text[]",
    "text[]",
    "text[]",
    "text[]",
    "text[]",
    "date[]",
    "text[]",
    "boolean[]",
    "boolean[]",
    "boolean[]",
    "boolean[]",
)
_CHANGES = f"""
SELECT * FROM unnest({", ".join(f"%s::{type_}" for type_ in _TYPES)})
    AS t (customer, dimension, old, class_key, waiting_for, source, turns_on, next_key, falls, is_demotion, is_told, is_usual)
"""  # noqa: S608  literals

# An item is settled by the customer having gone on: another class, another suggestion, another day.
_CLOSE = f"""
WITH c AS ({_CHANGES}),
ended AS (
    UPDATE classification_override o SET ended_at = %s, "end" = 'expired'
      FROM c WHERE o.customer_id = c.customer AND o.dimension = c.dimension
       AND o.ended_at IS NULL AND o.expires_on <= %s
)
UPDATE classification_review r SET state = 'obsolete', decided_at = %s
  FROM c WHERE r.customer_id = c.customer AND r.dimension = c.dimension AND r.state = 'open' AND CASE r.kind
       WHEN 'suggestion' THEN (r.from_key, r.to_key) <> (c.class_key, c.waiting_for)
       WHEN 'demotion' THEN r.to_key <> c.class_key
       WHEN 'warning' THEN NOT (c.falls AND r.due_on = c.turns_on AND r.to_key = c.next_key)
       WHEN 'expiring' THEN c.source <> 'person'
       ELSE false END
"""  # noqa: S608  literals

# Usually people hear of classes that are better or worse than the one before; they may choose otherwise.
_RAISE = f"""
WITH c AS ({_CHANGES}),
raised AS (
    INSERT INTO classification_review
           (customer_id, dimension, kind, from_key, to_key, created_at, state, said, answer)
    SELECT customer, dimension, 'suggestion', class_key, waiting_for, %s, 'open', '', '' FROM c WHERE waiting_for <> ''
    UNION ALL
    SELECT customer, dimension, 'demotion', old, class_key, %s, 'open', '', '' FROM c WHERE is_demotion AND is_told
    ON CONFLICT DO NOTHING
)
INSERT INTO classification_notification
       (user_id, kind, customer_id, dimension, from_key, to_key, text, day, created_at)
SELECT k.owner_id, 'changed', c.customer, c.dimension, c.old, c.class_key, '', %s, %s
  FROM c JOIN customers_customer k ON k.id = c.customer
  JOIN accounts_user u ON u.id = k.owner_id AND u.is_active
  LEFT JOIN classification_notificationchoice w
    ON w.user_id = k.owner_id AND w.dimension = c.dimension AND w.class_key = c.class_key
 WHERE c.is_told AND c.old NOT IN ('', c.class_key) AND k.owner_id IS DISTINCT FROM %s
   AND coalesce(w.wanted, c.is_usual)
"""  # noqa: S608  literals


# Of thousands of new customers nothing is open, and this is told from their ids alone.
_MANY = 100
_OPEN = """
SELECT EXISTS (SELECT FROM classification_override WHERE customer_id = ANY(%s) AND ended_at IS NULL)
    OR EXISTS (SELECT FROM classification_review WHERE customer_id = ANY(%s) AND state = 'open')
"""


class _Row(NamedTuple):
    customer: int
    dimension: str
    old: str
    class_key: str
    waiting_for: str
    source: str
    turns_on: date | None
    next_key: str
    falls: bool
    is_demotion: bool
    is_told: bool
    is_usual: bool


class Entered(NamedTuple):
    """Somebody who has entered a class; `old` is the one left, empty for the first of a dimension."""

    customer: int
    dimension: str
    old: str
    class_key: str


def follow_up(changes: Sequence[Change], rules: Rulebook, occasion: Occasion, *, is_anything_open: bool = True) -> None:
    """Settle what the changes have overtaken, and put the new before those whom it concerns.

    `is_anything_open=False` says that these customers have no item to review and no override.
    """
    is_raised = any(_is_waiting(change, rules) or _is_told(change, occasion) for change in changes)
    with connection.cursor() as cursor:
        if is_anything_open and len(changes) > _MANY:
            ids = sorted({change.customer for change in changes})
            cursor.execute(_OPEN, [ids, ids])
            (is_anything_open,) = cursor.fetchone()
        if is_anything_open or is_raised:
            rows = [_row(change, rules, occasion) for change in changes]
            columns = [list(column) for column in zip(*rows, strict=True)]
            at, as_of = occasion.at, occasion.as_of
            if is_anything_open:
                cursor.execute(_CLOSE, [*columns, at, as_of, at])
            if is_raised:
                cursor.execute(_RAISE, [*columns, at, at, as_of, at, occasion.actor])
    _tell_placed(changes, rules, occasion)


def _is_waiting(change: Change, rules: Rulebook) -> bool:
    """Say whether a person has to agree before the class that the rules give is entered."""
    return change.waits and change.dimension not in rules.paused


def _is_told(change: Change, occasion: Occasion) -> bool:
    return change.is_move and occasion.is_told


def _tell_placed(changes: Sequence[Change], rules: Rulebook, occasion: Occasion) -> None:
    """Call the functions of `ZHIKE_ON_PLACED` with those who have entered a class, and whether people hear of it."""
    entered = [Entered(c.customer, c.dimension, c.old, c.class_key) for c in changes if c.old != c.class_key]
    for hook in settings.ZHIKE_ON_PLACED if entered else ():
        import_string(hook)(entered, rules, is_told=occasion.is_told)


def _row(change: Change, rules: Rulebook, occasion: Occasion) -> _Row:
    scheme = rules.scheme(change.dimension)
    is_told = _is_told(change, occasion)
    down, up = scheme.is_demotion(change.old, change.class_key), scheme.is_demotion(change.class_key, change.old)
    return _Row(
        customer=change.customer,
        dimension=change.dimension,
        old=change.old,
        class_key=change.class_key,
        waiting_for=change.computed_key if _is_waiting(change, rules) else "",
        source=change.source,
        turns_on=local_day(change.flip, occasion.zone) if change.flip else None,
        next_key=change.next_key,
        falls=change.falls,
        is_demotion=is_told and change.source == "rule" and down,
        is_told=is_told,
        is_usual=down or up,
    )
