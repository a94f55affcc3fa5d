"""What a merge does with each thing that refers to a customer, as one literal table.

By label and column, so that no app above needs to be imported. A model that comes to point at a customer and has
no row here fails a test. `actions.moving` carries the rows out; what is `OWN` has a function of its own there or
beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping


class How(StrEnum):
    """What becomes of a row."""

    MOVES = "moves"  # it is the survivor's
    ONCE = "once"  # likewise; where the survivor has an equal one, it stays with the merged record, unseen
    STAYS = "stays"  # with the merged record, which leads to the survivor
    ASIDE = "aside"  # put aside with the merged record, and written anew for the survivor
    OWN = "own"  # as the words say


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of the rows at the end of one column, in words for the documentation, and what they are called.

    `alike` are the columns in which two rows of one customer may not be the same; `only` narrows which move.
    """

    label: Text
    how: How
    words: Text
    alike: tuple[str, ...] = ()
    only: Mapping[str, object] | None = None


# What tells of the record itself: whoever has an old version of the survivor open must not see another's.
STAYING = (
    "class.changed",
    "class.overridden",
    "owner.changed",
    "customer.created",
    "customer.updated",
    "customer.deleted",
    "customer.restored",
    "customer.merged",
    "customer.parted",
)

_ALL = Text("全部归主记录", "All go to the survivor")
_LEADS = Text("留在被合并的记录上，链接会转到主记录", "Stay with the merged record, whose address leads on")
_ANEW = Text("主记录按合起来的时间线重新计算", "Worked out anew for the survivor from the united timeline")

