"""Rows read ahead: while the database stores one step of an import, a thread reads what the next one says.

Reading asks the database nothing and changes nothing. What was read ahead counts only if the next step begins where it
does and knows of the company what this one knew; else it is read again. Of one import at a time one step is kept.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from zhike.imports.reading import Given, Reader
    from zhike.imports.spool import Raw


class _Kept(NamedTuple):
    """What is being read: of which file, from which place, by which reader, and what it will be."""

    file: str
    at: int
    reader: Reader
    givens: Future[list[Given]]


class Ahead:
    """The step that is read ahead, if any."""

    def __init__(self) -> None:
        self._thread: ThreadPoolExecutor | None = None
        self._kept: _Kept | None = None

    def read(self, file: str, at: int, reader: Reader, rows: Callable[[], Sequence[Raw]]) -> None:
        """Begin to read the rows from a place on, unless they name somebody whom only the database knows."""
        if reader.asks:
            return
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="ahead")
        self._kept = _Kept(file, at, reader, self._thread.submit(lambda: reader.read(rows())))

    def take(self, file: str, at: int, reader: Reader) -> list[Given] | None:
        """Return what was read of this step, once, or nothing."""
        kept, self._kept = self._kept, None
        if kept is None or (kept.file, kept.at) != (file, at) or not kept.reader.is_like(reader):
            return None
        return kept.givens.result()
