"""How many cells an OpenDocument spreadsheet makes: it is weighed before anybody makes room for them.

A cell and a row may say that they repeat; what is empty may repeat to the edge of the sheet, and costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.parsers import expat

if TYPE_CHECKING:
    from typing import IO

CONTENT = "content.xml"
_STEP = 1 << 20
_CELLS = {"table:table-cell", "table:covered-table-cell"}


class Declared(ValueError):
    """A document that declares its own entities: no program that people use writes such a one."""


DAMAGED = (expat.ExpatError, Declared)


def cells_of(stream: IO[bytes]) -> int:
    """Return the number of cells, repetitions counted, up to the last one of each row that holds something."""
    counter = _Counter()
    parser = expat.ParserCreate()
    parser.StartElementHandler = counter.start
    parser.EndElementHandler = counter.end
    parser.CharacterDataHandler = counter.text
    parser.StartDoctypeDeclHandler = _refuse
    while chunk := stream.read(_STEP):
        parser.Parse(chunk, False)  # noqa: FBT003  expat's signature
    parser.Parse(b"", True)  # noqa: FBT003  the same
    return counter.cells


def _refuse(*_: object) -> None:
    raise Declared


class _Counter:
    def __init__(self) -> None:
        self.cells = 0
        self._row_repeats = self._width = self._last = 0
        self._repeats = 0
        self._is_filled = False

    def start(self, name: str, given: dict[str, str]) -> None:
        if name == "table:table-row":
            self._row_repeats, self._width, self._last = _number(given, "table:number-rows-repeated"), 0, 0
        elif name in _CELLS:
            self._repeats = _number(given, "table:number-columns-repeated")
            self._is_filled = "office:value-type" in given

    def text(self, data: str) -> None:
        self._is_filled = self._is_filled or not data.isspace()

    def end(self, name: str) -> None:
        if name in _CELLS:
            self._width += self._repeats
            if self._is_filled:
                self._last = self._width
        elif name == "table:table-row":
            self.cells += self._last * self._row_repeats


def _number(given: dict[str, str], name: str) -> int:
    text = given.get(name, "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 1  # noqa: PLR2004
