"""Thousands of values in a condition: one parameter, where a list would be a mark in the statement for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models.expressions import RawSQL

if TYPE_CHECKING:
    from collections.abc import Iterable


def among(values: Iterable[int] | Iterable[str]) -> RawSQL:
    """Return what `filter(name__in=…)` takes for many values of one type."""
    listed = list(values)
    if listed and isinstance(listed[0], str):
        return RawSQL("SELECT unnest(%s::text[])", [listed])
    # As the database writes a list: a driver that asks each number for its type is slow.
    return RawSQL("SELECT unnest(%s::bigint[])", [f"{{{','.join(map(str, listed))}}}"])
