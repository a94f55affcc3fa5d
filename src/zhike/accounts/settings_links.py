"""The pages behind 设置 that not everybody may open: one literal table, asked by rights."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.apps import apps
from django.utils.translation import gettext_lazy as _

from zhike.accounts.policy import can

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from zhike.accounts.models import User


class SettingsLink(NamedTuple):
    """A page, and the right (verb, model label) that it takes."""

    url: str
    icon: str
    label: Promise | str
    text: Promise | str
    right: tuple[str, str]


LINKS: tuple[SettingsLink, ...] = (
    SettingsLink(
        "web:people", "user-plus", _("成员"), _("邀请、角色和团队、停用、交接客户"), ("change", "accounts.User")
    ),
    SettingsLink(
        "web:teams",
        "users",
        _("团队与角色"),
        _("团队、谁能看什么和做什么、辖区"),
        ("view", "accounts.Team"),
    ),
    SettingsLink(
        "web:fields",
        "forms",
        _("字段"),
        _("公司自己的客户资料：类型、分组、必填"),
        ("change", "customers.CustomField"),
    ),
    SettingsLink(
        "web:rates",
        "coins",
        _("汇率"),
        _("别的币种从哪天起值多少"),
        ("change", "timeline.ExchangeRate"),
    ),
    SettingsLink(
        "web:privacy_requests",
        "shield-check",
        _("个人信息请求"),
        _("查阅、更正、删除、拒绝，各有答复期限"),
        ("view", "privacy.Request"),
    ),
    SettingsLink(
        "web:inventory",
        "list-check",
        _("个人信息收集清单"),
        _("存下哪些讲到人的数据，为什么，谁看得到"),
        ("view", "privacy.Request"),
    ),
    SettingsLink(
        "web:tags",
        "tag",
        _("标签"),
        _("有哪些标签，什么时候用，谁负责"),
        ("view", "customers.Tag"),
    ),
    SettingsLink(
        "web:imports",
        "table-import",
        _("导入"),
        _("客户、联系人和订单的文件：试运行、导入、撤销"),
        ("import", "customers.Customer"),
    ),
    SettingsLink(
        "web:assignment",
        "user-share",
        _("分配"),
        _("谁接哪些客户：规则、试算、各人的余量、首次联系的时限"),
        ("assign", "customers.Customer"),
    ),
    SettingsLink(
        "web:assignment_me",
        "calendar-event",
        _("上班和休假"),
        _("自己什么时候休假、谁代"),
        ("change", "assignment.Absence"),
    ),
    SettingsLink(
        "web:pools",
        "ripple",
        _("公海"),
        _("没有人负责的客户：领取、退回、回收规则"),
        ("claim", "customers.Customer"),
    ),
    SettingsLink(
        "web:channels",
        "message-2",
        _("群机器人"),
        _("企业微信、钉钉、飞书：把通知说到群里"),
        ("change", "notices.Channel"),
    ),
    SettingsLink(
        "web:plan_templates",
        "list-check",
        _("计划模板"),
        _("跟进计划的步骤：什么时候开始，每一步做什么、怎么说"),
        ("view", "followups.PlanTemplate"),
    ),
    SettingsLink(
        "web:ladder",
        "clock-exclamation",
        _("升级提醒"),
        _("跟进逾期几天提醒负责人、主管、主管的主管"),
        ("change", "followups.LadderTerms"),
    ),
    SettingsLink("web:audit", "history", _("审计日志"), _("谁在什么时候做了什么"), ("read", "audit.Entry")),
)


def links(user: User) -> list[SettingsLink]:
    """Return the pages that this person may open."""
    return [link for link in LINKS if can(user, link.right[0], apps.get_model(link.right[1]))]
