"""What becomes of each table when a person asks to be forgotten, as one literal table.

By label, so that no app above needs to be imported. A table that holds something personal of a customer and has
no row here fails a test; so does a personal column of a row that stays and is neither blanked nor kept for a reason.
Events are erased by kind, as `timeline.kinds` says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Erased:
    """Rows that go with the customer at the end of `path`, or that stay with other values in some columns.

    `other`: the path to another customer with whom such a row goes as well.

    `kept` are personal columns of rows that stay, with the reason.
    """

    label: Text
    path: str = "customer"
    other: str = ""
    blank: Mapping[str, object] | None = None
    kept: Mapping[str, str] = field(default_factory=dict)

    @property
    def goes(self) -> bool:
        """Say whether the whole row goes."""
        return self.blank is None


NAME = "已抹去"

CUSTOMER: Mapping[str, object] = {
    "key": None,
    "name": NAME,
    "name_folded": "",
    "name_key": "",
    "region": "",
    "region_folded": "",
    "city": "",
    "city_folded": "",
    "birthday": None,
    "tags": [],
    "tags_folded": [],
    "custom": {},
    "custom_folded": {},
    "phone": "",
    "phone_state": "",
    "email": "",
    "next_contact_on": None,
    "planned_contact_on": None,
    "preferences": "",
    "campaign": "",
    "first_touch_channel": "",
    "first_touch_on": None,
    "first_touch_note": "",
    "parent": None,
    "form_key": None,
}

# In this order: what others point to goes last.
ERASED: Mapping[str, Erased] = {
    "imports.Row": Erased(
        Text("导入时的原值和新值", "Values before and after an import"), blank={"said": {}, "before": {}, "after": {}}
    ),
    "assignment.Promise": Erased(Text("首次联系的时限", "Promises of a first answer")),
    "assignment.Waiting": Erased(Text("等着分配", "Waiting to be assigned")),
    "duplicates.Merge": Erased(Text("合并前留下的内容", "What is kept of merges"), blank={"kept": None}),
    "duplicates.Pair": Erased(Text("可能重复的客户", "Pairs that may be one customer"), other="other"),
    "followups.Escalation": Erased(Text("逾期提醒", "Reminders of what is overdue")),
    "followups.Advice": Erased(Text("建议的取舍", "What was made of advice")),
    "followups.Task": Erased(Text("任务", "Tasks")),
    "followups.Plan": Erased(Text("跟进计划", "Plans")),
    "classification.Notification": Erased(Text("通知", "Notifications")),
    "classification.Staged": Erased(Text("待公布的类别", "Classes about to be published")),
    "classification.Shelved": Erased(Text("放进回收站前的类别", "Classes from before the bin")),
    "classification.Placement": Erased(Text("类别和理由", "Classes with their reasons")),
    "classification.CustomerFacts": Erased(Text("指标", "Metrics")),
    "classification.Override": Erased(
        Text("人工指定的理由", "Reasons of classes set by hand"),
        blank={"reason": ""},
        kept={"class_key": "a class without a person is a statistic"},
    ),
    "classification.Review": Erased(Text("复核的说明", "Words in reviews"), blank={"said": "", "answer": ""}),
    "pools.Stay": Erased(Text("放入公海时的说明", "Words with which they were put into a pool"), blank={"note": ""}),
    "privacy.Consent": Erased(
        Text("授权的凭据", "Evidence of consents"), blank={"evidence": ""}, kept={"at": "proof of when, of nobody"}
    ),
    "privacy.Request": Erased(
        Text("个人信息请求的文字", "Words of requests"), blank={"identity": "", "said": "", "answer": ""}
    ),
    "customers.Reach": Erased(Text("联系方式", "Ways to reach them")),
    "customers.Address": Erased(Text("地址", "Addresses")),
    "customers.Relation": Erased(Text("和别的客户的关系", "Relations to other customers"), other="other"),
    "customers.Attachment": Erased(Text("附件", "Attachments")),
    "customers.Favourite": Erased(Text("收藏", "Favourites")),
    "customers.SearchText": Erased(Text("搜索用的文字", "Texts for the search")),
    "customers.Contact": Erased(Text("联系人", "Contacts")),
    "customers.Customer": Erased(Text("客户资料", "Customer record"), path="pk", blank=CUSTOMER),
}

EVENTS = "timeline.Event"
EVENTS_LABEL = Text("时间线", "Timeline")
FILES = "files"
FILES_LABEL = Text("还没过期的导出文件", "Exported files not yet expired")

# Where a person is named outside of the customer's own record: hashed into the ledger.
IDENTIFIERS: Mapping[str, tuple[str, ...]] = {
    "customers.Customer": ("phone", "email", "key"),
    "customers.Contact": ("phone", "email"),
    "customers.Reach": ("value",),
}
