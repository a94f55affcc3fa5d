"""Where a word of characters and letters stands in a name: wt里 in 上海梧桐里酒店.

The database finds by the expression `Term.pattern`; here the same is walked place by place, since the expressions
of Python may take for ever over a name that somebody chose for that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.customers.readings import readings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zhike.customers.needles import Term


def mixed_place(text: str, term: Term) -> tuple[int, int] | None:
    """Return the first and the last place (exclusive) of the characters that a mixed word names."""
    ways = readings(text)
    for start in range(len(text)):
        ends = {start}
        for number, run in enumerate(term.runs):
            if run.isascii() and run.isalpha():
                ends = {end for at in ends for end in _read(ways, at, run, is_first=not number)}
            else:
                ends = {at + len(run) for at in ends if text.startswith(run, at)}
        if ends:
            return start, max(ends)
    return None


def _read(ways: Sequence[Sequence[str]], at: int, letters: str, *, is_first: bool) -> Iterable[int]:
    """Yield behind which characters the letters end: as initials, or as a stretch of pinyin."""
    here = ways[at : at + len(letters)]
    if len(here) == len(letters) and all(
        any(reading.startswith(letter) for reading in way) for way, letter in zip(here, letters, strict=True)
    ):
        yield at + len(letters)
    if len(letters) > 1 and at < len(ways):
        # A place, one of its readings, and how much of that was read. The first word may begin within a syllable.
        states = {(at, r, o) for r in ways[at] for o in range(len(r) if is_first else 1)}
        for letter in letters:
            states = {
                (place, reading, offset + 1)
                for place, reading, offset in _at_letters(ways, states)
                if reading[offset] == letter
            }
        yield from {place + 1 for place, _reading, _offset in states}


def _at_letters(
    ways: Sequence[Sequence[str]], states: Iterable[tuple[int, str, int]]
) -> Iterable[tuple[int, str, int]]:
    """Lead a syllable that was read to its end on to every reading of the next."""
    for place, reading, offset in states:
        if offset < len(reading):
            yield place, reading, offset
        elif place + 1 < len(ways):
            yield from ((place + 1, following, 0) for following in ways[place + 1])
