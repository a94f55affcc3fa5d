"""Writes results: all files or none. Each is written beside its place first and then put there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Self

import narwhals as nw

from zhike.core.text import is_decodable
from zhike.engine import polars
from zhike.engine.errors import FileError, OptionError
from zhike.engine.safe import guarded

if TYPE_CHECKING:
    from pathlib import Path

    from zhike.engine.polars import Frame

FORMS = {".csv": "csv", ".xlsx": "xlsx", ".parquet": "parquet"}
MAX_SHEET_ROWS = 1_048_575


_TROUBLE: dict[type[OSError], tuple[str, str]] = {
    FileNotFoundError: ("没有这个文件夹", "there is no such folder"),
    NotADirectoryError: ("没有这个文件夹", "there is no such folder"),
    PermissionError: ("没有写的权限", "writing is not permitted"),
}


class Outputs:
    """Files that appear together at the end, or not at all; use as a context."""

    def __init__(self) -> None:
        self._pending: list[tuple[Path, Path]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        for draft, place in self._pending:
            if kind is None:
                draft.replace(place)
            else:
                draft.unlink(missing_ok=True)

    def place_for(self, path: Path) -> Path:
        """Return where to write what shall stand at `path`. Raises `FileError` when nothing can."""
        if not is_decodable(path.name):
            raise FileError(
                "文件名里有不是 UTF-8 的字节，请换一个名字。",
                "its name holds bytes that are not UTF-8; choose another.",
                path=str(path),
            )
        draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        self._pending.append((draft, path))  # first, for whoever is interrupted in between
        try:
            draft.touch()
        except OSError as error:
            self._pending.pop()
            zh, en = _TROUBLE.get(type(error), (str(error.strerror), str(error.strerror)))
            raise FileError(f"写不到这里：{zh}。", f"cannot be written: {en}.", path=str(path)) from error
        return draft


def form_of(path: Path) -> str:
    """Return csv, xlsx or parquet. Raises `OptionError` for another ending."""
    try:
        return FORMS[path.suffix.lower()]
    except KeyError:
        raise OptionError(
            f"--out 应以 .csv、.xlsx 或 .parquet 结尾，这里是 {path.name}。",
            f"--out ends in .csv, .xlsx or .parquet; found {path.name}.",
        ) from None


def write_table(frame: Frame, path: Path, form: str, *, title: str) -> None:
    """Write a frame; text that a spreadsheet might compute is guarded."""
    if form == "xlsx":
        _write_sheet(frame, path, title)
    elif form == "parquet":
        polars.write_parquet(frame, path)
    else:
        texts = [name for name, kind in frame.schema.items() if kind == nw.String]
        polars.write_csv(frame.with_columns(*[guarded(name) for name in texts]), path)


def _write_sheet(frame: Frame, path: Path, title: str) -> None:
    """Write a workbook of text cells: nothing in it is a formula."""
    import xlsxwriter  # noqa: PLC0415  slow to import, only for this form

    if len(frame) > MAX_SHEET_ROWS:
        raise OptionError(
            f"共 {len(frame):,} 行，超过 Excel 一张表的 {MAX_SHEET_ROWS:,} 行。请改用 .csv 或 .parquet。",
            f"{len(frame):,} rows are more than the {MAX_SHEET_ROWS:,} of a sheet. Use .csv or .parquet.",
        )
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet(title[:31])
        bold = book.add_format({"bold": True})
        for column, name in enumerate(frame.columns):
            sheet.write_string(0, column, name, bold)
            sheet.set_column(column, column, 18)
        sheet.freeze_panes(1, 1)
        for row, cells in enumerate(frame.iter_rows(), start=1):
            for column, cell in enumerate(cells):
                if cell is not None:
                    sheet.write_string(row, column, str(cell))
