"""What stands in a column: how much of it is filled, which words, and what all of it could be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from stdnum.cn import uscc

from zhike.core.facts import FieldType
from zhike.engine.customers import infer
from zhike.engine.moments import parse_moment
from zhike.imports.values import is_serial

if TYPE_CHECKING:
    from collections.abc import Sequence

WORDS_MAX = 60
WORD_LENGTH_MAX = 60
_EXAMPLES = 3
_LOOKED_AT = 400
_MOBILE = re.compile(r"(\+?86[- ]?)?1[3-9]\d([- ]?\d{4}){2}", re.ASCII)
_LANDLINE = re.compile(r"(\(?0\d{2,3}\)?[- ]?)\d{7,8}(-\d{1,6})?|\+\d[\d ()-]{6,18}\d", re.ASCII)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"(https?://)?([\w-]+\.)+[a-z]{2,}(/\S*)?", re.ASCII | re.IGNORECASE)
_SLASHED = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(\D.*)?", re.ASCII)
_MONEY = re.compile(r"[￥¥$€]?\s?-?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?(\s?(元|万|万元))?", re.ASCII)
_COMPANY = re.compile(
    r"(公司|集团|企业|工厂|厂|店|中心|事务所|研究院|医院|学校|银行|合作社|Ltd\.?|Inc\.?|GmbH|LLC|Co\.)$", re.IGNORECASE
)
# So much of a column has to look like something for it to be that.
_MOST, _LEAST = 0.8, 0.3
_HALF_YEAR = 12


class Profile(NamedTuple):
    """`words` are all there are, most used first, None where they are too many; `looks` what they look like."""

    filled: int = 0
    type: str = FieldType.TEXT.value
    looks: str = ""
    order: str = ""
    words: dict[str, int] | None = None
    examples: tuple[str, ...] = ()
    longest: int = 0

    def as_data(self) -> dict[str, Any]:
        return self._asdict()


def profile_of(data: dict[str, Any]) -> Profile:
    return Profile(**{**data, "examples": tuple(data.get("examples", ()))}) if data else Profile()


class Profiler:
    """Looks at a column block by block."""

    def __init__(self) -> None:
        self._filled = self._longest = 0
        self._words: dict[str, int] | None = {}
        self._examples: list[str] = []
        self._seen: dict[str, None] = {}
        self._types: set[FieldType] = set()

    def take(self, cells: Sequence[str | None]) -> None:
        given = [text for cell in cells if cell and (text := cell.strip())]
        self._filled += len(given)
        distinct = set(given)
        self._longest = max(self._longest, max(map(len, distinct), default=0))
        self._count(given, distinct)
        for text in given:
            if len(self._seen) >= _LOOKED_AT:
                break
            self._seen[text] = None
        if distinct and self._types != {FieldType.TEXT}:
            self._types.add(infer(distinct))

    def _count(self, given: Sequence[str], distinct: set[str]) -> None:
        if self._words is None:
            return
        if len(distinct) > WORDS_MAX or any(len(word) > WORD_LENGTH_MAX for word in distinct):
            self._words = None
            return
        for word in given:
            self._words[word] = self._words.get(word, 0) + 1
        if len(self._words) > WORDS_MAX:
            self._words = None

    def done(self) -> Profile:
        texts = list(self._seen)
        words = self._words
        if words is not None:
            words = dict(sorted(words.items(), key=lambda pair: (-pair[1], pair[0])))
        return Profile(
            self._filled,
            self._type().value,
            _looks(texts),
            _order(texts),
            words,
            tuple(text[:80] for text in texts[:_EXAMPLES]),
            self._longest,
        )

    def _type(self) -> FieldType:
        if self._types == {FieldType.INTEGER, FieldType.DECIMAL}:
            return FieldType.DECIMAL
        return next(iter(self._types)) if len(self._types) == 1 else FieldType.TEXT


_LOOKS = (
    ("email", lambda text: bool(_EMAIL.fullmatch(text))),
    ("credit_code", uscc.is_valid),
    ("phone", lambda text: bool(_MOBILE.fullmatch(text) or _LANDLINE.fullmatch(text))),
    ("url", lambda text: bool(_URL.fullmatch(text)) and not text.replace(".", "").isdigit()),
    ("company", lambda text: bool(_COMPANY.search(text))),
)


def _looks(texts: Sequence[str]) -> str:
    """Return what most of the texts look like."""
    if not texts:
        return ""
    for name, test in _LOOKS:
        if sum(test(text) for text in texts) >= len(texts) * _MOST:
            return name
    if sum(bool(_MONEY.fullmatch(text)) for text in texts) >= len(texts) * _MOST and any(
        text[0] in "￥¥$€" or "," in text or "元" in text for text in texts
    ):
        return "money"
    return "date" if _are_days(texts) else ""


def _are_days(texts: Sequence[str]) -> bool:
    """Say whether most texts are days. Digits alone only count beside days that are written as such."""
    written = sum(_is_written_day(text) for text in texts)
    digits = sum(text.isdigit() and (parse_moment(text) is not None or is_serial(text)) for text in texts)
    return written + digits >= len(texts) * _MOST and written >= len(texts) * _LEAST


def _is_written_day(text: str) -> bool:
    return not text.isdigit() and (parse_moment(text) is not None or bool(_SLASHED.fullmatch(text)))


def _order(texts: Sequence[str]) -> str:
    """Return the order of day and month where the year stands last; nothing where no text tells it."""
    found = [match for text in texts if (match := _SLASHED.fullmatch(text))]
    if len(found) < len(texts) * _MOST or not found:
        return ""
    if any(int(match[1]) > _HALF_YEAR for match in found):
        return "dmy"
    return "mdy"
