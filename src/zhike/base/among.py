"""Thousands of values in a condition: one parameter, where a list would be a mark in the statement for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models.expressions import RawSQL

if TYPE_CHECKING:
    from collections.abc import Iterable


def among(values: Iterable[int] | Iterable[str]) -> RawSQL:
    """Return what `filter(name__in=…)` takes for many values of one type."""
    listed = list(values)
    type_ = "text" if listed and isinstance(listed[0], str) else "bigint"
    return RawSQL(f"SELECT unnest(%s::{type_}[])", [listed])  # noqa: S611  two literals
