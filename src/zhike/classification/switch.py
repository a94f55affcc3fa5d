"""Placements that were prepared aside are put in the place of those that stand, by a few set-wise statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection

from zhike.base.clock import now
from zhike.classification.models import Staged
from zhike.classification.store import CHANGE_COLUMNS, PUT_PLACEMENTS, change_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zhike.classification.models import Publication
    from zhike.classification.store import Change, Occasion


def copy_staged(publication: int, changes: Sequence[Change], occasion: Occasion) -> None:
    """Keep placements by rules that are not in force yet."""
    columns = f"publication_id, customer_id, old_key, staged_at, {CHANGE_COLUMNS}"
    with connection.cursor() as cursor, cursor.copy(f"COPY classification_staged ({columns}) FROM STDIN") as copy:
        for change in changes:
            copy.write_row((publication, change.customer, change.old, occasion.at, *change_row(change)))


_LEAVE_OUT = """
DELETE FROM classification_staged s USING classification_customerfacts f
 WHERE s.publication_id = %(publication)s AND f.customer_id = s.customer_id AND f.placed_at > s.staged_at
"""
_PUT = f"""
INSERT INTO classification_placement AS p (customer_id, since, {CHANGE_COLUMNS})
SELECT customer_id, %(day)s, {CHANGE_COLUMNS} FROM classification_staged WHERE publication_id = %(publication)s
{PUT_PLACEMENTS}
"""  # noqa: S608  literals
# The same columns as `timeline.rows.COLUMNS`, and the data that `store.change_event` writes.
_TELL = """
INSERT INTO timeline_event
       (customer_id, kind, occurred_at, day, recorded_at, actor_id, channel, source, currency, subject_type,
        subject_id, data, key)
SELECT s.customer_id, 'class.changed', %(at)s, %(day)s, %(at)s, NULL, '', '', '', '', '',
       jsonb_build_object('dimension', s.dimension, 'from', s.old_key, 'to', s.class_key, 'since', p.since,
                          'source', s.source, 'version', v.number, 'reason', s.reason, 'recomputed', 'rules'), ''
  FROM classification_staged s JOIN classification_schemeversion v ON v.id = s.version_id
  JOIN classification_placement p ON p.customer_id = s.customer_id AND p.dimension = s.dimension
 WHERE s.publication_id = %(publication)s AND s.old_key NOT IN ('', s.class_key)
"""
_MOVES = """
SELECT dimension, old_key, class_key, count(*) FROM classification_staged
 WHERE publication_id = %(publication)s AND old_key NOT IN ('', class_key) GROUP BY 1, 2, 3 ORDER BY 1, 4 DESC, 2, 3
"""
_ACKNOWLEDGE = """
WITH touched AS (
    SELECT c.owner_id, count(DISTINCT s.customer_id) AS customers
      FROM classification_staged s JOIN customers_customer c ON c.id = s.customer_id
      JOIN accounts_user u ON u.id = c.owner_id AND u.is_active
     WHERE s.publication_id = %(publication)s AND s.old_key NOT IN ('', s.class_key) GROUP BY 1
),
asked AS (
    INSERT INTO classification_acknowledgement (publication_id, user_id, customers)
    SELECT %(publication)s, owner_id, customers FROM touched ON CONFLICT DO NOTHING
)
INSERT INTO classification_notification
       (user_id, kind, dimension, from_key, to_key, text, created_at)
SELECT owner_id, 'rules', %(dimension)s, '', '', customers::text, %(at)s FROM touched
"""
_CLOSE_REVIEWS = """
UPDATE classification_review r SET state = 'obsolete', decided_at = %(at)s
  FROM classification_staged s
 WHERE s.publication_id = %(publication)s AND r.customer_id = s.customer_id AND r.dimension = s.dimension
   AND r.state = 'open' AND r.kind IN ('suggestion', 'demotion', 'warning')
"""
_RAISE_REVIEWS = """
INSERT INTO classification_review
       (customer_id, dimension, kind, from_key, to_key, created_at, state, said, answer)
SELECT customer_id, dimension, 'suggestion', class_key, computed_key, %(at)s, 'open', '', ''
  FROM classification_staged
 WHERE publication_id = %(publication)s AND source = 'rule' AND class_key <> computed_key
ON CONFLICT DO NOTHING
"""


def switch_placements(publication: Publication, occasion: Occasion) -> dict[str, list[list[object]]]:
    """Write what was placed aside, with its history and what follows from it; return the moves by dimension."""
    dimension = publication.versions.order_by("scheme__position").values_list("scheme__dimension", flat=True).first()
    values: dict[str, Any] = {
        "publication": publication.pk,
        "day": occasion.as_of,
        "at": now(),
        "dimension": dimension or "",
    }
    moves: dict[str, list[list[object]]] = {}
    with connection.cursor() as cursor:
        for statement in (_LEAVE_OUT, _TELL, _PUT, _CLOSE_REVIEWS, _RAISE_REVIEWS, _ACKNOWLEDGE):
            cursor.execute(statement, values)
        cursor.execute(_MOVES, values)
        for where, old, new, customers in cursor.fetchall():
            moves.setdefault(where, []).append([old, new, customers])
    Staged.objects.filter(publication=publication).delete()
    return moves
