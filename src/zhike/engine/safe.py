"""Cells that a spreadsheet must not take for formulas.

An apostrophe in front keeps `=`, `+`, `-`, `@` from being computed, and our own reader takes it
off again, so that a phone `+86 138…` comes back as it was. Numbers stay numbers.
"""

from __future__ import annotations

import re

import narwhals as nw

# Also the full-width forms, which some spreadsheets compute, and leading control characters.
RISKY = "=+\\-@\t\r＝＋－＠"
_GUARDED = re.compile(rf"^'+[{RISKY}]")
_RISKY = re.compile(rf"^'*[{RISKY}]")
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


def as_cell(text: str) -> str:
    """Return the text with an apostrophe in front if it could be taken for a formula."""
    if _RISKY.match(text) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def from_cell(text: str) -> str:
    """Undo `as_cell`."""
    return text[1:] if _GUARDED.match(text) else text


def guarded(name: str) -> nw.Expr:
    """Return a text column with every cell as `as_cell` gives it."""
    text = nw.col(name)
    risky = text.str.contains(rf"^'*[{RISKY}]") & ~text.str.contains(r"^-?\d+(\.\d+)?$")
    return nw.when(risky).then(nw.concat_str(nw.lit("'"), text)).otherwise(text).alias(name)
