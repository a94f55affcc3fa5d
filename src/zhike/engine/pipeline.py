"""Reads the pieces of a table with several threads, in order, a few ahead of what is taken."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from zhike.engine.files import Block, Piece, Table

type Progress = Callable[[float], None]

# Polars works on all cores by itself; a second thread only fills the gaps between its steps.
WORKERS = min(4, max(2, os.cpu_count() or 2))


class _Waiting[T](NamedTuple):
    result: Future[T]
    progress: float


def _read[T](piece: Piece, work: Callable[[Block], T]) -> T:
    return work(piece.read())


def read_all[T](table: Table, work: Callable[[Block], T], on_progress: Progress | None = None) -> Iterator[T]:
    """Yield `work(block)` for every block of the table."""
    waiting: deque[_Waiting[T]] = deque()

    def take() -> T:
        done = waiting.popleft()
        result = done.result.result()
        if on_progress is not None:
            on_progress(done.progress)
        return result

    with ThreadPoolExecutor(WORKERS) as pool:
        try:
            for piece in table.pieces():
                waiting.append(_Waiting(pool.submit(_read, piece, work), piece.progress))
                if len(waiting) > WORKERS:
                    yield take()
            while waiting:
                yield take()
        finally:
            pool.shutdown(cancel_futures=True)
