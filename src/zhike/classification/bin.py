"""What becomes of the classes of customers in the bin: they are put aside, and put back when a customer returns.

So nobody who counts, warns or places has to ask about the bin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from zhike.classification.models import CustomerFacts, Placement, Shelved, Staged

if TYPE_CHECKING:
    from collections.abc import Sequence

_PUT_ASIDE = """
INSERT INTO classification_shelved (customer_id, placements)
SELECT c.id, (SELECT coalesce(jsonb_agg(to_jsonb(p)), '[]') FROM classification_placement p WHERE p.customer_id = c.id)
  FROM unnest(%s::bigint[]) AS c (id)
ON CONFLICT (customer_id) DO UPDATE SET placements = excluded.placements
"""

# What the rules have given up meanwhile is not put back.
_PUT_BACK = """
INSERT INTO classification_placement
SELECT p.* FROM classification_shelved s, jsonb_populate_recordset(NULL::classification_placement, s.placements) p
 WHERE s.customer_id = ANY(%s)
   AND p.dimension IN (SELECT dimension FROM classification_scheme WHERE current_id IS NOT NULL)
ON CONFLICT DO NOTHING
"""


def leave_classes(ids: Sequence[int]) -> None:
    """Put the classes of these customers aside; the caller has locked them."""
    with connection.cursor() as cursor:
        cursor.execute(_PUT_ASIDE, [list(ids)])
    Placement.objects.filter(customer__in=ids).delete()
    CustomerFacts.objects.filter(customer__in=ids).delete()
    Staged.objects.filter(customer__in=ids).delete()


def return_to_classes(ids: Sequence[int]) -> None:
    """Put these customers where they stood; whoever calls places them again."""
    with connection.cursor() as cursor:
        cursor.execute(_PUT_BACK, [list(ids)])
    Shelved.objects.filter(customer__in=ids).delete()
