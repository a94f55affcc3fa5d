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
    data: tuple[str, ...]


def _action(zh: str, en: str, *data: str) -> Action:
    return Action(Text(zh, en), data)


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
    "invitation.renewed": _action("换新邀请链接", "Invitation renewed"),
    "invitation.withdrawn": _action("收回邀请", "Invitation withdrawn", "role", "team"),
    "user.added": _action("添加成员", "Person added", "role", "team"),
    "user.invited": _action("邀请成员", "Person invited", "role", "team"),
    "user.changed": _action("修改成员", "Person changed", "fields", "before", "after"),
    "user.deactivated": _action("停用成员", "Person deactivated", "why"),
    "user.activated": _action("恢复成员", "Person activated"),
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
    "capacity.changed": _action("修改接客能力", "Capacity changed", "fields"),
    "absence.added": _action("登记休假", "Absence added", "from", "until", "to"),
    "absence.removed": _action("取消休假", "Absence removed", "from", "until", "to"),
    "company.changed": _action("修改公司设置", "Company changed", "fields", "before", "after"),
    # Rules
    "rules.published": _action("发布规则", "Rules published", "kind", "dimensions", "starts"),
    "rules.cancelled": _action("取消发布", "Publication cancelled"),
    "rules.paused": _action("暂停判定", "Classification paused", "dimension"),
    "rules.resumed": _action("恢复判定", "Classification resumed", "dimension"),
    "pack.installed": _action("启用分类包", "Pack installed", "pack", "version"),
    # Many at once, and out of the house
    "file.exported": _action("导出文件", "File exported", "what", "rows", "columns", "query", "dimension"),
    "file.fetched": _action("下载文件", "File fetched", "what", "rows"),
    "file.imported": _action("导入文件", "File imported", "what", "rows", "refused"),
    "bulk.changed": _action("批量修改", "Changed in bulk", "what", "fields", "count", "dimension", "to"),
    "bulk.undone": _action("撤销批量修改", "Bulk change undone", "what", "count"),
    "pool.claimed": _action("从公海领取", "Claimed from a pool", "pool", "count"),
    "pool.given": _action("放入公海", "Put into a pool", "pool", "count", "reason"),
    "pool.reclaimed": _action("按规则收回公海", "Taken back by a rule", "pool", "count", "rule"),
    "pool.changed": _action("修改公海", "Pool changed", "name", "fields", "before", "after"),
    "pool.rule_changed": _action("修改回收规则", "Reclaim rule changed", "name", "fields", "before", "after"),
    "pool.rule_removed": _action("移除回收规则", "Reclaim rule removed", "name"),
    "pool.reasons_changed": _action("修改退回理由", "Reasons of handing back changed", "fields"),
    "customer.merged": _action("合并客户", "Customers merged", "from"),
    "customer.assigned": _action("按规则分配", "Assigned by a rule", "rule", "count", "counts"),
    "channel.added": _action("添加群机器人", "Bot added", "name", "kind", "team"),
    "channel.changed": _action("修改群机器人", "Bot changed", "name", "kind", "team", "fields"),
    "channel.removed": _action("移除群机器人", "Bot removed", "name", "kind"),
    "channel.gone": _action("群机器人没有了", "Bot gone", "name"),
    "ladder.changed": _action("修改逾期提醒", "Overdue reminders changed", "fields"),
    "template.added": _action("新建计划模板", "Plan template added", "key", "fields"),
    "template.changed": _action("修改计划模板", "Plan template changed", "key", "fields"),
    "promises.changed": _action("修改首次联系的时限", "Terms of promises changed", "fields"),
    "assignment.changed": _action("修改分配规则", "Assignment rules changed", "name", "fields", "state"),
    "customer.parted": _action("撤销合并", "Merge undone", "from", "count"),
    "customer.deleted": _action("删除客户", "Customer deleted"),
    "field.added": _action("新建字段", "Field added", "key", "type"),
    "field.changed": _action("修改字段", "Field changed", "key", "fields"),
    "field.removed": _action("移除字段", "Field removed", "key"),
    # Personal data
    "field.revealed": _action("查看原文", "Masked value revealed", "field", "reason", "count"),
    "subject.requested": _action("登记个人信息请求", "Request of a person registered", "kind", "asker", "due"),
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
    "accounts.User": Text("成员", "Person"),
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
    "assignment.Rule": Text("分配规则", "Assignment rule"),
    "timeline.Event": Text("时间线", "Timeline"),
    "pools.Pool": Text("公海", "Pool"),
    "pools.Rule": Text("回收规则", "Reclaim rule"),
    "notices.Channel": Text("群机器人", "Bot"),
    "followups.PlanTemplate": Text("计划模板", "Plan template"),
}

