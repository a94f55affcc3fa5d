"""Rows of delimited text one by one, for the places where a file is irregular.

A row is refused with its line and reason and the rest goes on: a quote that never closes costs
one line, not the remainder of the file.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from zhike.core.text import Text
from zhike.engine.errors import Rejection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# A longer cell is no value of a customer or an event. It is also the limit of Python's csv.
MAX_CELL = 131_072

TOO_LONG = Text("单元格超过 131,072 个字符", "a cell is longer than 131,072 characters")
NUL = Text("含有空字符（NUL）", "holds a NUL character")
BROKEN = Text("含有无法解码的字节", "holds bytes that cannot be decoded")
UNCLOSED = Text("引号没有闭合", "a quote is not closed")
LONE_RETURN = Text("行中间有回车符", "holds a lone carriage return")


class Record(NamedTuple):
    """The cells of one row, the line it begins on and the lines it takes."""

    cells: list[str]
    line: int
    span: int


@dataclass(slots=True)
class Records:
    """What a stretch of text holds: good rows, refused rows, and an unfinished end."""

    good: list[Record] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    unfinished: str = ""


class _Lines:
    """Lines that a csv reader takes one by one, and from which it can begin anew."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        if self.lines[-1] == "":
            self.lines.pop()
        self.at = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self.at >= len(self.lines):
            raise StopIteration
        self.at += 1
        return self.lines[self.at - 1].removesuffix("\r") + "\n"


def read(text: str, *, separator: str, width: int, first_line: int, last: bool, broken: bool = False) -> Records:
    """Read the rows of `text`; unless it is the `last` stretch, an open quote waits for more."""
    found = Records()
    lines = _Lines(text)
    reader: Iterator[list[str]] = csv.reader(lines, delimiter=separator)
    while True:
        start = lines.at
        try:
            cells = next(reader, None)
        except csv.Error as error:
            reason = TOO_LONG if "limit" in str(error) else LONE_RETURN
            reader = _refuse_line(found, lines, start, first_line, separator, reason)
            continue
        if cells is None:
            return found
        record = Record(cells, first_line + start, lines.at - start)
        if _is_open(lines, start) and not last:
            found.unfinished = "\n".join(lines.lines[start:]) + "\n"
            return found
        fault = _fault(record, width, unclosed=_is_open(lines, start), broken=broken)
        if fault is None:
            if any(cells):
                found.good.append(Record(cells[:width], record.line, record.span))
        elif record.span > 1:
            reader = _refuse_line(found, lines, start, first_line, separator, fault)
        else:
            found.rejected.append(Rejection(record.line, fault, tuple(cells)))


def _refuse_line(
    found: Records, lines: _Lines, start: int, first_line: int, separator: str, reason: Text
) -> Iterator[list[str]]:
    """Refuse the line a record began on and read on from the next one."""
    raw = lines.lines[start].removesuffix("\r")
    found.rejected.append(Rejection(first_line + start, reason, tuple(raw.split(separator))))
    lines.at = start + 1
    return csv.reader(lines, delimiter=separator)


def _is_open(lines: _Lines, start: int) -> bool:
    """Say whether the row that began at `start` ran to the end inside a quote."""
    if lines.at < len(lines.lines):
        return False
    return sum(line.count('"') for line in lines.lines[start:]) % 2 == 1


def _fault(record: Record, width: int, *, unclosed: bool, broken: bool) -> Text | None:
    cells = record.cells
    if unclosed and record.span > 1:
        return UNCLOSED
    if any("\0" in cell for cell in cells):
        return NUL
    if broken and any("\ufffd" in cell for cell in cells):
        return BROKEN
    if any(len(cell) > MAX_CELL for cell in cells):
        return TOO_LONG
    if not any(cells) and len(cells) <= 1:
        return None
    if len(cells) < width or any(cells[width:]):
        return ragged(len(cells), width)
    return None


def ragged(found: int, expected: int) -> Text:
    return Text(f"有 {found} 格，应为 {expected} 格", f"has {found} cells, not {expected}")


def columns_of(records: Sequence[Record], width: int) -> list[list[str]]:
    """Turn rows into columns."""
    return [[record.cells[index] for record in records] for index in range(width)]
