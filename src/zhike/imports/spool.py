"""The rows of a file as they were read, one a line, beside the file: from any place in it one can read on.

A line is `[line, nth, cells]` or, where the file's own layout refuses the row, `[line, nth, cells, {"zh", "en"}]`.
`nth` counts rows that say the same: of two equal orders both are orders.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings

from zhike.core.text import Text, fold
from zhike.engine.columns import plain
from zhike.engine.files import Layout, open_table
from zhike.engine.polars import LINE
from zhike.imports.profiles import Profiler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import IO

    from zhike.engine.files import Block
    from zhike.imports.profiles import Profile

ROWS = ".rows"
# Shown before anything happens.
SAMPLE = 8


class Raw(NamedTuple):
    """One row of the file: where it stands there, where it begins and ends here, how many such came before it, and its cells."""

    line: int
    at: int
    end: int
    nth: int
    cells: list[str]
    refused: Text | None


@dataclass(slots=True)
class Spooled:
    """What was found in a file."""

    columns: list[str]
    renamed: Mapping[str, str]
    encoding: str
    separator: str
    total: int = 0
    profiles: dict[str, Profile] = field(default_factory=dict)


def folder() -> Path:
    """Return the folder of imported files, closed to other users of the machine."""
    path: Path = Path(settings.MEDIA_ROOT) / "imports"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def path_of(stored_as: str) -> Path:
    """Return where a file lies. The name was drawn here: anything else is a fault of ours."""
    assert stored_as.isalnum()
    return folder() / stored_as


def rows_path(stored_as: str) -> Path:
    found = path_of(stored_as)
    return found.with_name(found.name + ROWS)


class Kept(NamedTuple):
    """A file that was put away: the name drawn for it, its size and what it is known by."""

    stored_as: str
    size: int
    digest: str


def keep(chunks: Iterable[bytes]) -> Kept:
    """Write a file to disk under a drawn name."""
    name = secrets.token_hex(16)
    size, digest = 0, hashlib.sha256()
    descriptor = os.open(path_of(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        for chunk in chunks:
            size += len(chunk)
            digest.update(chunk)
            target.write(chunk)
    return Kept(name, size, digest.hexdigest())


def forget(stored_as: str) -> None:
    """Take a file and its rows off the disk; they may be gone already."""
    if stored_as:
        path_of(stored_as).unlink(missing_ok=True)
        rows_path(stored_as).unlink(missing_ok=True)


def spool(source: Path, stored_as: str, layout: Layout, progress: Callable[[float], None] | None = None) -> Spooled:
    """Read a file into its rows. What was there of an earlier reading is replaced at once, or not at all."""
    table = open_table(source, layout)
    found = Spooled(list(table.columns), dict(table.renamed), table.encoding, getattr(table, "separator", ""))
    profilers = [Profiler() for _ in found.columns]
    seen: Counter[int] = Counter()
    target = rows_path(stored_as)
    part = target.with_name(target.name + ".part")
    with part.open("wb") as file:
        for piece in table.pieces():
            block = piece.read()
            found.total += _write(file, block, len(found.columns), seen)
            for profiler, name in zip(profilers, found.columns, strict=True):
                profiler.take(block.frame[name].to_list())
            if progress is not None:
                progress(piece.progress)
    part.replace(target)
    found.profiles = {name: made.done() for name, made in zip(found.columns, profilers, strict=True)}
    return found


class _Line(NamedTuple):
    line: int
    cells: list[str]
    reason: Text | None = None


def _write(file: IO[bytes], block: Block, width: int, seen: Counter[int]) -> int:
    """Write the rows of a block, in the order of their lines; a row without any cell is none."""
    rows = [
        _Line(int(str(row[width])), ["" if cell is None else str(cell) for cell in row[:width]])
        for row in _rows(block, width)
    ]
    rows = [row for row in rows if any(row.cells)]
    rows += [_Line(one.line, [*one.cells], one.reason) for one in block.rejected]
    rows.sort(key=lambda row: row.line)
    lines = []
    for row in rows:
        same = hash(tuple(row.cells))
        seen[same] += 1
        whole: list[object] = [row.line, seen[same], row.cells]
        if row.reason is not None:
            whole.append({"zh": row.reason.zh, "en": row.reason.en})
        lines.append(json.dumps(whole, ensure_ascii=False, separators=(",", ":")))
    if lines:
        file.write(("\n".join(lines) + "\n").encode("utf-8", "replace"))
    return len(lines)


def _rows(block: Block, width: int) -> Iterator[tuple[object, ...]]:
    names = block.frame.columns
    order = [*(name for name in names if name != LINE)][:width]
    return block.frame.select(*order, LINE).iter_rows()


def read_rows(stored_as: str, *, at: int = 0, most: int | None = None) -> Iterator[Raw]:
    """Yield the rows from a place on."""
    with rows_path(stored_as).open("rb") as file:
        file.seek(at)
        for count, line in enumerate(file):
            if most is not None and count >= most:
                return
            yield _raw(line, at)
            at += len(line)


def _raw(line: bytes, at: int) -> Raw:
    number, nth, cells, *said = json.loads(line)
    return Raw(number, at, at + len(line), nth, cells, Text(said[0]["zh"], said[0]["en"]) if said else None)


def end_of(stored_as: str) -> int:
    return rows_path(stored_as).stat().st_size


def signature_of(columns: Iterable[str]) -> str:
    """Return what files with the same columns have in common, in whatever order."""
    listed = "\x1f".join(sorted({plain(column) for column in columns}))
    return hashlib.blake2b(fold(listed).encode(), digest_size=16).hexdigest()
