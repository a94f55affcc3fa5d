"""Workbooks (XLSX, XLS, ODS): the cells of one sheet, as text.

A workbook is a zip, so it is weighed before it is opened: what unpacks to far more than it is,
spans far more cells than it holds, or is wider than any list of customers, is refused.
"""

from __future__ import annotations

import re
import zipfile
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import python_calamine as calamine

from zhike.engine.errors import FileError
from zhike.engine.opendocument import CONTENT, DAMAGED, cells_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

type Cell = str | int | float | bool | date | datetime | time | timedelta

MAX_UNPACKED = 400 * 2**20
MAX_PART_OF_STYLES = 16 * 2**20
MAX_RATIO = 100
MAX_PARTS = 2_000
MAX_COLUMNS = 1_000
# The reader makes room for the whole rectangle: two cells in opposite corners would take 500 GB.
MAX_SPARSE = 20
MAX_CELLS = 20_000_000
SMALL_RECTANGLE = 2_000_000
# Below this a ratio says nothing.
_SMALL = 4 * 2**20
_STEP = 1 << 20
_OLD = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK\x03\x04"
_WORKBOOK = "xl/workbook.xml"
_PLACE = re.compile(rb"""r=["']([A-Z]{1,3})(\d{1,7})["']""")
_LONGEST_PLACE = 14


def is_workbook(head: bytes) -> bool:
    return head.startswith((_OLD, _ZIP))


def sheet_names(path: Path) -> list[str]:
    """Return the sheets that hold anything, in their order."""
    book = _open(path)
    return [name for index, name in enumerate(book.sheet_names) if book.get_sheet_by_index(index).height]


def rows_of(path: Path, sheet: str = "") -> tuple[int, Iterator[list[str]]]:
    """Return the number of the first row and the rows of a sheet: the first that has any, where none is named."""
    book = _open(path)
    if sheet and sheet not in book.sheet_names:
        listed = "、".join(book.sheet_names)
        raise FileError(f"没有工作表 {sheet}，有：{listed}。", f"there is no sheet {sheet}: {listed}.", path=path.name)
    for index, name in enumerate(book.sheet_names):
        if sheet and name != sheet:
            continue
        found = book.get_sheet_by_index(index)
        if found.height:
            if found.width > MAX_COLUMNS:
                raise _refused(path, f"有 {found.width} 列", f"it has {found.width} columns")
            first = (found.start or (0, 0))[0] + 1
            return first, ([as_text(cell) for cell in row] for row in found.to_python(skip_empty_area=True))
    return 1, iter(())


def _open(path: Path) -> calamine.CalamineWorkbook:
    _weigh(path)
    try:
        return calamine.load_workbook(path)
    except calamine.PasswordError:
        raise FileError(
            "工作簿有密码，请另存为不带密码的文件。",
            "the workbook has a password; save it without one.",
            path=path.name,
        ) from None
    except (calamine.CalamineError, calamine.XmlError, calamine.ZipError, OSError, ValueError) as error:
        raise _not_a_workbook(path, type(error).__name__) from error


def as_text(cell: Cell) -> str:
    """Write a cell as a person would type it: numbers without a needless `.0`, dates as ISO."""
    match cell:
        case bool():
            return "true" if cell else "false"
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
        case datetime():
            return cell.isoformat(sep=" ")
        case date() | time():
            return cell.isoformat()
        case _:
            return str(cell)


def _weigh(path: Path) -> None:
    """Unpack every part without keeping it, and stop at the first that is out of proportion."""
    with path.open("rb") as file:
        if not file.read(4).startswith(_ZIP):
            return
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS:
                raise _refused(path, f"由 {len(parts)} 个部分组成", f"it has {len(parts)} parts")
            if sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise _too_big(path)
            for part in parts:
                _weigh_part(path, archive, part)
            if _WORKBOOK not in archive.namelist():
                _weigh_document(path, archive)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise FileError(
            "文件已损坏，无法解压。", "the file is damaged and cannot be unpacked.", path=path.name
        ) from error


def _weigh_document(path: Path, archive: zipfile.ZipFile) -> None:
    """Count the cells of an OpenDocument: it says how often one repeats, a million times for instance."""
    if CONTENT not in archive.namelist() or "spreadsheet" not in _type_of(archive):
        raise _not_a_workbook(path, "another kind of file")
    try:
        with archive.open(CONTENT) as stream:
            cells = cells_of(stream)
    except DAMAGED as error:
        raise _not_a_workbook(path, type(error).__name__) from error
    if cells > MAX_CELLS:
        raise _refused(path, "的格子重复得太多", "its cells repeat too often")


def _type_of(archive: zipfile.ZipFile) -> str:
    return archive.read("mimetype").decode("ascii", "replace") if "mimetype" in archive.namelist() else ""


def _weigh_part(path: Path, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    limit = MAX_PART_OF_STYLES if "styles" in part.filename else MAX_UNPACKED
    if part.file_size > limit or part.file_size > max(_SMALL, MAX_RATIO * part.compress_size):
        raise _too_big(path)
    unpacked = 0
    rectangle, tail = _Rectangle(), b""
    with archive.open(part) as stream:
        while chunk := stream.read(_STEP):
            unpacked += len(chunk)
            # The size in the directory may be a lie.
            if unpacked > part.file_size:
                raise _too_big(path)
            rectangle.take(tail + chunk)
            tail = chunk[-_LONGEST_PLACE:]
    if rectangle.size > max(SMALL_RECTANGLE, MAX_SPARSE * rectangle.cells):
        raise _refused(path, "的格子散落得太开", "its cells lie too far apart")


class _Rectangle:
    """What the cells of a sheet span, and how many there are."""

    def __init__(self) -> None:
        self.cells = self.last_column = self.last_row = 0

    def take(self, piece: bytes) -> None:
        places = _PLACE.findall(piece)
        if places:
            self.cells += len(places)
            self.last_column = max(self.last_column, *map(_number, {column for column, _ in places}))
            self.last_row = max(self.last_row, *(int(row) for _, row in places))

    @property
    def size(self) -> int:
        return self.last_column * self.last_row


def _number(letters: bytes) -> int:
    """Return the number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number


def _not_a_workbook(path: Path, kind: str) -> FileError:
    return FileError("不是可以读取的 Excel 工作簿。", f"not a readable Excel workbook ({kind}).", path=path.name)


def _too_big(path: Path) -> FileError:
    return _refused(path, "解压后大得不合常理", "it unpacks to an unreasonable size")


def _refused(path: Path, zh: str, en: str) -> FileError:
    return FileError(
        f"工作簿{zh}，已拒绝读取。请另存为 CSV 后再试。",
        f"the workbook is refused: {en}. Save it as CSV and try again.",
        path=path.name,
    )
