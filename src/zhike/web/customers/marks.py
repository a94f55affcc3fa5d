"""Which characters of a name a search found: as they are written, by their initials, by their pinyin."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pypinyin import Style, lazy_pinyin

from zhike.core.text import fold
from zhike.customers.names import squeeze, terms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class Part(NamedTuple):
    """A stretch of the name, found or not."""

    text: str
    found: bool


def marked(name: str, query: str) -> Sequence[Part]:
    """Split a name where a search found something in it."""
    hits = {index for term in terms(query) for index in _found(name, squeeze(term))}
    parts: list[Part] = []
    for index, character in enumerate(name):
        if parts and parts[-1].found == (index in hits):
            parts[-1] = Part(parts[-1].text + character, parts[-1].found)
        else:
            parts.append(Part(character, index in hits))
    return parts


def _found(name: str, term: str) -> Iterable[int]:
    """Return the places of the characters that the term names, none when it named something else."""
    places = [index for index, character in enumerate(name) if not character.isspace()]
    for way in _ways([name[place] for place in places], term):
        start = "".join(way).find(term)
        if start >= 0:
            return [
                place for place, first, last in _stretches(places, way) if first < start + len(term) and last > start
            ]
    return []


def _ways(characters: Sequence[str], term: str) -> Iterator[Sequence[str]]:
    """Yield how a name can be written: as it is, and for a term in letters by initials and in pinyin."""
    yield [fold(character) for character in characters]
    if not term.isascii() or not any(character.isalpha() for character in term):
        return
    # One item for each character: `errors` gets a run of letters and may return a list.
    syllables = lazy_pinyin("".join(characters), style=Style.NORMAL, errors=list)  # type: ignore[arg-type]
    if len(syllables) == len(characters):
        yield [syllable[:1].lower() for syllable in syllables]
        yield [syllable.lower() for syllable in syllables]


def _stretches(places: Sequence[int], way: Sequence[str]) -> Iterable[tuple[int, int, int]]:
    """Yield each place with where its characters begin and end when all are written in a row."""
    first = 0
    for place, text in zip(places, way, strict=True):
        yield place, first, first + len(text)
        first += len(text)
