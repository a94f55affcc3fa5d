"""A Chinese company's name taken apart: 深圳市 · 华宇 · 科技 · 有限公司; 北京分公司 beside it.

A name in letters is a bag of words without its legal form. Text comes folded and simplified.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from zhike.core.duplicates.words import BRANCHES, LATIN_LEGAL, LATIN_SMALL, LEGAL_FORMS, TRADE_OF

if TYPE_CHECKING:
    from collections.abc import Container

_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_NOISE = re.compile(r"[\s·・•.,，。、;；:：'’\"“”《》<>\[\]【】_—–\-/\\|*#!！?？~&@+]+")
_BRACKETS = re.compile(r"[(（]([^()（）]*)[)）]")
_APOSTROPHE = re.compile(r"\s*(?:[\\'’`]\s*)+s\b")
_WORD = re.compile(r"[^\W_]+")
# The parent, which ends as companies do, where the branch is, and what it is.
_BRANCH = re.compile(rf"^(?P<parent>.*?(?:公司|集团|厂|银行|酒店|学校|店))?(?P<where>.*?)(?:{BRANCHES})$")
# A brand has two characters or more: 上海有限公司 is called 上海.
_BRAND_MIN = 2
_PLACE_MAX = 12
_TRADE_MAX = max(map(len, TRADE_OF))


@dataclass(frozen=True)
class Company:
    """The parts of a name. `words` are those of a name in letters, which has no other parts."""

    region: str = ""
    brand: str = ""
    trade: str = ""
    legal: str = ""
    branch: str = ""
    words: tuple[str, ...] = ()

    @cached_property
    def core(self) -> str:
        """Return what is left of the name without place and legal form."""
        return " ".join(sorted(self.words)) if self.words else self.brand + self.trade

    @cached_property
    def trades(self) -> frozenset[int]:
        """Return the families of trades that the name speaks of."""
        return _families(self.trade)


@lru_cache(maxsize=8192)
def _families(trade: str) -> frozenset[int]:
    """Return the families of a trade: the companies that are of it share them."""
    return frozenset(TRADE_OF[word] for word in _cut_trade(trade, keep=0)[1])


def is_chinese(text: str) -> bool:
    return _HAN.search(text) is not None


def take_apart(name: str, places: Container[str]) -> Company:
    """Return the parts of a company's name. `places` holds names of provinces and cities, short and whole."""
    if not is_chinese(name):
        return Company(words=latin_words(name))
    region = branch = ""
    bracketed: list[str] = []
    for inside in _BRACKETS.findall(name):
        text = _NOISE.sub("", inside)
        if text in places:
            region = region or text
        elif text not in LEGAL_FORMS:
            bracketed.append(text)
    # A remark in brackets, 华宇科技（已注销）, is no part of the name; a legal form is found behind it anyway.
    rest = _NOISE.sub("", _BRACKETS.sub("", name)) or _NOISE.sub("", "".join(bracketed))
    if found := _BRANCH.match(rest):
        parent = found["parent"] or ""
        branch = found["where"] or "分"
        if not parent:
            # 华宇科技北京分公司: without a legal form between them the place is cut off from behind.
            parent, branch = _cut_place_behind(branch, places)
        rest = parent
    rest, legal = _cut_legal(rest)
    first, rest = _cut_region(rest, places)
    brand, words = _cut_trade(rest)
    return Company(first or region, brand, "".join(words), legal, branch)


def latin_words(name: str) -> tuple[str, ...]:
    """Return the words of a name in letters that tell which one it is."""
    found = _WORD.findall(_APOSTROPHE.sub("s", name.replace("`", " ")))
    told = [word for word in found if word not in LATIN_LEGAL and word not in LATIN_SMALL]
    return tuple(told or found)


def _cut_legal(text: str) -> tuple[str, str]:
    """Cut all that says how a company is constituted off the end; something stays."""
    cut = ""
    while form := next((form for form in LEGAL_FORMS if text.endswith(form) and len(text) > len(form)), ""):
        text, cut = text.removesuffix(form), form + cut
    return text, cut


def _cut_region(text: str, places: Container[str]) -> tuple[str, str]:
    """Cut the places off the beginning, as long as a brand stays."""
    region = ""
    while True:
        most = min(len(text) - _BRAND_MIN, _PLACE_MAX)
        size = next((size for size in range(most, 1, -1) if text[:size] in places), 0)
        if not size:
            return region, text
        region, text = text[:size], text[size:].lstrip("省市") if len(text) - size > _BRAND_MIN else text[size:]


def _cut_place_behind(text: str, places: Container[str]) -> tuple[str, str]:
    for size in range(min(len(text) - _BRAND_MIN, _PLACE_MAX), 1, -1):
        if text[-size:] in places:
            return text[:-size], text[-size:]
    return text, "分"


def _cut_trade(text: str, *, keep: int = _BRAND_MIN) -> tuple[str, list[str]]:
    """Cut the words for trades off the end, as long as a brand stays; return the brand and the words in order."""
    words: list[str] = []
    while True:
        most = min(len(text) - keep, _TRADE_MAX)
        size = next((size for size in range(most, 1, -1) if text[-size:] in TRADE_OF), 0)
        if not size:
            return text, words
        words.insert(0, text[-size:])
        text = text[:-size]
