"""How names are sorted, and how a list of labels is searched in the browser."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from zhike.core.text import fold
from zhike.customers.needles import squeeze
from zhike.customers.readings import initial_lines, pinyin_lines, toned

if TYPE_CHECKING:
    from collections.abc import Iterable

SORT_MAX = 255


def sort_key(name: str) -> str:
    """Return what names are sorted by: pinyin syllable by syllable, tones after letters."""
    folded = fold(name)
    if folded.isascii():
        return folded[:SORT_MAX]
    return f"{' '.join(_syllables(squeeze(folded)))} {folded}"[:SORT_MAX]


@lru_cache(maxsize=8192)
def _syllables(text: str) -> tuple[str, ...]:
    return tuple(toned(text))


def label_lines(label: str, others: Iterable[str] = ()) -> str:
    """Return the lines that a search through labels looks in: written, in pinyin, by initials, other names."""
    folded = fold(label)
    written = squeeze(folded)
    lines = [folded, written, *pinyin_lines(written), *initial_lines(written), *(fold(other) for other in others)]
    return "\n".join(dict.fromkeys(line for line in lines if line))


def syllables(text: str) -> list[str]:
    """Return the pinyin of a text without tones; what is no 汉字 stays as it is, in pieces."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415  as in `readings`

    return lazy_pinyin(text)
