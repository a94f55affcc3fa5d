"""The verdicts on rows: written by the thousand, and given back as a file that can be corrected and brought in again."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, NamedTuple

from django.db import connection
from psycopg.types.json import Jsonb

from zhike.core.text import Text
from zhike.engine.safe import as_cell
from zhike.imports.likeness import likeness
from zhike.imports.spool import read_rows, rows_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import TextIO

    from zhike.core.text import Language
    from zhike.imports.models import Import, Row

_COLUMNS = ("imported_id", "line", "at", "verdict", "said", "customer_id", "contact_id", "before", "after")
_NAMES = ", ".join(f'"{name}"' for name in _COLUMNS)
_CHUNK = 5_000


class NewRow(NamedTuple):
    """A verdict that is to be written."""

    line: int
    at: int
    verdict: str
    said: Text
    customer: int | None = None
    contact: int | None = None
    before: Mapping[str, object] = {}
    after: Mapping[str, object] = {}
    dropped: int = 0


def write_rows(imported: Import, rows: Sequence[NewRow]) -> None:
    """Write verdicts by one COPY."""
    with connection.cursor() as cursor, cursor.copy(f"COPY imports_row ({_NAMES}) FROM STDIN") as copy:
        for row in rows:
            said = {"zh": row.said.zh, "en": row.said.en} if row.said.zh else {}
            copy.write_row(
                (
                    imported.pk,
                    row.line,
                    row.at,
                    str(row.verdict),
                    _document(said),
                    row.customer,
                    row.contact,
                    _document(row.before),
                    _document(row.after),
                )
            )


def _document(data: Mapping[str, object]) -> Jsonb | str:
    """Return data as it is written; most rows have none, which needs no writer of JSON."""
    return Jsonb(dict(data)) if data else "{}"


WORDS: Mapping[str, Text] = {
    "created": Text("新建", "created"),
    "updated": Text("更新", "updated"),
    "unchanged": Text("没有变化", "unchanged"),
    "skipped": Text("跳过", "skipped"),
    "review": Text("待确认", "to be reviewed"),
    "rejected": Text("拒绝", "rejected"),
    "undone": Text("已撤销", "undone"),
    "conflict": Text("没有撤销", "not undone"),
}
HEADINGS = (Text("行", "line"), Text("结果", "verdict"), Text("原因", "reason"))


def verdict_lines(imported: Import, language: Language, *, only: str = "") -> Iterator[list[str]]:
    """Yield the heading and every row with its line, verdict, reason and cells.

    Of the refused alone (`only`) the columns are those of the file, the reason behind them, so that the file can be
    corrected and brought in as it is.
    """
    said = [one.get(language) for one in HEADINGS]
    yield [*imported.columns, said[2]] if only else [*said, *imported.columns]
    for rows in _rows(imported, only):
        cells = _cells(imported, rows)
        alike = likeness(rows, imported.owner)
        for row in rows:
            told = (str(row.said.get(language, "")), alike[row.pk].get(language) if row.pk in alike else "")
            reason = ("；" if language == "zh" else "; ").join(filter(None, told))
            there = [as_cell(cell) for cell in cells.get(row.at, ())]
            if only:
                width = len(imported.columns)
                yield [*(there + [""] * width)[:width], reason]
            else:
                yield [str(row.line), WORDS[row.verdict].get(language), reason, *there]


def _rows(imported: Import, only: str) -> Iterator[list[Row]]:
    rows = imported.rows.order_by("line")
    if only:
        rows = rows.filter(verdict=only)
    last = -1
    while page := list(rows.filter(line__gt=last)[:_CHUNK]):
        yield page
        last = page[-1].line


def _cells(imported: Import, rows: Sequence[Row]) -> dict[int, list[str]]:
    """Return place → cells of some rows that follow each other; nothing once the file has been forgotten."""
    if not imported.has_file or not rows or not rows_path(imported.stored_as).exists():
        return {}
    wanted = {row.at for row in rows}
    found: dict[int, list[str]] = {}
    for raw in read_rows(imported.stored_as, at=min(wanted)):
        if raw.at in wanted:
            found[raw.at] = raw.cells
        if raw.at >= max(wanted):
            break
    return found


def write_file(imported: Import, target: TextIO, language: Language, *, only: str = "") -> None:
    """Write the verdicts as CSV."""
    writer = csv.writer(target)
    for cells in verdict_lines(imported, language, only=only):
        writer.writerow(cells)
