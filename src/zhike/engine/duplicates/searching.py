"""The search over a whole list: blocked, compared, weighed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from zhike.core.duplicates.evidence import POSSIBLE, Pair
from zhike.core.duplicates.records import count
from zhike.engine.duplicates.blocking import pairs_of
from zhike.engine.duplicates.comparing import compare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from zhike.core.duplicates.records import Record

# So many pairs are compared between two reports of progress.
CHUNK = 5_000


def search(
    records: Sequence[Record],
    *,
    least: float = POSSIBLE,
    with_keys: bool = False,
    since: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[Pair]:
    """Yield the pairs of a list that score at least `least` bits, or with `with_keys` share a key that few have.

    With `since` only those of which one stands at that place of the list or behind it. `progress` hears of pairs done and
    in all.
    """
    counts = count(records)
    pairs = pairs_of(records)
    if since:
        pairs = pairs.filter(pl.col("b") >= since)
    done = 0
    for chunk in pairs.iter_slices(CHUNK):
        if progress is not None:
            progress(done, pairs.height)
        for a, b in chunk.iter_rows():
            one, other = records[a], records[b]
            found = compare(one, other, counts)
            if (found.score >= least and found.is_founded) or (with_keys and found.shares_key):
                yield Pair(min(one.id, other.id), max(one.id, other.id), found)
        done += chunk.height
    if progress is not None:
        progress(done, pairs.height)
