"""Two records held against each other, part by part. Likeness of strings is rapidfuzz's."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler

from zhike.core.duplicates.companies import is_chinese
from zhike.core.duplicates.evidence import Comparison, Evidence, add_up, weigh
from zhike.core.duplicates.words import FREE_MAIL
from zhike.engine.duplicates.companies import compare_companies
from zhike.engine.duplicates.people import compare_people

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zhike.core.duplicates.records import Counts, Record

_MOBILE = re.compile(r"1[3-9]\d{9}")
_NUMBER = re.compile(r"\d+")
_LOCAL_MIN = 5
_NUMBER_MIN = 7
_DOMAIN_LIKE = 0.85
_ADDRESS_LIKE = 90.0
_CITY_LIKE = 0.85


def compare(one: Record, other: Record, counts: Counts) -> Comparison:
    """Return what speaks for and against two records being one customer. The order of the two does not matter."""
    pieces = [
        *_numbers(one, other, counts),
        *_phones(one, other, counts),
        *_emails(one, other, counts),
        *compare_companies(one, other, counts),
        *compare_people(one, other, counts),
        *_birthdays(one, other, counts),
        *_places(one, other, counts),
    ]
    return add_up(_once_a_place(pieces), counts)


def _once_a_place(pieces: list[Evidence]) -> list[Evidence]:
    """Let a fixed line and an address count once: both say that two are in one house, and many firms may be."""
    told = [piece for piece in pieces if piece.bits > 0 and (piece.part == "address" or piece.level == "line")]
    if len(told) < 2:  # noqa: PLR2004  a line and an address
        return pieces
    less = min(told, key=lambda piece: (piece.bits, piece.part))
    return [replace(piece, bits=0.0) if piece is less else piece for piece in pieces]


def _numbers(one: Record, other: Record, counts: Counts) -> Iterator[Evidence]:
    if not (one.numbers and other.numbers):
        return
    if shared := one.numbers & other.numbers:
        value = min(shared)
        bits = weigh("number", "same", counts, others=counts.others("number", value))
        yield Evidence("number", "same", bits, value, value)
        return
    mine, theirs = min(one.numbers), min(other.numbers)
    level = "near" if _is_near(mine, theirs) else "other"
    yield Evidence("number", level, weigh("number", level, counts), mine, theirs)


def _is_near(mine: str, theirs: str) -> bool:
    """Say whether one character was mistyped, or two neighbours were swapped."""
    return min(len(mine), len(theirs)) >= _NUMBER_MIN and OSA.distance(mine, theirs, score_cutoff=1) == 1


def _phones(one: Record, other: Record, counts: Counts) -> Iterator[Evidence]:
    if not (one.phones and other.phones):
        return
    if shared := one.phones & other.phones:
        value = min(shared, key=lambda value: (not _MOBILE.fullmatch(value), value))
        level = "mobile" if _MOBILE.fullmatch(value) else "line"
        bits = weigh("phone", level, counts, others=counts.others("phone", value))
        yield Evidence("phone", level, bits, value, value)
        return
    mine, theirs = min(one.phones), min(other.phones)
    level = "near" if len(one.phones) == len(other.phones) == 1 and _is_near(mine, theirs) else "other"
    yield Evidence("phone", level, weigh("phone", level, counts), mine, theirs)


def _emails(one: Record, other: Record, counts: Counts) -> Iterator[Evidence]:
    if not (one.emails and other.emails):
        return
    if shared := one.emails & other.emails:
        value = min(shared)
        bits = weigh("email", "same", counts, others=counts.others("email", value))
        yield Evidence("email", "same", bits, value, value)
        return
    mine, theirs = min(one.emails), min(other.emails)
    level, others = "other", 1
    domains = {email.partition("@")[2] for email in one.emails} & {email.partition("@")[2] for email in other.emails}
    if any(_are_emails_near(a, b) for a in one.emails for b in other.emails):
        level = "near"
    elif told := sorted(domains - FREE_MAIL):
        level, others = "domain", min(counts.others("domain", domain) for domain in told)
    yield Evidence("email", level, weigh("email", level, counts, others=others), mine, theirs)


def _are_emails_near(mine: str, theirs: str) -> bool:
    """Say whether one is a mistyped other; zhang1@ and zhang2@ are two people, and so may be min@ and jun@."""
    (local, _, domain), (other, _, where) = mine.partition("@"), theirs.partition("@")
    if min(len(local), len(other)) < _LOCAL_MIN or _NUMBER.findall(local) != _NUMBER.findall(other):
        return False
    if local == other:
        return JaroWinkler.similarity(domain, where) >= _DOMAIN_LIKE
    # Where everybody has a mail box, names lie closer together than in one company.
    most = 1 if domain in FREE_MAIL or where in FREE_MAIL else 2
    return OSA.distance(mine, theirs, score_cutoff=most) <= most


def _birthdays(one: Record, other: Record, counts: Counts) -> Iterator[Evidence]:
    mine, theirs = one.birthday, other.birthday
    if not (mine and theirs):
        return
    level, others = "other", 1
    if mine == theirs:
        level, others = "same", counts.others("birthday", mine)
    elif OSA.distance(mine, theirs, score_cutoff=1) == 1 or mine[:4] + mine[6:] + mine[4:6] == theirs:
        level = "near"
    yield Evidence("birthday", level, weigh("birthday", level, counts, others=others), mine, theirs)


def _places(one: Record, other: Record, counts: Counts) -> Iterator[Evidence]:
    """Yield one piece for the address and the city: an address lies in its city anyway."""
    if one.address and other.address:
        level = _address_level(one.address, other.address)
        others = counts.others("address", one.address) if level == "same" else 1
        piece = Evidence("address", level, weigh("address", level, counts, others=others), one.address, other.address)
        yield piece
        if level != "other":
            return
    if one.city and other.city:
        level = _city_level(one.city, other.city)
        others = counts.others("city", one.city) if level == "same" else 1
        yield Evidence("city", level, weigh("city", level, counts, others=others), one.city, other.city)


def _address_level(mine: str, theirs: str) -> str:
    if mine == theirs:
        return "same"
    if is_chinese(mine) != is_chinese(theirs):
        return "other"
    ours, others = _NUMBER.findall(mine), _NUMBER.findall(theirs)
    if is_chinese(mine):
        return "near" if ours == others and fuzz.ratio(mine, theirs) >= _ADDRESS_LIKE else "other"
    # Behind the street many describe the corner: of the numbers the first is the house.
    is_house = bool(ours and others) and (ours[0] == others[0] or _is_near_house(ours[0], others[0]))
    like = max(fuzz.token_set_ratio(mine, theirs), fuzz.ratio(mine, theirs))
    if (is_house or not (ours and others)) and like >= _ADDRESS_LIKE:
        return "near"
    return "other"


def _is_near_house(mine: str, theirs: str) -> bool:
    return len(mine) > 1 and OSA.distance(mine, theirs, score_cutoff=1) == 1


def _city_level(mine: str, theirs: str) -> str:
    if mine == theirs:
        return "same"
    short, long = sorted((mine, theirs), key=len)
    if long.startswith(short) or JaroWinkler.similarity(short, long) >= _CITY_LIKE:
        return "near"
    return "other"
