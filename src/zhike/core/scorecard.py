"""The scorecard of a dimension: what became of its classes, and of those who stood in them.

It holds counts; each rate is worked out from them, so that a rate never disagrees with the
numbers beside it. What each figure means stands in FIGURES: pages and docs say it in these words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zhike.core.folds import half_up
from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from zhike.core.quarters import Period

# Who leaves a class again within so many days of entering it has flipped.
FLIP_DAYS = 30
# With fewer customers than this nothing is said of how classes compare.
MIN_CUSTOMERS = 30


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: what it is called, and how it is worked out."""

    label: Text
    formula: Text


FIGURES: Mapping[str, Figure] = {
    "size": Figure(
        Text("客户数", "Customers"),
        Text("期末在这一类的客户", "customers in the class at the end of the period"),
    ),
    "start": Figure(
        Text("期初", "At the start"),
        Text(
            "期初前一天结束时在这一类的客户，按当时的判定",
            "customers in the class at the end of the day before the period, as it was told then",
        ),
    ),
    "sources": Figure(
        Text("判定来源", "Decided by"),
        Text(
            "期末客户里，由规则、模型、人工判定的各占多少",
            "the shares of customers at the end whose class was decided by rules, by a model, by a person",
        ),
    ),
    "undetermined": Figure(
        Text("未判定", "Not decided"),
        Text(
            "期末客户里，因为没有数据才落在默认类别的占多少",
            "the share of customers at the end who are in the default class only for want of data",
        ),
    ),
    "override_rate": Figure(
        Text("人工改判率", "Overridden"),
        Text(
            "规则判进这一类、期内被人改成别的类别的客户 ÷ 期内曾在这一类的客户",
            "customers whom the rules put here and a person moved elsewhere in the period ÷ customers who were in the class during it",
        ),
    ),
    "feedback": Figure(
        Text("判得不准", "Found wrong"),
        Text("期内有人说这一类判得不准的次数", "how often somebody found the class wrong in the period"),
    ),
    "flip_rate": Figure(
        Text("30 天翻转率", "Flipped in 30 days"),
        Text(
            "由规则进入、30 天内又由规则离开的客户 ÷ 由规则进入的客户；只看 30 天观察期在本期内结束的进入",
            "customers who entered by the rules and left by them within 30 days ÷ customers who entered by the rules; of entries whose 30 days end in the period",
        ),
    ),
    "moves_rate": Figure(
        Text("人均变动", "Moves each"),
        Text(
            "期内离开这一类的次数 ÷ 期内曾在这一类的客户",
            "how often the class was left in the period ÷ customers who were in it during the period",
        ),
    ),
    "stay_days": Figure(
        Text("停留天数", "Days inside"),
        Text(
            "期内离开的，从进入到离开的天数，取中位",
            "the median of days from entering to leaving, of those who left in the period",
        ),
    ),
    "conversion": Figure(
        Text("转化率", "Conversion"),
        Text("期初客户里，期内下过单的占多少", "the share of those at the start who placed an order in the period"),
    ),
    "first_conversion": Figure(
        Text("首单转化率", "First orders"),
        Text(
            "期初客户里从没下过单的，期内下了第一单的占多少",
            "of those at the start without any order, the share who placed their first in the period",
        ),
    ),
    "average_order": Figure(
        Text("客单价", "Average order"),
        Text(
            "期初客户期内的成交额（减退款）÷ 期内的订单数，四舍五入到分",
            "revenue less refunds of those at the start ÷ their orders, both in the period, to the nearest minor unit",
        ),
    ),
    "repurchase": Figure(
        Text("复购率", "Repurchase"),
        Text(
            "期初客户里期内下过单的，期内下了两单以上的占多少",
            "of those at the start who placed an order in the period, the share who placed two or more",
        ),
    ),
    "retention": Figure(
        Text("留存率", "Retention"),
        Text(
            "期初客户里，期内下过单或有过互动的占多少",
            "the share of those at the start with an order or an interaction in the period",
        ),
    ),
    "revenue_share": Figure(
        Text("成交额占比", "Share of revenue"),
        Text(
            "期初客户期内的成交额 ÷ 期初在各类的全部客户期内的成交额",
            "revenue in the period of those at the start ÷ that of all who were in some class at the start",
        ),
    ),
    "revenue_each": Figure(
        Text("人均成交额", "Revenue each"),
        Text(
            "期初客户期内的成交额（减退款）÷ 期初客户数，四舍五入到分",
            "revenue less refunds in the period ÷ customers at the start, to the nearest minor unit",
        ),
    ),
    "lift": Figure(
        Text("提升", "Lift"),
        Text(
            "这一类的数 ÷ 全部客户的同一个数；没有可比的就不写",
            "the figure of the class ÷ the same figure of all customers; empty where there is none to compare with",
        ),
    ),
}


def ratio(part: float, whole: float) -> float | None:
    """Return part ÷ whole; None where there is no whole."""
    return part / whole if whole else None


