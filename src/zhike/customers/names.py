"""How a customer is found and sorted: pinyin, initials and bigrams.

`search_text` holds the folded name, its full pinyin, its initials, the digits of the telephone
number and so on, each on a line of its own; `search_grams` holds every pair of neighbouring
characters in it and every single one beyond ASCII. The array narrows, the text decides.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from pypinyin import Style, lazy_pinyin

from zhike.core.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

SORT_MAX = 255
TERMS_MAX = 8
QUERY_MAX = 100

_PHONE_CHARS = frozenset("0123456789+-() ")


def sort_key(name: str) -> str:
    """Return what names are sorted by: pinyin syllable by syllable, tones after letters."""
    folded = fold(name)
    if folded.isascii():
        return folded[:SORT_MAX]
    return f"{' '.join(_syllables(squeeze(folded)))} {folded}"[:SORT_MAX]


@lru_cache(maxsize=1024)
def _syllables(text: str) -> tuple[str, ...]:
    """Return the pinyin of every character, tones as digits; what is no 汉字 stays as it is, in pieces."""
    return tuple(lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True))


def search_text(name: str, *, phone: str = "", others: Iterable[str] = ()) -> str:
    """Return the lines in which a search looks."""
    folded = fold(name)
    lines = [folded, squeeze(folded)]
    if not folded.isascii():
        syllables = [_without_tone(syllable) for syllable in _syllables(squeeze(folded))]
        lines += ["".join(syllables), "".join(syllable[0] for syllable in syllables)]
    lines += [digits(phone), *(fold(other) for other in others)]
    return "\n".join(dict.fromkeys(line for line in lines if line))


def _without_tone(syllable: str) -> str:
    """Return a syllable without its tone; a number in a name is not one."""
    plain = syllable[:-1]
    return plain if syllable[-1] in "12345" and plain.isalpha() and plain.isascii() else syllable


def syllables(text: str) -> list[str]:
    """Return the pinyin of a text without tones; what is no 汉字 stays as it is, in pieces."""
    return lazy_pinyin(text)


def grams(text: str) -> list[str]:
    """Return the pairs and the single characters beyond ASCII of every line."""
    found: set[str] = set()
    for part in text.split("\n"):
        found.update(part[i : i + 2] for i in range(len(part) - 1))
        found.update(char for char in part if not char.isascii())
    return sorted(found)


def terms(query: str) -> list[str]:
    """Return the words of a query, folded; a telephone number is one word, without its signs."""
    folded = fold(query[:QUERY_MAX].replace("\x00", ""))
    if folded and _PHONE_CHARS.issuperset(folded) and digits(folded):
        return [digits(folded)]
    return folded.split()[:TERMS_MAX]


def squeeze(text: str) -> str:
    """Return the text without spaces."""
    return "".join(text.split())


def digits(text: str) -> str:
    return "".join(char for char in text if char in "0123456789")
