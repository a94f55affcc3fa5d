"""Evidence that two records are one customer: what was compared, how far it agrees, how much that weighs.

A weight is the logarithm to base 2 of how much more often two records of one customer agree so than two of
different ones (Fellegi and Sunter). They are added, and as many bits taken away as the list is long: by chance
alone one of n is the right one. What belongs to one holder, such as a telephone number, is shared by a few others
in any list, however long: its weight grows with the list and falls with the number of those who have it.
docs/duplicates.md has the table.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zhike.core.duplicates.records import Counts

# From here on a pair is strong, likely, possible; below it is not shown. In bits: 98 %, 80 %, 33 %.
STRONG, LIKELY, POSSIBLE = 6.0, 2.0, -1.0
# From here on a pair counts as one customer: more likely than not.
SAME = 0.0


class Weight(NamedTuple):
    """How often records of one customer agree so, and others: a share, or with `is_held` how many in any list."""

    one: float
    others: float
    said: Text
    is_held: bool = False


_HELD = True
WEIGHTS: Mapping[tuple[str, str], Weight] = {
    ("number", "same"): Weight(0.95, 0.01, Text("信用代码相同", "the same credit code"), _HELD),
    ("number", "near"): Weight(0.04, 0.05, Text("信用代码只差一位", "credit codes one character apart"), _HELD),
    ("number", "other"): Weight(0.02, 1, Text("信用代码不同", "other credit codes")),
    ("phone", "mobile"): Weight(0.8, 0.05, Text("手机相同", "the same mobile number"), _HELD),
    ("phone", "line"): Weight(0.7, 0.15, Text("电话相同", "the same telephone number"), _HELD),
    ("phone", "near"): Weight(0.03, 0.002, Text("电话只差一位", "telephone numbers one digit apart")),
    ("phone", "other"): Weight(0.25, 1, Text("电话不同", "other telephone numbers")),
    ("email", "same"): Weight(0.75, 0.05, Text("邮箱相同", "the same e-mail address"), _HELD),
    ("email", "near"): Weight(0.1, 0.1, Text("邮箱相近", "e-mail addresses that are alike"), _HELD),
    ("email", "domain"): Weight(0.15, 0.5, Text("邮箱的域名相同", "the same domain of e-mail"), _HELD),
    ("email", "other"): Weight(0.25, 1, Text("邮箱不同", "other e-mail addresses")),
    ("company", "same"): Weight(0.6, 0.05, Text("公司名称的字号和行业相同", "the same brand and trade"), _HELD),
    ("company", "brand"): Weight(0.3, 0.15, Text("字号相同，行业相近", "the same brand, trades that are alike"), _HELD),
    ("company", "trade"): Weight(0.05, 1, Text("字号相同，行业不同", "the same brand, another trade"), _HELD),
    ("company", "near"): Weight(0.08, 0.00005, Text("字号只差一个字", "brands one character apart")),
    ("company", "sound"): Weight(0.05, 0.0001, Text("字号同音", "brands that sound the same")),
    ("company", "part"): Weight(0.06, 0.0003, Text("一个字号是另一个的开头", "one brand begins with the other")),
    ("company", "branch"): Weight(0.005, 1, Text("分支机构不是同一家", "not the same branch")),
    ("company", "other"): Weight(0.03, 1, Text("公司名称不同", "other company names")),
    ("region", "same"): Weight(0.9, 0.15, Text("名称里的地区相同", "the same place in the name")),
    ("region", "other"): Weight(0.03, 1, Text("名称里的地区不同", "another place in the name")),
    ("words", "same"): Weight(0.6, 0.05, Text("名称的词相同", "the same words in the name"), _HELD),
    ("words", "some"): Weight(0.3, 1, Text("名称的词大多相同", "most words of the name in common")),
    ("words", "other"): Weight(0.03, 1, Text("名称不同", "other names")),
    ("person", "same"): Weight(0.8, 1 / 3000, Text("姓名相同", "the same name of a person")),
    ("person", "swapped"): Weight(0.7, 1 / 3000, Text("姓和名对调", "surname and given name swapped")),
    ("person", "spelled"): Weight(0.9, 1 / 500, Text("姓名的拼音相同", "the same name in pinyin")),
    ("person", "sound"): Weight(0.03, 1 / 2000, Text("姓名同音", "names that sound the same")),
    ("person", "near"): Weight(0.03, 1 / 200, Text("姓名只差一个字", "names one character apart")),
    ("person", "some"): Weight(0.8, 0.01, Text("姓名部分相同", "names that agree in part")),
    ("person", "surname"): Weight(0.9, 0.05, Text("同姓", "the same surname")),
    ("person", "other"): Weight(0.06, 1, Text("姓名不同", "other names of persons")),
    ("contact", "other"): Weight(0.35, 1, Text("联系人不同", "other contacts")),
    ("word", "same"): Weight(0.9, 1 / 1000, Text("", "")),
    ("word", "near"): Weight(0.1, 0.006, Text("", "")),
    ("word", "initial"): Weight(0.1, 0.06, Text("", "")),
    ("word", "other"): Weight(0.08, 1, Text("", "")),
    ("birthday", "same"): Weight(0.85, 1 / 20000, Text("生日相同", "the same birthday")),
    ("birthday", "near"): Weight(0.1, 0.0015, Text("生日只差一位", "birthdays one digit apart")),
    ("birthday", "other"): Weight(0.05, 1, Text("生日不同", "other birthdays")),
    ("address", "same"): Weight(0.5, 0.5, Text("地址相同", "the same address"), _HELD),
    ("address", "near"): Weight(0.3, 1, Text("地址相近", "addresses that are alike"), _HELD),
    ("address", "other"): Weight(0.25, 1, Text("地址不同", "other addresses")),
    ("city", "same"): Weight(0.9, 0.01, Text("城市相同", "the same city")),
    ("city", "near"): Weight(0.1, 0.01, Text("城市写法相近", "cities that are written alike")),
    ("city", "other"): Weight(0.15, 1, Text("城市不同", "other cities")),
}


# What belongs to one holder: whoever shares it is told of, whatever else differs.
KEYS = frozenset({("number", "same"), ("phone", "mobile"), ("phone", "line"), ("email", "same")})


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece: the part that was compared, how far it agrees, its weight in bits, and both values."""

    part: str
    level: str
    bits: float
    mine: str = ""
    theirs: str = ""

    @property
    def said(self) -> Text:
        return WEIGHTS[self.part, self.level].said

    @property
    def sentence(self) -> Text:
        """Return what is said to a person who may read both values."""
        if not (self.mine or self.theirs):
            return self.said
        both = self.mine if self.mine == self.theirs else f"{self.mine} ↔ {self.theirs}"
        return Text(f"{self.said.zh}：{both}", f"{self.said.en}: {both}")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What speaks for and against two records being one customer. `score` is in bits: 0 is as likely as not.

    `shares_key`: they have a credit code, a telephone number or an e-mail address in common that few have.
    """

    score: float
    evidence: tuple[Evidence, ...]
    shares_key: bool = False

    @property
    def chance(self) -> float:
        """Return how likely it is, between 0 and 1."""
        return 1 / (1 + 2 ** -max(-60.0, min(60.0, self.score)))

    @property
    def is_founded(self) -> bool:
        """Say whether anything speaks for it besides a place, which many share."""
        return any(piece.bits > 0 and piece.part not in {"city", "region"} for piece in self.evidence)


class Pair(NamedTuple):
    """Two records, the lower id first, and what speaks for their being one."""

    low: int
    high: int
    comparison: Comparison


def weigh(part: str, level: str, counts: Counts, *, others: int = 1) -> float:
    """Return the weight of a piece in bits. `others`: how many of the list have the value too."""
    weight = WEIGHTS[part, level]
    if weight.is_held:
        return math.log2(weight.one / weight.others) + counts.log - math.log2(others)
    share = weight.others if others <= 1 else max(weight.others, others / max(counts.size, 1))
    return math.log2(weight.one / share)


def add_up(pieces: Sequence[Evidence], counts: Counts) -> Comparison:
    """Return the comparison, what weighs most first."""
    ordered = tuple(sorted(pieces, key=lambda piece: (-abs(piece.bits), piece.part)))
    shares_key = any((piece.part, piece.level) in KEYS and piece.bits >= counts.log for piece in ordered)
    return Comparison(sum(piece.bits for piece in ordered) - counts.log, ordered, shares_key)
