"""Any set of customers, placed set-wise."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def place_customers(ids: Sequence[int]) -> None:
    """Place these customers again."""
