"""Names of companies held against each other: brand, trade, place, branch; words where there are no characters."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA, JaroWinkler

from zhike.core.duplicates.evidence import Evidence, weigh
from zhike.engine.duplicates.reading import spell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zhike.core.duplicates.companies import Company
    from zhike.core.duplicates.records import Counts, Record

_NEAR_MIN = 3
_NUMERALS = re.compile(r"[0-9一二三四五六七八九十百]+")
_WORD_LIKE = 0.9
_WORD_MIN = 4
# So much of what the shorter name says must be found in the longer.
_MOST = 0.6


def compare_companies(one: Record, other: Record, counts: Counts) -> Iterator[Evidence]:
    """Yield what the names of two companies say."""
    mine, theirs = one.company, other.company
    if mine is None or theirs is None:
        return
    if mine.words or theirs.words:
        yield _words(one, other, mine, theirs, counts)
        return
    level, others = _level(mine, theirs, counts)
    yield Evidence("company", level, weigh("company", level, counts, others=others), one.name, other.name)
    if level not in {"other", "branch"} and mine.region and theirs.region:
        where = "same" if _is_same_place(mine.region, theirs.region) else "other"
        yield Evidence("region", where, weigh("region", where, counts), mine.region, theirs.region)


def _is_same_place(mine: str, theirs: str) -> bool:
    short, long = sorted((mine, theirs), key=len)
    return long.startswith(short)


def _level(mine: Company, theirs: Company, counts: Counts) -> tuple[str, int]:
    """Return how far two Chinese names agree, and how many have what they agree in."""
    if mine.brand == theirs.brand:
        if mine.branch != theirs.branch:
            return "branch", 1
        if mine.trade == theirs.trade:
            return "same", counts.others("core", mine.core)
        others = counts.others("brand", mine.brand)
        return ("brand" if _are_trades_alike(mine, theirs) else "trade"), others
    if mine.branch != theirs.branch or not _are_trades_alike(mine, theirs):
        return "other", 1
    short, long = sorted((mine.brand, theirs.brand), key=len)
    if _NUMERALS.findall(short) != _NUMERALS.findall(long):
        return "other", 1  # 第一医院 and 第二医院
    if len(short) >= _NEAR_MIN and OSA.distance(short, long, score_cutoff=1) == 1:
        return "near", 1
    if len(short) == len(long) and spell(short) == spell(long):
        return "sound", 1
    return ("part" if long.startswith(short) and len(short) > 1 else "other"), 1


def _are_trades_alike(mine: Company, theirs: Company) -> bool:
    """Say whether the trades do not contradict each other: left out, or of one family."""
    return not mine.trades or not theirs.trades or bool(mine.trades & theirs.trades)


def _words(one: Record, other: Record, mine: Company, theirs: Company, counts: Counts) -> Evidence:
    """Return what names say of which at least one is in letters, word by word; rare words say more."""
    if mine.words and theirs.words and mine.core == theirs.core:
        others = counts.others("core", mine.core)
        return Evidence("words", "same", weigh("words", "same", counts, others=others), one.name, other.name)
    short, long = sorted((mine.words, theirs.words), key=lambda words: (len(words), words))
    told = {word: math.log2(max(counts.size, 2) / (counts.others("word", word) + 1)) for word in {*short, *long}}
    shared = sum(told[word] * _likeness(word, long) for word in short)
    if short and shared >= _MOST * max(sum(told[word] for word in short), 1):
        surplus = sum(told[word] * (1 - _likeness(word, short)) for word in long)
        # The more the longer name says besides, the less the common words mean.
        bits = weigh("words", "some", counts) + shared - min(surplus, shared) / 2
        return Evidence("words", "some", min(bits, weigh("words", "same", counts)), one.name, other.name)
    return Evidence("words", "other", weigh("words", "other", counts), one.name, other.name)


def _likeness(word: str, words: tuple[str, ...]) -> float:
    """Return how much of a word is found among others: 1, or its likeness when it is only mistyped."""
    if word in words:
        return 1.0
    if len(word) < _WORD_MIN:
        return 0.0
    best = max((JaroWinkler.similarity(word, other) for other in words if len(other) >= _WORD_MIN), default=0.0)
    return best if best >= _WORD_LIKE else 0.0
