"""Opens a table, whatever it is written in, and hands over its rows as text, block by block.

Regular stretches are read by Polars at full speed; an irregular stretch is read row by row, and
what cannot be used is named by its line. Text is recognised by content, not by the file's name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, Protocol

from zhike.engine import encodings, polars, records, sheets, vcards
from zhike.engine.dialect import SEPARATORS, Header, header_at, header_of, header_row, names_of, separator_of
from zhike.engine.errors import FileError, Rejection
from zhike.engine.records import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from zhike.engine.polars import Frame

BLOCK = 8 << 20
_PARQUET = b"PAR1"
_HEAD = 1 << 18
# What stands for bytes that could not be decoded.
_REPLACED = "\ufffd".encode()


class Block(NamedTuple):
    """Some rows as text (column `polars.LINE` says where each begins), and those refused."""

    frame: Frame
    rejected: tuple[Rejection, ...]


class Layout(NamedTuple):
    """How a file is laid out, as far as a person says so; what is empty is recognised.

    `header` is the line of the names of the columns, `NO_HEADER` where there are none.
    """

    encoding: str = ""
    separator: str = ""
    header: int = 0
    sheet: str = ""


NO_HEADER = -1
AS_IT_IS = Layout()


class Piece(NamedTuple):
    """A block that is yet to be read, so that several can be read at once; and how far it reaches."""

    read: Callable[[], Block]
    progress: float


def _ready(block: Block) -> Block:
    return block


class Table(Protocol):
    """A file with named columns. `renamed` has those whose name stood there before, with that name."""

    @property
    def path(self) -> Path: ...
    @property
    def columns(self) -> tuple[str, ...]: ...
    @property
    def renamed(self) -> Mapping[str, str]: ...
    @property
    def encoding(self) -> str: ...
    def pieces(self) -> Iterator[Piece]: ...


def open_table(path: Path, layout: Layout = AS_IT_IS) -> Table:
    """Open CSV in any common encoding, a workbook, address cards or Parquet. Raises `FileError`."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except FileNotFoundError:
        raise FileError("找不到这个文件。", "there is no such file.", path=str(path)) from None
    except IsADirectoryError:
        raise FileError("这是一个文件夹。", "this is a folder.", path=str(path)) from None
    except OSError as error:
        raise FileError(
            f"打不开文件：{error.strerror}。", f"cannot be opened: {error.strerror}.", path=str(path)
        ) from error
    if head.startswith(_PARQUET):
        return _parquet(path)
    if sheets.is_workbook(head):
        return _sheet(path, layout)
    if vcards.is_vcard(head):
        return _cards(path, layout)
    return _text(path, layout)


def _empty(path: Path) -> FileError:
    return FileError(
        "文件是空的，至少要有一行列名。", "the file is empty; it needs at least a line of column names.", path=path.name
    )


def _parquet(path: Path) -> Table:
    try:
        return ParquetTable(path, polars.parquet_names(path))
    except Exception as error:
        raise FileError("不是可以读取的 Parquet 文件。", "not a readable Parquet file.", path=path.name) from error


def _sheet(path: Path, layout: Layout) -> Table:
    first, rows = sheets.rows_of(path, layout.sheet)
    top = list(islice(rows, 50))
    if not any(any(row) for row in top):
        raise _empty(path)
    if layout.header == NO_HEADER:
        at, names = -1, names_of([""] * max(map(len, top)))
    else:
        at = header_row(top) if layout.header < first else min(layout.header - first, len(top) - 1)
        names = names_of(top[at])
    width = len(names.columns)
    kept = [Record(row[:width], first + at + 1 + index, 1) for index, row in enumerate([*top[at + 1 :], *rows])]
    return SheetTable(path, *names, kept)


def _cards(path: Path, layout: Layout) -> Table:
    encoding = encodings.told(path, layout.encoding) if layout.encoding else encodings.detect(path)
    cards = vcards.read(path, encoding)
    return SheetTable(path, vcards.COLUMNS, {}, cards.good, "vcard", tuple(cards.rejected))