# Model and column that point at a customer → what a merge does.
FATES: Mapping[str, Fate] = {
    "customers.Contact.customer": Fate(
        Text("联系人", "Contacts"),
        How.OWN,
        Text(
            "归主记录；姓名相同、电话或邮箱也相同的合成一位；主要联系人仍是主记录的",
            "Go to the survivor; those with the same name and a number or e-mail in common become one; its primary one stays",
        ),
    ),
    "customers.Reach.customer": Fate(
        Text("联系方式", "Ways to reach them"),
        How.OWN,
        Text(
            "合在一起，同一个号码只留一个；首选由人决定", "United, each number once; which is the primary one is chosen"
        ),
    ),
    "customers.Address.customer": Fate(
        Text("地址", "Addresses"),
        How.OWN,
        Text(
            "合在一起，相同的只留一个；主要地址仍是主记录的",
            "United, equal ones once; the survivor's primary one stays",
        ),
    ),
    "customers.Attachment.customer": Fate(Text("附件", "Attachments"), How.MOVES, _ALL),
    "customers.Favourite.customer": Fate(
        Text("收藏", "Favourites"), How.ONCE, Text("每人一个", "One a person"), alike=("user",)
    ),
    "customers.Relation.customer": Fate(
        Text("和别的客户的关系", "Relations to other customers"),
        How.OWN,
        Text(
            "改为主记录的；相同的和指向自己的去掉", "Become the survivor's; equal ones, and those between the two, go"
        ),
    ),
    "customers.Relation.other": Fate(
        Text("和别的客户的关系", "Relations to other customers"), How.OWN, Text("同上", "As above")
    ),
    "customers.Customer.parent": Fate(
        Text("下级公司", "Subsidiaries"),
        How.OWN,
        Text(
            "归到主记录下面；主记录没有上级时用被合并记录的",
            "Hang below the survivor, which takes a parent if it has none",
        ),
    ),
    "customers.Customer.merged_into": Fate(Text("以前合并进来的记录", "Records merged before"), How.STAYS, _LEADS),
    "customers.SearchText.customer": Fate(
        Text("搜索用的文字", "Texts for the search"),
        How.ASIDE,
        Text("主记录也能用旧名称、旧编号和旧号码搜到", "The survivor is found by the old name, key and numbers too"),
    ),
    "timeline.Event.customer": Fate(
        Text("时间线", "Timeline"),
        How.OWN,
        Text(
            "合成一条；建档、改资料、类别变化这类记录留在被合并的记录上",
            "United; what tells of the record itself (made, changed, its classes) stays with the merged one",
        ),
    ),
    "privacy.Consent.customer": Fate(
        Text("授权", "Consents"),
        How.OWN,
        Text("全部归主记录；同一用途以更严格的为准", "All go to the survivor; of one purpose the stricter holds"),
    ),
    "privacy.Request.customer": Fate(Text("个人信息请求", "Requests of the person"), How.MOVES, _ALL),
    "imports.Row.customer": Fate(
        Text("导入的行", "Rows of imports"),
        How.STAYS,
        Text(
            "留在被合并的记录上：撤销那次导入不会删掉主记录",
            "Stay with the merged record: taking that import back does not remove the survivor",
        ),
    ),
    "classification.CustomerFacts.customer": Fate(Text("指标", "Metrics"), How.ASIDE, _ANEW),
    "classification.Placement.customer": Fate(Text("类别", "Classes"), How.ASIDE, _ANEW),
    "classification.Staged.customer": Fate(Text("待公布的类别", "Classes about to be published"), How.ASIDE, _ANEW),
    "classification.Shelved.customer": Fate(Text("收起的类别", "Classes put aside"), How.ASIDE, _LEADS),
    "classification.Override.customer": Fate(
        Text("人工指定的类别", "Classes set by hand"),
        How.OWN,
        Text(
            "还有效的归主记录；同一维度以后指定的为准", "Those in force go to the survivor; of one dimension the later"
        ),
    ),
    "classification.Review.customer": Fate(
        Text("对类别的反馈", "Words about classes"),
        How.MOVES,
        Text(
            "反馈归主记录；其余待复核的按新类别重新提出",
            "Feedback goes to the survivor; other open ones are raised anew",
        ),
        only={"kind": "feedback"},
    ),
    "classification.Notification.customer": Fate(
        Text("通知", "Notifications"), How.MOVES, Text("指向主记录", "Lead to the survivor")
    ),
    "assignment.Promise.customer": Fate(
        Text("首次联系的时限", "Promises of a first answer"),
        How.STAYS,
        Text(
            "留在被合并的记录上，不再催；主记录按自己的类别约定",
            "Stay with the merged record and nobody is reminded; the survivor's classes promise anew",
        ),
    ),
    "assignment.Waiting.customer": Fate(
        Text("等着分配", "Waiting to be assigned"),
        How.STAYS,
        Text("被合并的不再分配", "Who was merged is assigned no more"),
    ),
    "pools.Stay.customer": Fate(
        Text("在公海里", "Stays in pools"),
        How.STAYS,
        Text("留在被合并的记录上，不能再领取", "Stay with the merged record, which nobody can claim"),
    ),
    "pools.Notice.customer": Fate(
        Text("回公海的提醒", "Warnings before a pool"),
        How.STAYS,
        Text("留在被合并的记录上", "Stay with the merged record"),
    ),
    "followups.Task.customer": Fate(Text("任务", "Tasks"), How.MOVES, _ALL),
    "followups.Advice.customer": Fate(Text("建议的取舍", "What was made of advice"), How.MOVES, _ALL),
    "followups.Plan.customer": Fate(
        Text("跟进计划", "Plans"),
        How.OWN,
        Text(
            "归主记录；同一目的只有一个进行中，主记录的优先，另一个结束",
            "Go to the survivor; of one purpose one goes on, the survivor's first, and the other is ended",
        ),
    ),
    "followups.Escalation.customer": Fate(
        Text("逾期提醒", "Reminders of what is overdue"),
        How.STAYS,
        Text("留在被合并的记录上", "Stay with the merged record"),
    ),
    "duplicates.Pair.customer": Fate(
        Text("可能重复", "Pairs that may be one"),
        How.STAYS,
        Text(
            "这几位之间的算作已合并；撤销后重新待处理", "Those between them count as merged; an undo opens them again"
        ),
    ),
    "duplicates.Pair.other": Fate(Text("可能重复", "Pairs that may be one"), How.STAYS, Text("同上", "As above")),
    "duplicates.Merge.customer": Fate(Text("合并记录", "Merges"), How.STAYS, _LEADS),
}

# What names a customer by its number, without a foreign key.
BY_NUMBER: Mapping[str, Fate] = {
    "accounts.Share.row": Fate(
        Text("共享", "Shares"),
        How.OWN,
        Text("归主记录；已经共享给同一人或团队的不重复", "Go to the survivor, each person and team once"),
    ),
    "customers.Customer.custom": Fate(
        Text("指向这位客户的自定义字段", "Own fields that name this customer"),
        How.OWN,
        Text("改为指向主记录", "Name the survivor"),
    ),
    "customers.Customer.key": Fate(
        Text("编号", "Key"),
        How.OWN,
        Text(
            "主记录用一个；其余仍认得，再次导入会对上主记录", "The survivor bears one; by the others it is still known"
        ),
    ),
    "jobs.Item.target": Fate(Text("批量操作", "Bulk jobs"), How.STAYS, _LEADS),
    "privacy.Deletion.record": Fate(Text("删除登记", "Ledger of deletions"), How.STAYS, _LEADS),
    "audit.Entry.subject_id": Fate(Text("审计日志", "Audit log"), How.STAYS, _LEADS),
}
