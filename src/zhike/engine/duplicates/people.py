"""Names of persons held against each other: in characters, in pinyin, in letters with the order left open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA, JaroWinkler

from zhike.core.duplicates.evidence import Evidence, weigh

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zhike.core.duplicates.people import Person
    from zhike.core.duplicates.records import Counts, Record

_LIKE = 0.88
_NEAR_MIN = 3
_STEM_MIN = 3


def compare_people(one: Record, other: Record, counts: Counts) -> Iterator[Evidence]:
    """Yield what the names of the persons say: of several contacts those that agree best."""
    if not (one.people and other.people):
        return
    pieces = [_compare(mine, theirs, counts) for mine in one.people for theirs in other.people]
    best = max(pieces, key=lambda piece: (piece.bits, piece.mine, piece.theirs))
    is_contact = one.company is not None and other.company is not None
    if best.bits < 0 and is_contact:
        # Two people of one company: usual.
        yield Evidence("contact", "other", weigh("contact", "other", counts), best.mine, best.theirs)
    else:
        yield best


def _compare(mine: Person, theirs: Person, counts: Counts) -> Evidence:
    if not mine.is_chinese and not theirs.is_chinese:
        return _letters(mine, theirs, counts)
    level, others = _level(mine, theirs, counts)
    bits = weigh("person", level, counts, others=others)
    return Evidence("person", level, bits, shown(mine), shown(theirs))


def shown(person: Person) -> str:
    return person.text or " ".join(person.words)


def _level(mine: Person, theirs: Person, counts: Counts) -> tuple[str, int]:
    if mine.is_chinese != theirs.is_chinese:
        chinese, letters = (mine, theirs) if mine.is_chinese else (theirs, mine)
        return ("spelled" if _is_spelled(chinese, letters) else "other"), 1
    if mine.text == theirs.text:
        return ("surname", 1) if mine.is_surname else ("same", counts.others("person", mine.text))
    if mine.is_surname or theirs.is_surname:
        return ("surname" if mine.text.startswith(theirs.text) or theirs.text.startswith(mine.text) else "other"), 1
    if mine.words == theirs.words:
        return "sound", 1
    long = min(len(mine.text), len(theirs.text)) >= _NEAR_MIN
    if long and mine.surname == theirs.surname and OSA.distance(mine.text, theirs.text, score_cutoff=1) == 1:
        return "near", 1
    return "other", 1


def _is_spelled(chinese: Person, letters: Person) -> bool:
    """Say whether letters are the pinyin of a name, in Chinese or English order: Zhang Weiqiang, Weiqiang Zhang."""
    surname = "".join(chinese.words[: len(chinese.surname)])
    given = "".join(chinese.words[len(chinese.surname) :])
    written = "".join(letters.words)
    return written in {surname + given, given + surname}


def _letters(mine: Person, theirs: Person, counts: Counts) -> Evidence:
    """Compare word by word, the best pairs first: what is left over on one side alone says nothing."""
    said = (shown(mine), shown(theirs))
    if len(mine.words) > 1 and len(theirs.words) > 1 and mine.spelled == theirs.spelled:
        level = "same" if mine.words == theirs.words else "swapped"
        bits = sum(_same(word, counts) for word in mine.words)
        return Evidence("person", level, bits, *said)
    ours, others = list(mine.words), list(theirs.words)
    bits = 0.0
    for level in ("same", "near", "initial"):
        for word in sorted(ours):
            found = next((other for other in sorted(others) if _is(level, word, other)), None)
            if found is not None and word in ours:
                ours.remove(word)
                others.remove(found)
                bits += _same(word, counts) if level == "same" else weigh("word", level, counts)
    bits += weigh("word", "other", counts) * min(len(ours), len(others))
    return Evidence("person", "some" if bits > 0 else "other", bits, *said)


def _same(word: str, counts: Counts) -> float:
    return weigh("word", "same", counts, others=counts.others("person", word))


def _is(level: str, word: str, other: str) -> bool:
    match level:
        case "same":
            return word == other
        case "near":
            short, long = sorted((word, other), key=len)
            is_stem = len(short) >= _STEM_MIN and long.startswith(short)
            return is_stem or JaroWinkler.similarity(word, other) >= _LIKE or _is_mistyped(short, long)
        case _:
            return word[0] == other[0] and 1 in {len(word), len(other)}


def _is_mistyped(short: str, long: str) -> bool:
    """Say whether at most one of four letters is wrong, the first included."""
    most = len(short) // 4
    return most > 0 and OSA.distance(short, long, score_cutoff=most) <= most
