"""Writes: the search over everybody, and over some who are new or were changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.base.clock import now
from zhike.base.garbage import uncollected
from zhike.core.duplicates.evidence import Pair as FoundPair
from zhike.customers.models import Customer
from zhike.duplicates.actions.pairs import Stored, forget_unfound, group_pairs, store_pairs
from zhike.duplicates.candidates import look_up
from zhike.duplicates.reading import read_everybody, read_some

if TYPE_CHECKING:
    from collections.abc import Collection

    from zhike.jobs.kinds import Progress


def search_everybody(progress: Progress) -> Stored:
    """Compare everybody with everybody who shares a key; write what is found, forget what no longer is.

    Nothing is written before all is compared: stopped or killed, it has changed nothing.
    """
    from zhike.engine.duplicates.searching import search  # noqa: PLC0415  it brings the frames

    began = now()
    progress(0, 0)
    with uncollected():
        records = list(read_everybody())
        found = list(search(records, with_keys=True, progress=progress))
        del records
    stored = store_pairs(found, at=began)
    forget_unfound(before=began)
    group_pairs()
    return stored


def search_for(ids: Collection[int]) -> Stored:
    """Compare some customers, who are new or were changed, with whoever shares a key with them."""
    began = now()
    found: dict[tuple[int, int], FoundPair] = {}
    for record in read_some(Customer.present.filter(pk__in=ids).order_by("pk")):
        for other, comparison in look_up(record):
            low, high = sorted((record.id, other))
            found[low, high] = FoundPair(low, high, comparison)
    stored = store_pairs(list(found.values()), at=began)
    forget_unfound(before=began, of=ids)
    if stored.open:
        group_pairs()
    return stored
