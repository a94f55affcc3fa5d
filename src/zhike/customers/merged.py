"""Reads of records that were merged into others: who they are now, and what they were called.

A merged record stays as a row that leads on, perhaps through several that were merged in their turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from zhike.base.among import among
from zhike.customers.models import Customer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

_SURVIVORS = """
WITH RECURSIVE led (id, now) AS (
    SELECT id, merged_into_id FROM customers_customer WHERE id = ANY(%s) AND merged_into_id IS NOT NULL
    UNION ALL
    SELECT l.id, c.merged_into_id FROM led l JOIN customers_customer c ON c.id = l.now WHERE c.merged_into_id IS NOT NULL
)
SELECT l.id, l.now FROM led l JOIN customers_customer c ON c.id = l.now WHERE c.merged_into_id IS NULL
"""
_ABSORBED = """
WITH RECURSIVE led (survivor, id) AS (
    SELECT merged_into_id, id FROM customers_customer WHERE merged_into_id = ANY(%s)
    UNION ALL
    SELECT l.survivor, c.id FROM led l JOIN customers_customer c ON c.merged_into_id = l.id
)
SELECT survivor, id FROM led ORDER BY survivor, id
"""


def survivors(ids: Collection[int]) -> dict[int, int]:
    """Return merged record → the one that it is now; whoever was not merged is left out."""
    with connection.cursor() as cursor:
        cursor.execute(_SURVIVORS, [list(ids)])
        return dict(cursor.fetchall())


def absorbed(ids: Collection[int]) -> dict[int, list[int]]:
    """Return customer → the records that were merged into it, at once or by way of others."""
    found: dict[int, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_ABSORBED, [list(ids)])
        for survivor, pk in cursor.fetchall():
            found.setdefault(survivor, []).append(pk)
    return found


def former_names(ids: Collection[int]) -> Mapping[int, Sequence[tuple[str, str]]]:
    """Return customer → name and key of each record that was merged into it."""
    merged = absorbed(ids)
    if not merged:
        return {}
    rows = Customer.objects.filter(pk__in=[pk for group in merged.values() for pk in group], erased_at=None)
    named = {pk: (name, key or "") for pk, name, key in rows.values_list("pk", "name", "key")}
    return {survivor: [named[pk] for pk in group if pk in named] for survivor, group in merged.items()}


def keys_held(keys: Iterable[str]) -> dict[str, int]:
    """Return key → the customer who has it, or into whom whoever had it was merged."""
    wanted = list(keys)
    if not wanted:
        return {}
    rows = Customer.objects.filter(key__in=among(wanted)).values_list("key", "pk", "merged_into")
    found = {key: (pk, into) for key, pk, into in rows if key is not None}
    moved = [pk for pk, into in found.values() if into is not None]
    now = survivors(moved) if moved else {}
    return {key: now.get(pk, pk) for key, (pk, _) in found.items()}
