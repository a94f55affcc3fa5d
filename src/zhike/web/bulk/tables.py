"""Writing a table row by row, as CSV or as a workbook, in memory that does not grow with it.

Nothing in the file is a formula, and nothing becomes one when it is opened: in a workbook text is text, and in
CSV what could be taken for a formula wears an apostrophe that our own reader takes off again.
"""

from __future__ import annotations

import csv
from abc import ABC, abstractmethod
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Self

from zhike.core.money import minor_digits, symbol
from zhike.engine.output import MAX_SHEET_ROWS
from zhike.engine.safe import as_cell
from zhike.web.bulk.columns import Form

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

    from zhike.web.bulk.columns import Column, Value

CSV, XLSX = "csv", "xlsx"
MOST_ROWS = {CSV: None, XLSX: MAX_SHEET_ROWS}


class Table(ABC):
    """A file that takes rows; use as a context."""

    def __init__(self, path: Path, columns: Sequence[Column], currency: str) -> None:
        self._path, self._columns = path, columns
        self._currency, self._digits = currency, minor_digits(currency)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def write(self, cells: Sequence[Value]) -> None: ...

    @abstractmethod
    def close(self) -> None: ...

    def _major(self, minor: Value) -> Decimal:
        """Return an amount as people count it."""
        return Decimal(str(minor)).scaleb(-self._digits)


class CsvTable(Table):
    """UTF-8 with the mark by which spreadsheets know it."""

    def __init__(self, path: Path, columns: Sequence[Column], currency: str) -> None:
        super().__init__(path, columns, currency)
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow([as_cell(column.label) for column in columns])

    def write(self, cells: Sequence[Value]) -> None:
        pairs = zip(self._columns, cells, strict=True)
        self._writer.writerow([self._text(column.form, cell) for column, cell in pairs])

    def _text(self, form: Form, cell: Value) -> str:
        if cell is None or cell == "":
            return ""
        match form:
            case Form.TEXT:
                return as_cell(str(cell))
            case Form.MONEY:
                return f"{self._major(cell):f}"
            case Form.MOMENT if isinstance(cell, datetime):
                return f"{cell:%Y-%m-%d %H:%M}"
            case Form.NUMBER if isinstance(cell, Decimal):
                return f"{cell.normalize():f}"
            case _:
                return str(cell)

    def close(self) -> None:
        self._file.close()


class Workbook(Table):
    """One sheet whose rows go to the disk as they come."""

    def __init__(self, path: Path, columns: Sequence[Column], currency: str) -> None:
        import xlsxwriter  # noqa: PLC0415  slow to import, only for this form

        super().__init__(path, columns, currency)
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "tmpdir": str(path.parent),
        }
        self._book = xlsxwriter.Workbook(str(path), options)
        self._sheet = self._book.add_worksheet()
        money = f'"{symbol(currency)}"#,##0' + (f".{'0' * self._digits}" if self._digits else "")
        formats = {Form.DATE: "yyyy-mm-dd", Form.MOMENT: "yyyy-mm-dd hh:mm", Form.MONEY: money}
        self._formats = {form: self._book.add_format({"num_format": text}) for form, text in formats.items()}
        bold = self._book.add_format({"bold": True})
        self._sheet.freeze_panes(1, 1)
        self._sheet.set_column(0, len(columns) - 1, 18)
        for at, column in enumerate(columns):
            self._sheet.write_string(0, at, column.label, bold)
        self._row = 1

    def write(self, cells: Sequence[Value]) -> None:
        sheet, row = self._sheet, self._row
        for at, (column, cell) in enumerate(zip(self._columns, cells, strict=True)):
            if cell is None or cell == "":
                continue
            style = self._formats.get(column.form)
            match column.form:
                case Form.TEXT:
                    sheet.write_string(row, at, str(cell))
                case Form.DATE:
                    sheet.write_datetime(row, at, cell, style)
                case Form.MOMENT if isinstance(cell, datetime):
                    sheet.write_datetime(row, at, cell.replace(tzinfo=None), style)
                case Form.MONEY:
                    sheet.write_number(row, at, float(self._major(cell)), style)
                case _:
                    sheet.write_number(row, at, float(str(cell)))
        self._row += 1

    def close(self) -> None:
        self._book.close()


def new_table(form: str, path: Path, columns: Sequence[Column], currency: str) -> Table:
    """Return the file of this form, with its head."""
    return (Workbook if form == XLSX else CsvTable)(path, columns, currency)