def percent(rate: float | None) -> str:
    """Return a share to one digit: 9.2%."""
    return "—" if rate is None else f"{100 * rate:.1f}%"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What customers who stood somewhere when a period began did in it.

    `kept` had an order or an interaction; `unbought` had no order before the period, and
    `first_buyers` of them placed one in it. `spread` is the sample variance of a customer's revenue.
    """

    customers: int = 0
    buyers: int = 0
    repeaters: int = 0
    kept: int = 0
    contacted: int = 0
    unbought: int = 0
    first_buyers: int = 0
    orders: int = 0
    revenue: int = 0
    spread: float = 0.0

    @property
    def conversion(self) -> float | None:
        return ratio(self.buyers, self.customers)

    @property
    def first_conversion(self) -> float | None:
        return ratio(self.first_buyers, self.unbought)

    @property
    def average_order(self) -> int | None:
        return half_up(self.revenue, self.orders) if self.orders else None

    @property
    def repurchase(self) -> float | None:
        return ratio(self.repeaters, self.buyers)

    @property
    def retention(self) -> float | None:
        return ratio(self.kept, self.customers)

    @property
    def revenue_each(self) -> int | None:
        return half_up(self.revenue, self.customers) if self.customers else None


@dataclass(frozen=True, slots=True)
class Sources:
    """How many customers of a class each kind of decision put there."""

    rule: int = 0
    model: int = 0
    person: int = 0


@dataclass(frozen=True, slots=True)
class Overridden:
    """Whom people moved out of a class in the period: most of them to `to`, for the reason given most.

    `among` are those who stood in the class or whom the rules put there. A reason counts when more
    than one customer has it.
    """

    customers: int = 0
    among: int = 0
    to: str = ""
    to_customers: int = 0
    reason: str = ""
    reason_customers: int = 0


@dataclass(frozen=True, slots=True)
class ClassScore:
    """One class over one period.

    `members` stood in it at some time in the period; `chosen` were set into it by hand. `entered` and `flipped` are customers, and half of the latter
    left after `flip_days` days or fewer. It was left `left` times, after `stay_days` in the median.
    `undetermined` is None of a day that is past, since only the present is known of it.
    """

    key: str
    label: Text
    rank: int | None = None
    hold_days: int = 1
    size: int = 0
    start: int = 0
    members: int = 0
    sources: Sources = field(default=Sources())
    undetermined: int | None = 0
    overridden: Overridden = field(default=Overridden())
    chosen: int = 0
    feedback: int = 0
    entered: int = 0
    flipped: int = 0
    flip_days: int | None = None
    left: int = 0
    stay_days: float | None = None
    outcome: Outcome = field(default=Outcome())

    @property
    def override_rate(self) -> float | None:
        return ratio(self.overridden.customers, self.overridden.among)

    @property
    def flip_rate(self) -> float | None:
        return ratio(self.flipped, self.entered)

    @property
    def moves_rate(self) -> float | None:
        return ratio(self.left, self.members)

    @property
    def undetermined_rate(self) -> float | None:
        return None if self.undetermined is None else ratio(self.undetermined, self.size)


@dataclass(frozen=True, slots=True)
class PersonScore:
    """Whom one person moved in the period, how many of them are their own, and the way most of them went."""

    person: int
    name: str
    customers: int
    own: int
    owned: int
    from_key: str
    to_key: str
    way_customers: int

    @property
    def rate(self) -> float | None:
        """The share of the customers whom they look after."""
        return ratio(self.own, self.owned)


@dataclass(frozen=True, slots=True)
class Missing:
    """The fact that the rules read and most customers lack."""

    label: Text
    customers: int


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One dimension over one period.

    `everyone` did what all did who stood in some class at the start. Nothing was recorded of the
    dimension before `recorded_since`. `reads_money` says that its rules look at amounts, so that
    its classes are held against revenue too.
    """

    dimension: str
    label: Text
    period: Period
    currency: str
    classes: tuple[ClassScore, ...]
    everyone: Outcome = field(default=Outcome())
    people: tuple[PersonScore, ...] = ()
    recorded_since: date | None = None
    reads_money: bool = False
    missing: Missing | None = None

    def get(self, key: str) -> ClassScore:
        """Return the class of that key. Raises `KeyError`."""
        for score in self.classes:
            if score.key == key:
                return score
        raise KeyError(key)

    @property
    def size(self) -> int:
        return sum(score.size for score in self.classes)

    @property
    def undetermined(self) -> int:
        return sum(score.undetermined or 0 for score in self.classes)

    @property
    def is_ranked(self) -> bool:
        return len({score.rank for score in self.classes if score.rank is not None}) > 1

    def ranked(self, least: int = MIN_CUSTOMERS) -> Sequence[ClassScore]:
        """Return the classes with a rank and customers enough at the start, the best first."""
        enough = [score for score in self.classes if score.rank is not None and score.outcome.customers >= least]
        return sorted(enough, key=lambda score: -(score.rank or 0))

    def lift(self, key: str, figure: str) -> float | None:
        """Return a figure of a class's outcome ÷ the same figure of everyone."""
        own, base = getattr(self.get(key).outcome, figure), getattr(self.everyone, figure)
        return None if own is None or base is None else ratio(own, base)

    def revenue_share(self, key: str) -> float | None:
        return ratio(self.get(key).outcome.revenue, self.everyone.revenue)
