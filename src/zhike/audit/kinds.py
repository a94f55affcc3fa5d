"""What is written into the audit log, as literal tables: actions, doors, and what they are about.

An action names the data that may stand with it. No text of a customer is among them: the log outlives
the erasure of a person, so it holds ids, codes, names of columns and numbers, never what stood in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhike.base import doors
from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that is written down: what people call it, and the data that it may carry."""

    label: Text
    data: frozenset[str]


def _action(zh: str, en: str, *data: str) -> Action:
    return Action(Text(zh, en), frozenset(data))


ACTIONS: Mapping[str, Action] = {
    # Signing in
    "session.opened": _action("登录", "Signed in", "factor"),
    "session.closed": _action("退出登录", "Signed out"),
    "session.ended": _action("结束登录", "Session ended", "count", "why"),
    "session.refused": _action("登录被拒", "Sign-in refused", "why", "name", "address"),
    "session.locked": _action("登录暂停", "Sign-in locked out", "why", "name", "address"),
    "password.changed": _action("更换密码", "Password changed", "how"),
    "factor.added": _action("添加第二重验证", "Second factor added", "kind"),
    "factor.removed": _action("移除第二重验证", "Second factor removed", "kind"),
    "token.added": _action("新建令牌", "Token added", "name", "until"),
    "token.ended": _action("停用令牌", "Token ended", "name"),
    # People and rights
    "user.added": _action("添加使用者", "Person added", "role", "team"),
    "user.invited": _action("邀请使用者", "Person invited", "role", "team"),
    "invitation.renewed": _action("换新邀请链接", "Invitation renewed"),
    "invitation.withdrawn": _action("收回邀请", "Invitation withdrawn", "role", "team"),
    "user.changed": _action("修改使用者", "Person changed", "fields", "before", "after"),
    "user.deactivated": _action("停用使用者", "Person deactivated", "why"),
    "user.activated": _action("恢复使用者", "Person activated"),
    "user.handed_over": _action("交接客户", "Customers handed over", "to", "count", "rule"),
    "user.handover_failed": _action("交接停下", "Hand-over stopped", "count", "rule"),
    "user.rules_given": _action("交接规则", "Rules handed over", "to", "count", "dimensions"),
    "team.added": _action("新建团队", "Team added", "name", "parent"),
    "team.changed": _action("修改团队", "Team changed", "fields", "before", "after"),
    "team.removed": _action("移除团队", "Team removed", "name", "to", "counts"),
    "role.added": _action("新建角色", "Role added", "key"),
    "role.changed": _action("修改角色", "Role changed", "key", "fields", "before", "after"),
    "role.removed": _action("移除角色", "Role removed", "key", "to", "counts"),
    "territory.changed": _action("修改辖区", "Territory changed", "key", "fields", "before", "after"),
    "territory.removed": _action("移除辖区", "Territory removed", "name", "to", "counts"),
    "share.given": _action("共享记录", "Record shared", "to", "team", "until", "verb"),
    "share.ended": _action("停止共享", "Sharing ended", "to", "team"),
    "company.changed": _action("修改公司设置", "Company changed", "fields", "before", "after"),
    # Rules
    "rules.published": _action("发布规则", "Rules published", "kind", "dimensions", "starts"),
    "rules.cancelled": _action("取消发布", "Publication cancelled"),
    "rules.paused": _action("暂停判定", "Classification paused", "dimension"),
    "rules.resumed": _action("恢复判定", "Classification resumed", "dimension"),
    "pack.installed": _action("启用规则包", "Pack installed", "pack", "version"),
    # Many at once, and out of the house
    "file.exported": _action("导出文件", "File exported", "what", "rows", "columns", "query", "dimension"),
    "file.fetched": _action("下载文件", "File fetched", "what", "rows"),
    "file.imported": _action("导入文件", "File imported", "what", "rows", "refused"),
    "bulk.changed": _action("批量修改", "Changed in bulk", "what", "fields", "count", "dimension", "to"),
    "bulk.undone": _action("撤销批量修改", "Bulk change undone", "what", "count"),
    "customer.merged": _action("合并客户", "Customers merged", "from"),
    "customer.deleted": _action("删除客户", "Customer deleted"),
    "field.added": _action("新建字段", "Field added", "key", "type"),
    "field.changed": _action("修改字段", "Field changed", "key", "fields"),
    "field.removed": _action("移除字段", "Field removed", "key"),
    # Personal data
    "field.revealed": _action("查看原文", "Masked value revealed", "field", "reason", "count"),
    "subject.requested": _action("登记个人信息请求", "Request of a person registered", "kind", "due"),
    "subject.closed": _action("办结个人信息请求", "Request of a person closed", "kind", "outcome"),
    "subject.exported": _action("导出个人信息", "Personal data handed out", "files", "rows"),
    "subject.erased": _action("抹去个人信息", "Person erased", "counts", "ledger", "replayed"),
    "profiling.refused": _action("拒绝自动分类", "Automatic classification refused", "labels"),
    "profiling.allowed": _action("恢复自动分类", "Automatic classification allowed again"),
    "consent.changed": _action("修改授权", "Consent changed", "purpose", "state", "version"),
    "input.barred": _action("禁用分类依据", "Input barred", "dimension", "input", "rules"),
    "input.allowed": _action("恢复分类依据", "Input allowed again", "dimension", "input"),
    "assessment.filed": _action("归档影响评估", "Impact assessment filed", "version"),
    # The chain itself
    "timeline.sealed": _action("封存时间线", "Timeline sealed", "first", "last", "count", "digest"),
    "timeline.resealed": _action(
        "重新封存时间线", "Timeline sealed again", "first", "last", "count", "digest", "intact", "why"
    ),
}

DOORS: Mapping[str, Text] = {
    **{str(door): doors.DOORS[door] for door in doors.ENTRANCES},
    "": Text("系统", "System"),
}

SUBJECTS: Mapping[str, Text] = {
    "accounts.User": Text("使用者", "Person"),
    "accounts.Invitation": Text("邀请", "Invitation"),
    "accounts.Team": Text("团队", "Team"),
    "accounts.Role": Text("角色", "Role"),
    "accounts.Territory": Text("辖区", "Territory"),
    "accounts.Company": Text("公司", "Company"),
    "customers.Customer": Text("客户", "Customer"),
    "customers.Contact": Text("联系人", "Contact"),
    "customers.CustomField": Text("字段", "Field"),
    "classification.Publication": Text("发布", "Publication"),
    "classification.Scheme": Text("维度", "Dimension"),
    "timeline.Event": Text("时间线", "Timeline"),
}
