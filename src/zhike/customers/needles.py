"""What somebody typed, as the words to look for, and the pieces by which they are found.

A text is cut into single characters, pairs and, in letters and digits, threes. The pieces of a word are all
among those of a text that contains it; the reverse need not be, so whoever has found the pieces still compares.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING
from unicodedata import normalize

from zhike.core.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

TERMS_MAX = 8
QUERY_MAX = 100
# Fewer letters or digits are found in all there is, or tell nothing.
PINYIN_MIN, KEY_MIN, EMAIL_MIN, PHONE_MIN = 2, 2, 3, 4
TAIL = 4
_COUNTRY = "86"
# Nobody mixes characters and letters in a longer word.
MIXED_MAX = 80
_LONGEST = 3

_PHONE_SIGNS = frozenset("0123456789+-()./\u2010\u2011\u2012\u2013\u2014\u2212")
_LETTERS = re.compile(r"[a-z]+")
_RUNS = re.compile(r"[a-z]+|[^a-z]+")


@dataclass(frozen=True)
class Term:
    """One word: folded, without spaces; `digits` when it can be part of a telephone number."""

    text: str
    digits: str = ""

    @cached_property
    def is_latin(self) -> bool:
        return self.text.isascii() and any(character.isalpha() for character in self.text)

    @cached_property
    def is_mixed(self) -> bool:
        """Say whether characters and letters stand together: wt里."""
        if self.text.isascii() or len(self.text) > MIXED_MAX:
            return False
        return _LETTERS.search(self.text) is not None

    @property
    def runs(self) -> list[str]:
        """Return a mixed word as stretches of letters and of anything else."""
        return _RUNS.findall(self.text)

    @cached_property
    def grams(self) -> list[int]:
        """Return the pieces that every text has in which this word is found as it is written or read."""
        runs = self.runs if self.is_mixed else [self.text]
        return sorted({gram for run in runs for gram in _needed(run)})

    @cached_property
    def phone_grams(self) -> list[int]:
        # Nearly every number begins with the country: its pieces narrow nothing.
        rest = self.digits.removeprefix(_COUNTRY)
        return sorted(set(_needed(rest if len(rest) >= PHONE_MIN else self.digits)))

    @property
    def tail_grams(self) -> list[int]:
        """Return the pieces of a telephone number that ends with these digits."""
        return sorted({*self.phone_grams, gram(tail_of(self.digits))})

    @cached_property
    def pattern(self) -> str:
        """Return the expression for a mixed word in `spelled`: letters are initials, or a stretch of pinyin."""
        runs = self.runs
        found = _read(runs[0]) if _LETTERS.fullmatch(runs[0]) else _written(runs[0])
        for before, run in pairwise(runs):
            if _LETTERS.fullmatch(run):
                found += f"[^;]*;{_NEXT}(?:{'|'.join(_chains(run))})"
            else:
                found += ("[a-z,]*;" if _LETTERS.fullmatch(before) else "[^;]*;") + _written(run)
        return found


# A character and those of its readings that are not meant.
_NEXT = "[^;](?:[a-z]+,)*"


def _read(letters: str) -> str:
    """Return what letters at the beginning of a word match: pinyin may begin within a syllable."""
    initials, pinyin = _chains(letters)
    return f"(?:(?:^|;){_NEXT}{initials}|{pinyin})" if len(letters) > 1 else f"(?:^|;){_NEXT}{letters}"


def _chains(letters: str) -> tuple[str, str]:
    return f"[a-z,]*;{_NEXT}".join(letters), f"(?:(?:,[a-z,]*)?;{_NEXT})?".join(letters)


def _written(text: str) -> str:
    return "[^;]*;".join(re.escape(character) for character in text)


def terms(query: str) -> list[Term]:
    """Return the words of a query. Numbers side by side are one telephone number, whatever signs are in it."""
    words = fold(query[:QUERY_MAX].replace("\0", "")).split()
    found: list[list[str]] = []
    for word in words:
        if found and _is_phone(word) and _is_phone(found[-1][-1]):
            found[-1].append(word)
        else:
            found.append([word])
    return [_term(group) for group in found[:TERMS_MAX]]


def _term(words: list[str]) -> Term:
    text = "".join(words)
    return Term(text, phone_digits(text) if _is_phone(text) else "")


def _is_phone(word: str) -> bool:
    return _PHONE_SIGNS.issuperset(word) and any(character.isdigit() for character in word)


def phone_digits(text: str) -> str:
    """Return the digits to look for: 0086 and +86 (0) are the 86 that is stored. Too few are none."""
    found = digits(text)
    if found.startswith("0086"):
        found = found[2:]
    if found.startswith("860"):
        found = f"86{found[3:]}"
    return found if len(found) >= PHONE_MIN else ""


def squeeze(text: str) -> str:
    """Return the text without spaces, composed again: a mark that followed one may now follow a letter."""
    return normalize("NFKC", "".join(text.split()))


def digits(text: str) -> str:
    return "".join(character for character in text if character in "0123456789")


def tail_of(number: str) -> str:
    return f"{number[-TAIL:]}$"


@lru_cache(maxsize=65_536)
def gram(piece: str) -> int:
    """Return the number that stands for a piece. Two pieces may share one: the comparison finds out."""
    found = zlib.crc32(piece.encode("utf-8", "surrogatepass"))
    return found - (1 << 32) if found >= 1 << 31 else found


def grams(pieces: Iterable[str]) -> list[int]:
    return sorted(set(map(gram, set(pieces))))


def pieces(line: str, *, shortest: int = 1) -> list[str]:
    """Return what a line is cut into: threes only where all three are letters, digits or signs."""
    found: list[str] = []
    for size in range(shortest, _LONGEST):
        found += [line[start : start + size] for start in range(len(line) - size + 1)]
    threes = [line[start : start + _LONGEST] for start in range(len(line) - _LONGEST + 1)]
    return found + (threes if line.isascii() else [piece for piece in threes if piece.isascii()])


def _needed(run: str) -> list[int]:
    """Return the longest pieces of a word: those that say most."""
    size = min(len(run), _LONGEST if run.isascii() else 2)
    return [gram(run[start : start + size]) for start in range(len(run) - size + 1)] if run else []
