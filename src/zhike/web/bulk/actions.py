"""What can be done to many customers: the literal table that the bar below the list and the pages share."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _

from zhike.accounts.policy import can
from zhike.classification.models import Override
from zhike.customers.models import Customer

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from zhike.accounts.models import User


class Action(NamedTuple):
    """One thing: its kind of job, what its page, its button and its entry are called, and the right that it needs."""

    kind: str
    entry: str | Promise
    title: str | Promise
    button: str | Promise
    icon: str
    verb: str
    model: type[Customer | Override] = Customer
    shortcut: str = ""
    is_grave: bool = False


ACTIONS = {
    "assign": Action("assign", _("分配"), _("分配负责人"), _("分配"), "user-share", "assign", shortcut="a"),
    "rules": Action("assign_by_rules", _("按规则分配"), _("按规则分配"), _("分配"), "git-branch", "assign"),
    "tag": Action("tag", _("标签"), _("加减标签"), _("保存"), "tag", "change"),
    "field": Action("field", _("字段"), _("修改字段"), _("保存"), "pencil", "change"),
    "plan": Action("plan", _("安排联系"), _("安排下次联系"), _("安排"), "calendar-event", "change", shortcut="t"),
    "override": Action("override", _("人工指定"), _("人工指定"), _("指定"), "pin", "create", Override, "o"),
    "pool": Action("pool", _("放入公海"), _("放入公海"), _("放入公海"), "ripple", "hand_back"),
    "export": Action("export", _("导出"), _("导出"), _("导出"), "download", "export"),
    "delete": Action("delete", _("删除"), _("删除客户"), _("删除"), "trash", "delete", is_grave=True),
}


def actions_for(user: User) -> list[tuple[str, Action]]:
    """Return what this person may do to many at once."""
    return [(name, action) for name, action in ACTIONS.items() if can(user, action.verb, action.model)]
