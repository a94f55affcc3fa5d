"""Pairs of customers who may be one, and merges of records that were."""

from __future__ import annotations

from zhike.duplicates.models.merges import Merge
from zhike.duplicates.models.pairs import Pair

__all__ = ["Merge", "Pair"]
