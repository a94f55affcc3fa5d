"""Addresses of many rows on one page: the pattern is looked up once, not for each row."""

from __future__ import annotations

from functools import lru_cache

from django.urls import get_script_prefix, reverse

# A number that no address has beside it.
_PLACE = 7_018_260_347


def address_of(name: str, pk: int) -> str:
    """Return the address `name` of the row with this number, as `reverse` gives it."""
    before, after = _around(name, get_script_prefix())
    return f"{before}{pk}{after}"


@lru_cache(maxsize=256)
def _around(name: str, _prefix: str) -> tuple[str, str]:
    before, _, after = reverse(name, args=[_PLACE]).partition(str(_PLACE))
    return before, after
