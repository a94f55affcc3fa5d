"""Metrics: what is counted, added up or looked back to. The catalogue is one table.

How a metric is computed from events stands in `zhike.core.folds`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from zhike.core.facts import Field, FieldType, Unit
from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zhike.core.events import Event


NOTHING = Text("", "")


class Fold(StrEnum):
    """What is made of the events that a metric reads."""

    COUNT = "count"
    SUM = "sum"
    DISTINCT_DAYS = "distinct_days"
    FIRST_AT = "first_at"
    LAST_AT = "last_at"
    DAYS_SINCE_FIRST = "days_since_first"
    DAYS_SINCE_LAST = "days_since_last"
    AVERAGE = "average"
    RATIO = "ratio"
    MAXIMUM = "maximum"

    __hash__ = str.__hash__  # as of `FieldType`


@dataclass(frozen=True, slots=True)
class Phrases:
    """How people speak of a metric.

    Counts: `verb` and `measure` (「下单」「次」), `one` and `many` ("order", "orders").
    Days since: `within` and `beyond`, with {n}; `ever` and `never` for whether there is a day to count from.
    """

    verb: str = ""
    measure: str = "次"
    one: str = ""
    many: str = ""
    within: Text = NOTHING
    beyond: Text = NOTHING
    ever: Text = NOTHING
    never: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Metric:
    """One fold: which events (`kinds`, those that subtract, `where` on their data), which value.

    `value` is ``amount`` or the key of a number in the event's data; empty counts events.
    """

    key: str
    label: Text
    fold: Fold
    kinds: tuple[str, ...]
    minus: tuple[str, ...] = ()
    where: tuple[str, str] | None = None
    value: str = ""
    unit: Unit = Unit.NONE
    windowed: bool = True
    floor: int | None = None
    phrases: Phrases = field(default=Phrases(), hash=False)

    @property
    def type(self) -> FieldType:
        match self.fold:
            case Fold.AVERAGE:
                return FieldType.DECIMAL
            case Fold.FIRST_AT | Fold.LAST_AT:
                return FieldType.DATE
            case _:
                return FieldType.INTEGER

    @property
    def is_days_since(self) -> bool:
        return self.fold in {Fold.DAYS_SINCE_FIRST, Fold.DAYS_SINCE_LAST}

    def reads_kinds(self) -> Iterable[str]:
        """Return the kinds of events that take part, each once; none where all do."""
        return dict.fromkeys((*self.kinds, *self.minus))

    def reads(self, event: Event) -> bool:
        """Say whether the event takes part, adding or subtracting."""
        if self.kinds and event.kind not in self.kinds and event.kind not in self.minus:
            return False
        return self.where is None or event.data.get(self.where[0]) == self.where[1]


_BY_US = ("call.made", "visit.made", "message.sent", "email.sent")
_BY_THEM = (
    "call.received",
    "message.received",
    "email.replied",
    "form.submitted",
    "inquiry.received",
    "seminar.attended",
    "exhibition.visited",
    "survey.answered",
)


def _count(key: str, label: Text, kinds: tuple[str, ...], phrases: Phrases) -> Metric:
    return Metric(key, label, Fold.COUNT, kinds, phrases=phrases)


def _days_since(key: str, label: Text, kinds: tuple[str, ...], phrases: Phrases, *, first: bool = False) -> Metric:
    fold = Fold.DAYS_SINCE_FIRST if first else Fold.DAYS_SINCE_LAST
    return Metric(key, label, fold, kinds, unit=Unit.DAYS, windowed=False, phrases=phrases)


_CATALOGUE: tuple[Metric, ...] = (
    _count("orders", Text("订单数", "Orders"), ("order.placed",), Phrases("下单", "次", "order", "orders")),
    Metric(
        "order_days",
        Text("下单天数", "Order days"),
        Fold.DISTINCT_DAYS,
        ("order.placed",),
        phrases=Phrases("下单", "天", "day with an order", "days with an order"),
    ),
    Metric(
        "product_orders",
        Text("产品订单数", "Product orders"),
        Fold.COUNT,
        ("order.placed",),
        where=("line", "product"),
        phrases=Phrases("订购产品", "次", "product order", "product orders"),
    ),
    Metric(
        "service_orders",
        Text("服务订单数", "Service orders"),
        Fold.COUNT,
        ("order.placed",),
        where=("line", "service"),
        phrases=Phrases("订购服务", "次", "service order", "service orders"),
    ),
    _days_since(
        "days_since_created",
        Text("建档天数", "Days since the record began"),
        (),
        Phrases(
            within=Text("建档不超过 {n} 天", "on record for at most {n} days"),
            beyond=Text("建档已满 {n} 天", "on record for {n} days or more"),
        ),
        first=True,
    ),
    Metric(
        "revenue",
        Text("成交额", "Revenue"),
        Fold.SUM,
        ("order.placed",),
        minus=("order.refunded",),
        value="amount",
        unit=Unit.MONEY,
    ),
    Metric(
        "average_order",
        Text("客单价", "Average order"),
        Fold.RATIO,
        ("order.placed",),
        minus=("order.refunded",),
        value="amount",
        unit=Unit.MONEY,
    ),
    _days_since(
        "days_since_order",
        Text("距上次下单", "Days since the last order"),
        ("order.placed",),
        Phrases(
            within=Text("最近 {n} 天内下过单", "ordered in the last {n} days"),
            beyond=Text("已有 {n} 天没有下单", "no order for {n} days or more"),
            ever=Text("下过单", "has ordered"),
            never=Text("从未下单", "never ordered"),
        ),
    ),
    _days_since(
        "days_since_first_order",
        Text("距首次下单", "Days since the first order"),
        ("order.placed",),
        Phrases(
            within=Text("首次下单不超过 {n} 天", "first ordered at most {n} days ago"),
            beyond=Text("首次下单已满 {n} 天", "first ordered {n} days ago or more"),
            ever=Text("下过单", "has ordered"),
            never=Text("从未下单", "never ordered"),
        ),
        first=True,
    ),
    Metric("payments", Text("回款额", "Payments"), Fold.SUM, ("payment.received",), value="amount", unit=Unit.MONEY),
    _count(
        "page_views", Text("浏览页数", "Page views"), ("page.viewed",), Phrases("浏览", "页", "page view", "page views")
    ),
    Metric(
        "visit_days",
        Text("来访天数", "Days on the site"),
        Fold.DISTINCT_DAYS,
        ("page.viewed",),
        phrases=Phrases("有浏览", "天", "day on the site", "days on the site"),
    ),
    Metric(
        "dwell_seconds",
        Text("停留时长", "Time on the site"),
        Fold.SUM,
        ("page.viewed",),
        value="seconds",
        unit=Unit.SECONDS,
    ),
    _count(
        "email_opens",
        Text("打开邮件次数", "E-mail opens"),
        ("email.opened",),
        Phrases("打开邮件", "次", "e-mail open", "e-mail opens"),
    ),
    _count(
        "email_clicks",
        Text("点击邮件次数", "E-mail clicks"),
        ("email.clicked",),
        Phrases("点击邮件", "次", "e-mail click", "e-mail clicks"),
    ),
    _count(
        "inquiries",
        Text("咨询次数", "Inquiries"),
        ("inquiry.received", "form.submitted"),
        Phrases("咨询", "次", "inquiry", "inquiries"),
    ),
    _count(
        "contacts_made",
        Text("主动联系次数", "Contacts made"),
        _BY_US,
        Phrases("联系客户", "次", "contact made", "contacts made"),
    ),
    _count(
        "contacts_received",
        Text("客户来联次数", "Contacts received"),
        _BY_THEM,
        Phrases("收到客户联系", "次", "contact received", "contacts received"),
    ),
    _count(
        "interactions",
        Text("互动次数", "Interactions"),
        _BY_US + _BY_THEM,
        Phrases("互动", "次", "interaction", "interactions"),
    ),
    _days_since(
        "days_since_interaction",
        Text("距上次互动", "Days since the last interaction"),
        _BY_US + _BY_THEM,
        Phrases(
            within=Text("最近 {n} 天内有过互动", "interacted in the last {n} days"),
            beyond=Text("已有 {n} 天没有互动", "no interaction for {n} days or more"),
            ever=Text("有过互动", "has interacted"),
            never=Text("从未有过互动", "never interacted"),
        ),
    ),
    _days_since(
        "days_since_contact_made",
        Text("距上次主动联系", "Days since we last made contact"),
        _BY_US,
        Phrases(
            within=Text("最近 {n} 天内联系过", "contacted by us in the last {n} days"),
            beyond=Text("已有 {n} 天没有主动联系", "not contacted by us for {n} days or more"),
            ever=Text("主动联系过", "contacted by us before"),
            never=Text("从未主动联系", "never contacted by us"),
        ),
    ),
    _days_since(
        "days_since_contact_received",
        Text("距客户上次来联", "Days since they last made contact"),
        _BY_THEM,
        Phrases(
            within=Text("客户最近 {n} 天内主动来联", "got in touch in the last {n} days"),
            beyond=Text("客户已有 {n} 天没有来联", "not been in touch for {n} days or more"),
            ever=Text("客户来联过", "has been in touch"),
            never=Text("客户从未来联", "never been in touch"),
        ),
    ),
    _count("quotes", Text("报价次数", "Quotes"), ("quote.sent",), Phrases("报价", "次", "quote", "quotes")),
    _count(
        "contracts", Text("签约次数", "Contracts"), ("contract.signed",), Phrases("签约", "次", "contract", "contracts")
    ),
    _count(
        "deliveries",
        Text("交付次数", "Deliveries"),
        ("delivery.completed",),
        Phrases("交付", "次", "delivery", "deliveries"),
    ),
    Metric(
        "deals_open",
        Text("在谈商机", "Open deals"),
        Fold.COUNT,
        ("deal.opened",),
        minus=("deal.won", "deal.lost"),
        windowed=False,
        floor=0,
        phrases=Phrases("在谈", "单", "open deal", "open deals"),
    ),
    _count("deals_won", Text("赢单数", "Deals won"), ("deal.won",), Phrases("赢单", "次", "deal won", "deals won")),
    _count(
        "deals_lost", Text("丢单数", "Deals lost"), ("deal.lost",), Phrases("丢单", "次", "deal lost", "deals lost")
    ),
    _count(
        "complaints",
        Text("投诉次数", "Complaints"),
        ("complaint.filed",),
        Phrases("投诉", "次", "complaint", "complaints"),
    ),
    _count("tickets", Text("工单数", "Tickets"), ("ticket.opened",), Phrases("提交工单", "次", "ticket", "tickets")),
    Metric("satisfaction", Text("满意度", "Satisfaction"), Fold.AVERAGE, ("survey.answered",), value="score"),
    _count(
        "referrals",
        Text("转介绍次数", "Referrals"),
        ("referral.made",),
        Phrases("转介绍", "次", "referral", "referrals"),
    ),
    Metric(
        "points",
        Text("积分", "Points"),
        Fold.SUM,
        ("points.earned",),
        minus=("points.redeemed",),
        value="points",
        windowed=False,
    ),
)

METRICS: Mapping[str, Metric] = {metric.key: metric for metric in _CATALOGUE}


def metric_fields() -> list[Field]:
    """Return the catalogue as fields that conditions may name."""
    return [Field(f"metric.{m.key}", m.type, m.label, m.unit, windowed=m.windowed) for m in METRICS.values()]