def _text(path: Path, layout: Layout) -> Table:
    encoding = encodings.told(path, layout.encoding) if layout.encoding else encodings.detect(path)
    head = b""
    for chunk in encodings.chunks(path, encoding):
        head += chunk
        if len(head) >= _HEAD:
            break
    returns = b"\n" not in head and b"\r" in head
    text = (head.replace(b"\r", b"\n") if returns else head).decode("utf-8", "replace")
    if not text.strip("\ufeff\0 \t\r\n"):
        raise _empty(path)
    if text.count("\0") > max(20, len(text) // 20):
        raise FileError(
            "这不是文本文件，也不是 Excel 或 Parquet 文件。", "neither text nor Excel nor Parquet.", path=path.name
        )
    separator = layout.separator if layout.separator in SEPARATORS else separator_of(text)
    header = _header(text, separator, layout.header)
    return TextTable(path, *header.names, encoding, separator, header.lines, returns=returns)


def _header(text: str, separator: str, line: int) -> Header:
    if line == 0:
        return header_of(text, separator)
    found = header_at(text, separator, max(line, 1))
    if line == NO_HEADER:
        return Header(names_of([""] * len(found.names.columns)), 0)
    return found


@dataclass(frozen=True, slots=True)
class ParquetTable:
    path: Path
    columns: tuple[str, ...]
    renamed: Mapping[str, str] = field(default_factory=dict)
    encoding: str = "parquet"

    def pieces(self) -> Iterator[Piece]:
        for frame, progress in polars.parquet_rows(self.path):
            block = Block(frame, ())
            yield Piece(partial(_ready, block), progress)


@dataclass(frozen=True, slots=True)
class SheetTable:
    path: Path
    columns: tuple[str, ...]
    renamed: Mapping[str, str]
    rows: list[Record]
    encoding: str = "xlsx"
    refused: tuple[Rejection, ...] = ()

    def pieces(self) -> Iterator[Piece]:
        width = len(self.columns)
        good = [row for row in self.rows if any(row.cells)]
        rejected = [fault for row in good if (fault := _cell_fault(row))]
        refused = {fault.line for fault in rejected}
        block = _block(
            self.columns, [row for row in good if row.line not in refused], [*self.refused, *rejected], width
        )
        yield Piece(partial(_ready, block), 1.0)


def _cell_fault(row: Record) -> Rejection | None:
    if any("\0" in cell for cell in row.cells):
        return Rejection(row.line, records.NUL, tuple(row.cells))
    if any(len(cell) > records.MAX_CELL for cell in row.cells):
        return Rejection(row.line, records.TOO_LONG, tuple(row.cells))
    return None


def _block(names: tuple[str, ...], good: list[Record], rejected: list[Rejection], width: int) -> Block:
    columns = records.columns_of(good, width)
    frame = polars.text_rows(dict(zip(names, columns, strict=True)), [record.line for record in good])
    return Block(frame, tuple(rejected))


@dataclass(frozen=True, slots=True)
class TextTable:
    path: Path
    columns: tuple[str, ...]
    renamed: Mapping[str, str]
    encoding: str
    separator: str
    skip: int
    returns: bool = False

    def pieces(self) -> Iterator[Piece]:
        """Cut the text at line ends; where a quote may span lines, read on the spot."""
        size = max(1, self.path.stat().st_size)
        # Text is at least about as long in UTF-8 as in the other encodings: good enough for a bar.
        seen = 0
        rest, line = b"", self.skip + 1
        for data, last in self._stretches():
            seen += len(data)
            stretch = rest + data if rest else data
            rest = b""
            progress = min(1.0, seen / size)
            if b'"' in stretch and not self._is_plain(stretch):
                found = self._slowly(stretch, line, last=last)
                rest = found.unfinished.encode()
                block = _block(self.columns, found.good, found.rejected, len(self.columns))
                yield Piece(partial(_ready, block), progress)
            else:
                yield Piece(partial(self._read, stretch, line), progress)
            line += stretch.count(b"\n") - rest.count(b"\n")

    def _is_plain(self, stretch: bytes) -> bool:
        """Say whether no quote of the stretch reaches beyond its line."""
        return polars.is_regular(stretch, self.separator, len(self.columns))

    def _read(self, stretch: bytes, line: int) -> Block:
        broken = self.encoding == encodings.BROKEN and _REPLACED in stretch
        if not broken and not _has_long_line(stretch):
            frame = polars.csv_rows(stretch, separator=self.separator, names=self.columns, first_line=line)
            if frame is not None:
                return Block(frame, ())
        found = self._slowly(stretch, line, last=True)
        return _block(self.columns, found.good, found.rejected, len(self.columns))

    def _slowly(self, stretch: bytes, line: int, *, last: bool) -> records.Records:
        # A quote that is still open after so much text is a slip, not a long cell.
        return records.read(
            stretch.decode("utf-8", "replace"),
            separator=self.separator,
            width=len(self.columns),
            first_line=line,
            last=last or len(stretch) > 2 * BLOCK,
            broken=self.encoding == encodings.BROKEN,
        )

    def _stretches(self) -> Iterator[tuple[bytes, bool]]:
        """Yield the text below the header in whole lines, and whether it is the last of it."""
        whole = self._whole_lines() if self.encoding == "utf-8" and not self.returns else self._decoded_lines()
        pending: bytes | None = None
        for text in whole:
            if pending is not None:
                yield pending, False
            pending = text
        if pending is not None:
            yield pending, True

    def _whole_lines(self) -> Iterator[bytes]:
        """Read the file as it is: a block, and on to the end of its last line."""
        with self.path.open("rb") as file:
            for _ in range(self.skip):
                file.readline()
            while text := file.read(BLOCK):
                yield text if text.endswith(b"\n") else text + file.readline()

    def _decoded_lines(self) -> Iterator[bytes]:
        rest, skip = b"", self.skip
        for chunk in encodings.chunks(self.path, self.encoding, BLOCK):
            text = rest + (chunk.replace(b"\r", b"\n") if self.returns else chunk)
            text, skip = _without_lines(text, skip)
            end = 0 if skip else text.rfind(b"\n") + 1
            rest = text[end:]
            if end:
                yield text[:end]
        if rest and not skip:
            yield rest


def _without_lines(text: bytes, count: int) -> tuple[bytes, int]:
    """Take `count` lines off the front; return the rest and how many lines are still to go."""
    at = 0
    while count and (end := text.find(b"\n", at)) >= 0:
        at = end + 1
        count -= 1
    return text[at:] if at else text, count


def _has_long_line(stretch: bytes) -> bool:
    """Look for a line longer than a cell may be, by jumps of that length."""
    at = 0
    while at + records.MAX_CELL < len(stretch):
        end = stretch.rfind(b"\n", at, at + records.MAX_CELL)
        if end < 0:
            return True
        at = end + 1
    return False
