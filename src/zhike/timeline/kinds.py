"""The kinds of events, as one literal table.

A kind says what people call it, how a page shows it, who moved (`direction`), which columns its
data has, and which of them are about a person and how they are erased. What a column may hold is
checked on write; columns that the table does not name are kept as short scalars and count as personal.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

type Direction = Literal["inbound", "outbound", "internal"]


class Group(StrEnum):
    """The filter above a timeline."""

    CONTACT = "contact"
    SIGNAL = "signal"
    TRADE = "trade"
    SERVICE = "service"
    CLASS = "class"
    RECORD = "record"


GROUPS: Mapping[Group, Text] = {
    Group.CONTACT: Text("沟通", "Contact"),
    Group.SIGNAL: Text("意向信号", "Signals"),
    Group.TRADE: Text("交易", "Trade"),
    Group.SERVICE: Text("服务", "Service"),
    Group.CLASS: Text("类别变化", "Classes"),
    Group.RECORD: Text("档案", "Record"),
}


class DataType(StrEnum):
    """What a column of an event's data may hold."""

    LINE = "line"
    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLAG = "flag"
    OBJECT = "object"


class Erase(StrEnum):
    """What becomes of a column when a person asks to be forgotten."""

    KEEP = "keep"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an event's data."""

    type: DataType
    erase: Erase = Erase.KEEP


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of event."""

    key: str
    label: Text
    icon: str
    group: Group
    direction: Direction
    data: Mapping[str, Column]

    @property
    def personal(self) -> tuple[str, ...]:
        """The columns that are erased with the person."""
        return tuple(key for key, column in self.data.items() if column.erase is Erase.DROP)


_LINE = Column(DataType.LINE)
_INTEGER = Column(DataType.INTEGER)
_DECIMAL = Column(DataType.DECIMAL)
_FLAG = Column(DataType.FLAG)
_SAID = Column(DataType.TEXT, Erase.DROP)
_WORDS = Column(DataType.LINE, Erase.DROP)
_WHERE = Column(DataType.LINE, Erase.DROP)
_NUMBER = Column(DataType.LINE, Erase.DROP)  # by which other systems find the person again
_PERSONAL_OBJECT = Column(DataType.OBJECT, Erase.DROP)

# `mentions` are the numbers of colleagues who were spoken to.
_TALK: dict[str, Column] = {
    "text": _SAID,
    "said": _SAID,  # the customer's own words
    "result": _LINE,
    "minutes": _INTEGER,
    "mentions": _PERSONAL_OBJECT,
    "title": _WORDS,  # of the task that it finished
}
_MAIL: dict[str, Column] = {"subject": _WORDS, "text": _SAID, "campaign": _LINE, "result": _LINE}
_TRADE: dict[str, Column] = {
    "number": _NUMBER,
    "line": _LINE,
    "title": _WORDS,
    "quantity": _INTEGER,
    "text": _SAID,
}
_TICKET: dict[str, Column] = {"number": _NUMBER, "title": _WORDS, "text": _SAID}
_DEAL: dict[str, Column] = {"title": _WORDS, "stage": _LINE, "reason": _WORDS, "text": _SAID}
_CLASS: dict[str, Column] = {
    "dimension": _LINE,
    "from": _LINE,
    "to": _LINE,
    "since": _LINE,
    "source": _LINE,
    "version": _INTEGER,
    "reason": _PERSONAL_OBJECT,
    "cause": _INTEGER,
    "recomputed": _LINE,
}
_OVERRIDE: dict[str, Column] = {
    "dimension": _LINE,
    "from": _LINE,
    "to": _LINE,
    "until": _LINE,
    "text": _SAID,
}
_CONSENT: dict[str, Column] = {"purpose": _LINE, "channel": _LINE, "text_version": _LINE, "until": _LINE}

_PLAN: dict[str, Column] = {
    "plan": _INTEGER,
    **dict.fromkeys(("template", "name_zh", "name_en", "purpose", "by", "dimension", "from", "to", "reason"), _LINE),
    "what": _PERSONAL_OBJECT,
}

_TABLE: tuple[Kind, ...] = (
    Kind("call.made", Text("去电", "Call made"), "phone-outgoing", Group.CONTACT, "outbound", _TALK),
    Kind("call.received", Text("来电", "Call received"), "phone-incoming", Group.CONTACT, "inbound", _TALK),
    Kind("visit.made", Text("拜访", "Visit"), "map-pin", Group.CONTACT, "outbound", _TALK | {"place": _WHERE}),
    Kind("message.sent", Text("发出消息", "Message sent"), "send", Group.CONTACT, "outbound", _TALK),
    Kind("message.received", Text("收到消息", "Message received"), "message-2", Group.CONTACT, "inbound", _TALK),
    Kind("email.sent", Text("发出邮件", "E-mail sent"), "mail-forward", Group.CONTACT, "outbound", _MAIL),
    Kind("email.opened", Text("打开邮件", "E-mail opened"), "mail-opened", Group.SIGNAL, "inbound", _MAIL),
    Kind(
        "email.clicked",
        Text("点击邮件", "E-mail clicked"),
        "click",
        Group.SIGNAL,
        "inbound",
        _MAIL | {"url": _WHERE},
    ),
    Kind("email.replied", Text("回复邮件", "E-mail replied"), "mail", Group.CONTACT, "inbound", _MAIL),
    Kind(
        "page.viewed",
        Text("浏览页面", "Page viewed"),
        "eye",
        Group.SIGNAL,
        "inbound",
        {"title": _WORDS, "url": _WHERE, "seconds": _INTEGER, "device": _LINE},
    ),
    Kind(
        "form.submitted",
        Text("提交表单", "Form submitted"),
        "forms",
        Group.SIGNAL,
        "inbound",
        {"form": _LINE, "text": _SAID, "answers": _PERSONAL_OBJECT},
    ),
    Kind(
        "inquiry.received",
        Text("收到咨询", "Inquiry received"),
        "message-question",
        Group.SIGNAL,
        "inbound",
        {"title": _WORDS, "text": _SAID, "product": _LINE},
    ),
    Kind("sample.sent", Text("寄出样品", "Sample sent"), "package", Group.TRADE, "outbound", _TRADE),
    Kind("quote.sent", Text("发出报价", "Quote sent"), "file-invoice", Group.TRADE, "outbound", _TRADE),
    Kind("order.placed", Text("下单", "Order placed"), "shopping-cart", Group.TRADE, "inbound", _TRADE),
    Kind("order.refunded", Text("退款", "Order refunded"), "receipt-refund", Group.TRADE, "inbound", _TRADE),
    Kind("contract.signed", Text("签订合同", "Contract signed"), "signature", Group.TRADE, "inbound", _TRADE),
    Kind("payment.received", Text("收到回款", "Payment received"), "cash", Group.TRADE, "inbound", _TRADE),
    Kind("delivery.completed", Text("完成交付", "Delivered"), "truck-delivery", Group.TRADE, "outbound", _TRADE),
    Kind(
        "seminar.attended",
        Text("参加活动", "Seminar attended"),
        "school",
        Group.CONTACT,
        "inbound",
        {"title": _LINE, "place": _WHERE, "text": _SAID},
    ),
    Kind(
        "exhibition.visited",
        Text("参观展会", "Exhibition visited"),
        "presentation",
        Group.CONTACT,
        "inbound",
        {"title": _LINE, "place": _WHERE, "text": _SAID},
    ),
    Kind(
        "survey.answered",
        Text("满意度评价", "Survey answered"),
        "star-half",
        Group.SERVICE,
        "inbound",
        {"score": _DECIMAL, "text": _SAID, "survey": _LINE, "answers": _PERSONAL_OBJECT},
    ),
    Kind("complaint.filed", Text("投诉", "Complaint"), "message-report", Group.SERVICE, "inbound", _TICKET),
    Kind("ticket.opened", Text("新建工单", "Ticket opened"), "ticket", Group.SERVICE, "inbound", _TICKET),
    Kind(
        "ticket.closed",
        Text("工单解决", "Ticket closed"),
        "circle-check",
        Group.SERVICE,
        "outbound",
        _TICKET | {"minutes": _INTEGER},
    ),
    Kind(
        "points.earned",
        Text("获得积分", "Points earned"),
        "award",
        Group.SERVICE,
        "internal",
        {"points": _INTEGER, "title": _WORDS},
    ),
    Kind(
        "points.redeemed",
        Text("兑换积分", "Points redeemed"),
        "gift",
        Group.SERVICE,
        "inbound",
        {"points": _INTEGER, "title": _WORDS},
    ),
    Kind(
        "referral.made",
        Text("转介绍", "Referral"),
        "speakerphone",
        Group.SIGNAL,
        "inbound",
        {"name": _WORDS, "text": _SAID},
    ),
    Kind(
        "note.added",
        Text("备注", "Note"),
        "note",
        Group.RECORD,
        "internal",
        # `replaces` is the number of the entry that this one corrects.
        {"text": _SAID, "result": _LINE, "mentions": _PERSONAL_OBJECT, "replaces": _INTEGER},
    ),
    Kind(
        "task.done",
        Text("完成任务", "Task done"),
        "clipboard-check",
        Group.RECORD,
        "internal",
        {"title": _WORDS, "text": _SAID, "result": _LINE},
    ),
    # `what` is what a change of class has altered of the steps, by codes; `purpose` and `plan` are keys and numbers.
    Kind("plan.started", Text("开始跟进计划", "Plan started"), "list-check", Group.RECORD, "internal", _PLAN),
    Kind("plan.adapted", Text("调整跟进计划", "Plan adapted"), "adjustments", Group.RECORD, "internal", _PLAN),
    Kind("plan.ended", Text("结束跟进计划", "Plan ended"), "list-check", Group.RECORD, "internal", _PLAN),
    Kind("deal.opened", Text("新建商机", "Deal opened"), "layout-kanban", Group.TRADE, "internal", _DEAL),
    Kind(
        "deal.stage_changed",
        Text("商机推进", "Deal moved"),
        "arrow-narrow-right",
        Group.TRADE,
        "internal",
        _DEAL | {"from": _LINE, "to": _LINE},
    ),
    Kind("deal.won", Text("赢单", "Deal won"), "trophy", Group.TRADE, "internal", _DEAL),
    Kind("deal.lost", Text("丢单", "Deal lost"), "flag", Group.TRADE, "internal", _DEAL),
    Kind("class.changed", Text("类别变化", "Class changed"), "category-2", Group.CLASS, "internal", _CLASS),
    Kind("class.overridden", Text("人工指定", "Class set by hand"), "pin", Group.CLASS, "internal", _OVERRIDE),
    Kind(
        "owner.changed",
        Text("更换负责人", "Owner changed"),
        "user-share",
        Group.RECORD,
        "internal",
        # What a rule says of it: its name and number, how it chose, and whose place it was.
        {
            "from": _LINE,
            "to": _LINE,
            "rule": _LINE,
            "rule_id": _INTEGER,
            "how": _LINE,
            "owned": _INTEGER,
            "most": _INTEGER,
            "instead": _LINE,
            # Why without such a rule: handed_over, claimed, handed_back, given, reclaimed; names as they were then.
            "way": _LINE,
            "pool": _LINE,
            "pool_rule": _LINE,
            "reason": _LINE,
            "text": _SAID,
        },
    ),
    Kind("customer.created", Text("建档", "Customer created"), "user-plus", Group.RECORD, "internal", {}),
    Kind(
        "customer.updated",
        Text("修改资料", "Details changed"),
        "pencil",
        Group.RECORD,
        "internal",
        {"version": _INTEGER, "changes": _PERSONAL_OBJECT},
    ),
    Kind("customer.deleted", Text("删除", "Deleted"), "trash", Group.RECORD, "internal", {"version": _INTEGER}),
    Kind(
        "customer.restored", Text("恢复", "Restored"), "arrow-back-up", Group.RECORD, "internal", {"version": _INTEGER}
    ),
    Kind(
        "contact.added",
        Text("新增联系人", "Contact added"),
        "user-plus",
        Group.RECORD,
        "internal",
        {"version": _INTEGER, "name": _WORDS, "changes": _PERSONAL_OBJECT},
    ),
    Kind(
        "contact.updated",
        Text("修改联系人", "Contact changed"),
        "pencil",
        Group.RECORD,
        "internal",
        {"version": _INTEGER, "name": _WORDS, "changes": _PERSONAL_OBJECT},
    ),
    Kind("file.added", Text("上传附件", "File added"), "paperclip", Group.RECORD, "internal", {"name": _WORDS}),
    Kind("file.removed", Text("删除附件", "File removed"), "trash", Group.RECORD, "internal", {"name": _WORDS}),
    Kind("file.restored", Text("恢复附件", "File restored"), "paperclip", Group.RECORD, "internal", {"name": _WORDS}),
    Kind(
        "customer.merged",
        Text("合并客户", "Customers merged"),
        "arrow-merge",
        Group.RECORD,
        "internal",
        # `merge` is the number of the merge, `into` that of the record that remains: it stands with the others.
        {"from": _WORDS, "key": _WORDS, "into": _INTEGER, "merge": _INTEGER, "version": _INTEGER},
    ),
    Kind(
        "customer.parted",
        Text("撤销合并", "Merge undone"),
        "arrow-back-up",
        Group.RECORD,
        "internal",
        {"from": _WORDS, "merge": _INTEGER, "version": _INTEGER},
    ),
    Kind(
        "event.voided",
        Text("撤销记录", "Entry voided"),
        "arrow-back-up",
        Group.RECORD,
        "internal",
        {"reason": _SAID, "replaced": _FLAG},
    ),
    Kind("consent.given", Text("同意授权", "Consent given"), "shield-check", Group.RECORD, "inbound", _CONSENT),
    Kind(
        "consent.withdrawn",
        Text("撤回同意", "Consent withdrawn"),
        "shield-x",
        Group.RECORD,
        "inbound",
        _CONSENT,
    ),
    Kind(
        "profiling.refused",
        Text("拒绝自动分类", "Automatic classification refused"),
        "shield-x",
        Group.RECORD,
        "inbound",
        {"channel": _LINE, "text": _SAID},
    ),
    Kind(
        "profiling.allowed",
        Text("恢复自动分类", "Automatic classification allowed"),
        "shield-check",
        Group.RECORD,
        "inbound",
        {"channel": _LINE, "text": _SAID},
    ),
)

# What tells of changed fields: its data has `changes`, or is one change in itself.
CHANGE_KINDS = ("customer.created", "customer.updated", "owner.changed", "contact.added", "contact.updated")

KINDS: Mapping[str, Kind] = {kind.key: kind for kind in _TABLE}


def kinds_of(group: Group) -> tuple[str, ...]:
    """Return the kinds that a page's filter of this group shows."""
    return tuple(key for key, kind in KINDS.items() if kind.group is group)
