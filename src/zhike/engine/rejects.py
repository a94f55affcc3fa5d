"""Keeps what was refused: every row on disk with its line and reason, a count per reason in memory."""

from __future__ import annotations

import csv
import tempfile
from collections import Counter
from itertools import islice
from os import SEEK_END
from typing import TYPE_CHECKING, NamedTuple, Self

from zhike.core.text import Text
from zhike.engine.safe import as_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from zhike.core.text import Language
    from zhike.engine.errors import Rejection

_SAMPLES = 200
# A refused cell of 200 KB need not be repeated in full for a person to recognise its row.
_SHOWN = 1_000


class Refused(NamedTuple):
    """A refused row, with the name of its file."""

    file: str
    row: Rejection


class Rejects:
    """Collects refused rows of several files; use as a context."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, Text]] = Counter()
        self.samples: list[Refused] = []
        self._spool = tempfile.TemporaryFile("w+", encoding="utf-8", newline="")  # noqa: SIM115  closed on exit
        self._writer = csv.writer(self._spool)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._spool.close()

    def __len__(self) -> int:
        return self.counts.total()

    def add(self, file: str, rows: Iterable[Rejection]) -> None:
        for row in rows:
            self.counts[file, row.reason] += 1
            if len(self.samples) < _SAMPLES:
                self.samples.append(Refused(file, row))
            cells = [as_cell(cell[:_SHOWN]) for cell in row.cells]
            self._writer.writerow([file, row.line, row.reason.zh, row.reason.en, *cells])

    def told(self, *, since: int = 0) -> Iterator[tuple[int, Text]]:
        """Yield line and reason of the rows that were added after the first `since`, in the order in which they were."""
        self._spool.seek(0)
        for _file, line, zh, en, *_cells in islice(csv.reader(self._spool), since, None):
            yield int(line), Text(zh, en)
        self._spool.seek(0, SEEK_END)

    def write(self, path: Path, language: Language) -> None:
        """Write file, line, reason and the row's cells, with a mark so that spreadsheets see UTF-8."""
        self._spool.seek(0)
        with path.open("w", encoding="utf-8-sig", newline="") as target:
            writer = csv.writer(target)
            writer.writerow(["file", "line", "reason", "row"])
            for file, line, zh, en, *cells in csv.reader(self._spool):
                writer.writerow([file, line, zh if language == "zh" else en, *cells])
