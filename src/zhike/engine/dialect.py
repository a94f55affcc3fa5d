"""How a delimited file is laid out: its separator, the line of its header, the names of its columns."""

from __future__ import annotations

import csv
from collections import Counter
from itertools import count, islice
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SEPARATORS = (",", ";", "\t", "|")
_LOOK = 40


class Names(NamedTuple):
    """The names of the columns. `renamed` has those that stood there before, with the name that they had."""

    columns: tuple[str, ...]
    renamed: Mapping[str, str]


class Header(NamedTuple):
    """The names of the columns and how many lines come before the first row."""

    names: Names
    lines: int


def separator_of(text: str) -> str:
    """Return the separator with which most of the first rows have the same number of cells."""
    return max(SEPARATORS, key=lambda separator: _agreement(_rows(text, separator)))


def header_of(text: str, separator: str) -> Header:
    """Find the header below a title or notes: the first row about as wide as the rows that follow."""
    rows, ends = _first_rows(text, separator)
    at = header_row(rows)
    return Header(names_of(rows[at] if rows else ()), ends[at] if rows else 0)


def header_at(text: str, separator: str, line: int) -> Header:
    """Take the row that begins on this line, or behind it, for the header."""
    rows, ends = _first_rows(text, separator)
    for row, end in zip(rows, ends, strict=True):
        if end >= line and any(row):
            return Header(names_of(row), end)
    return Header(names_of(rows[0] if rows else ()), ends[0] if ends else 0)


def header_row(rows: Sequence[Sequence[str]]) -> int:
    """Return the place of the header among the first rows."""
    widths = [sum(bool(cell.strip()) for cell in row) for row in rows]
    usual = max(widths[:_LOOK], default=0)
    for index, width in enumerate(widths):
        if width and 2 * width >= usual:
            return index
    return 0


def names_of(cells: Sequence[str]) -> Names:
    """Return the columns' names: trimmed, on one line, none empty, none twice."""
    given = [" ".join(cell.split()) or f"column_{index}" for index, cell in enumerate(cells, start=1)]
    names: list[str] = []
    renamed: dict[str, str] = {}
    for index, name in enumerate(given, start=1):
        new = name
        if name in names:
            new = next(free for n in count(index) if (free := f"{name}_{n}") not in {*given, *names})
            renamed[new] = name
        names.append(new)
    return Names(tuple(names), renamed)


def _rows(text: str, separator: str) -> list[list[str]]:
    return [row for row in _first_rows(text, separator)[0] if any(row)]


def _first_rows(text: str, separator: str) -> tuple[list[list[str]], list[int]]:
    """Return the first rows and the line on which each ends."""
    lines = (line.removesuffix("\r") + "\n" for line in text.split("\n"))
    reader = csv.reader(lines, delimiter=separator)
    rows: list[list[str]] = []
    ends: list[int] = []
    try:
        for row in islice(reader, _LOOK):
            rows.append(row)
            ends.append(reader.line_num)
    except csv.Error:
        pass  # a broken row further down says nothing about the layout
    return rows, ends


def _agreement(rows: list[list[str]]) -> tuple[int, int]:
    """Return how many rows share the commonest number of cells above one, and that number."""
    widths = Counter(len(row) for row in rows if len(row) > 1)
    if not widths:
        return (0, 0)
    width, count = widths.most_common(1)[0]
    return (count, width)
