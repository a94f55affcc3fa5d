"""Which characters a search found: of a name as it is written, read or abbreviated, of a number, of a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from zhike.core.text import fold
from zhike.customers.mixed import mixed_place
from zhike.customers.needles import Term, terms
from zhike.customers.readings import spellings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

SNIPPET = 60
_BEFORE = 12


class Part(NamedTuple):
    """A stretch of a text, found or not."""

    text: str
    found: bool


def marked(name: str, query: str) -> Sequence[Part]:
    """Split a name where a search found something in it."""
    return _split(name, {place for term in terms(query) for place in _found(name, term)})


def marked_phone(shown: str, query: str) -> Sequence[Part]:
    """Split a telephone number as it is shown. Of digits that are hidden, their stars are no answer."""
    places = [place for place, character in enumerate(shown) if character.isdigit() or character == "*"]
    written = "".join(shown[place] for place in places)
    hits: set[int] = set()
    for term in terms(query):
        for digits in (term.digits, term.digits.removeprefix("86")):
            start = written.rfind(digits) if digits else -1
            if start >= 0:
                hits.update(places[start : start + len(digits)])
                break
    return _split(shown, hits)


def marked_text(text: str, words: Iterable[str]) -> Sequence[Part]:
    """Split a line of text where it has these words."""
    characters = [fold(character) or character for character in text]
    return _split(text, {place for word in words for place in _stretch(range(len(text)), characters, word)})


def snippet(text: str, words: Sequence[str]) -> Sequence[Part]:
    """Return the stretch of a long text in which the first of the words stands."""
    line = " ".join(text.split())
    characters = [fold(character) or character for character in line]
    starts = [min(_stretch(range(len(line)), characters, word), default=0) for word in words]
    first = max(0, min(starts, default=0) - _BEFORE)
    shown = line[first : first + SNIPPET]
    return marked_text(f"{'…' if first else ''}{shown}{'…' if first + SNIPPET < len(line) else ''}", words)


def _split(text: str, hits: Collection[int]) -> Sequence[Part]:
    parts: list[Part] = []
    for index, character in enumerate(text):
        if parts and parts[-1].found == (index in hits):
            parts[-1] = Part(parts[-1].text + character, parts[-1].found)
        else:
            parts.append(Part(character, index in hits))
    return parts


def _found(name: str, term: Term) -> Collection[int]:
    """Return the places of the characters that the term names, none when it named something else."""
    places = [index for index, character in enumerate(name) if not character.isspace()]
    characters = [fold(name[place]) for place in places]
    for way in _ways(characters, term):
        found = _stretch(places, way, term.text)
        if found:
            return found
    return _mixed(places, characters, term) if term.is_mixed else []


def _ways(characters: Sequence[str], term: Term) -> Iterator[Sequence[str]]:
    """Yield how a name can be written: as it is, and for a term in letters by initials and in pinyin."""
    yield characters
    text = "".join(characters)
    if not term.is_latin or len(text) != len(characters):
        return
    for way in spellings(text):
        yield [syllable[:1] for syllable in way]
    if len(term.text) > 1:
        yield from spellings(text)


def _mixed(places: Sequence[int], characters: Sequence[str], term: Term) -> Collection[int]:
    text = "".join(characters)
    if len(text) != len(characters):
        return []
    found = mixed_place(text, term)
    return places[slice(*found)] if found else []


def _stretch(places: Sequence[int], way: Sequence[str], text: str) -> list[int]:
    start = "".join(way).find(text)
    if start < 0 or not text:
        return []
    return [place for place, first, last in _stretches(places, way) if first < start + len(text) and last > start]


def _stretches(places: Sequence[int], way: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Yield each place with where its characters begin and end when all are written in a row."""
    first = 0
    for place, text in zip(places, way, strict=True):
        yield place, first, first + len(text)
        first += len(text)