# What the data of an action is called.
DATA: Mapping[str, Text] = {
    "asker": Text("提出的人", "asked by"),
    "address": Text("网络地址", "network address"),
    "after": Text("改后", "after"),
    "before": Text("改前", "before"),
    "columns": Text("列", "columns"),
    "count": Text("数量", "count"),
    "counts": Text("各表数量", "counts"),
    "digest": Text("摘要", "digest"),
    "dimension": Text("维度", "dimension"),
    "dimensions": Text("维度", "dimensions"),
    "due": Text("答复期限", "due"),
    "factor": Text("方式", "with"),
    "field": Text("字段", "field"),
    "fields": Text("字段", "fields"),
    "files": Text("文件数", "files"),
    "first": Text("从", "first"),
    "from": Text("来自", "from"),
    "how": Text("方式", "how"),
    "input": Text("依据", "input"),
    "intact": Text("完好", "intact"),
    "key": Text("标识", "key"),
    "kind": Text("种类", "kind"),
    "labels": Text("删除的类别", "labels removed"),
    "last": Text("到", "last"),
    "ledger": Text("删除登记", "ledger"),
    "name": Text("名称", "name"),
    "outcome": Text("结果", "outcome"),
    "pack": Text("分类包", "pack"),
    "parent": Text("上级", "parent"),
    "pool": Text("公海", "pool"),
    "purpose": Text("用途", "purpose"),
    "query": Text("条件", "query"),
    "reason": Text("理由", "reason"),
    "refused": Text("拒收", "refused"),
    "replayed": Text("重新执行", "replayed"),
    "role": Text("角色", "role"),
    "rows": Text("行数", "rows"),
    "rule": Text("规则", "rule"),
    "rules": Text("规则", "rules"),
    "starts": Text("生效", "starts"),
    "state": Text("状态", "state"),
    "team": Text("团队", "team"),
    "to": Text("给", "to"),
    "type": Text("类型", "type"),
    "until": Text("到期", "until"),
    "verb": Text("可以", "may"),
    "version": Text("版本", "version"),
    "what": Text("内容", "what"),
    "why": Text("原因", "why"),
}

# Columns that stand in the data beside those of customers.
COLUMNS: Mapping[str, Text] = {
    "cities": Text("城市", "cities"),
    "currency": Text("货币", "currency"),
    "industries": Text("行业", "industries"),
    "leader_id": Text("负责人", "led by"),
    "parent_id": Text("上级", "parent"),
    "regions": Text("区域", "regions"),
    "role_id": Text("角色", "role"),
    "team_id": Text("团队", "team"),
    "teams": Text("团队", "teams"),
    "timezone": Text("时区", "time zone"),
    "users": Text("成员", "people"),
}

# Codes that stand in the data, by what they are called there.
CODES: Mapping[tuple[str, str], Text] = {
    ("factor", "password"): Text("密码", "password"),
    ("factor", "app"): Text("验证器", "authenticator"),
    ("factor", "passkey"): Text("通行密钥", "passkey"),
    ("factor", "recovery"): Text("恢复码", "recovery code"),
    ("how", "own"): Text("自己改的", "by the person"),
    ("how", "link"): Text("用链接", "by a link"),
    ("kind", "app"): Text("验证器", "authenticator"),
    ("kind", "passkey"): Text("通行密钥", "passkey"),
    ("kind", "recovery"): Text("恢复码", "recovery code"),
    ("kind", "all"): Text("全部", "all"),
    ("kind", "publish"): Text("发布", "publication"),
    ("what", "customers"): Text("客户", "customers"),
    ("what", "audit"): Text("审计日志", "audit log"),
    ("why", "own"): Text("自己结束", "ended by the person"),
    ("why", "admin"): Text("管理员结束", "ended by an administrator"),
}
