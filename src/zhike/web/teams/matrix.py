"""The rights of a role as people read and set them: objects by verbs with a scope, fields with an access."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zhike.accounts.field_access import FieldAccess
from zhike.accounts.grants import SHARED, VERBS
from zhike.accounts.models import FieldRight, RoleRight
from zhike.accounts.policy import CUSTOMER
from zhike.accounts.rights import Access, Rights, Scope
from zhike.base.errors import current_language
from zhike.customers.columns import EDITABLE
from zhike.customers.display import BESIDE
from zhike.customers.models import Contact, Customer, CustomField

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import QueryDict
    from django.utils.functional import Promise

RIGHT, FIELD = "right", "field"
NONE = "none"

VERB_NAMES: Mapping[str, Promise] = {
    "view": _("查看"),
    "read": _("阅读"),
    "create": _("新建"),
    "change": _("修改"),
    "delete": _("删除"),
    "assign": _("转交"),
    "claim": _("领取"),
    "hand_back": _("退回公海"),
    "share": _("共享"),
    "import": _("导入"),
    "export": _("导出"),
    "publish": _("公布"),
    "answer": _("答复"),
    "merge": _("合并"),
    "void": _("作废"),
    "disclose": _("给本人副本"),
    "erase": _("抹去"),
}
OBJECT_NAMES: Mapping[str, Promise] = {
    CUSTOMER: _("客户"),
    "customers.Contact": _("联系人"),
    "customers.CustomField": _("自定义字段"),
    "customers.Tag": _("标签"),
    "customers.Attachment": _("附件"),
    "timeline.Event": _("动态"),
    "classification.SavedView": _("视图"),
    "classification.Override": _("人工指定"),
    "classification.Review": _("待复核"),
    "classification.Scheme": _("分类规则"),
    "classification.QuarterCount": _("季度统计"),
    "classification.QuarterReview": _("季度评估"),
    "privacy.Consent": _("授权"),
    "privacy.ConsentText": _("授权的文字"),
    "privacy.Request": _("个人信息请求"),
    "privacy.Assessment": _("影响评估"),
    "privacy.BarredInput": _("不能用的依据"),
    "timeline.ExchangeRate": _("汇率"),
    "duplicates.Pair": _("可能重复"),
    "assignment.Rule": _("分配规则"),
    "assignment.Capacity": _("能接多少客户"),
    "assignment.Absence": _("休假"),
    "assignment.PromiseTerms": _("首次联系的时限"),
    "pools.Pool": _("公海和回收规则"),
    "notices.Channel": _("群机器人"),
    "followups.Task": _("任务"),
    "followups.Plan": _("跟进计划"),
    "followups.PlanTemplate": _("计划模板"),
    "followups.LadderTerms": _("逾期提醒"),
    "jobs.Job": _("后台任务"),
    "audit.Entry": _("审计日志"),
    "accounts.Company": _("公司"),
    "accounts.User": _("成员"),
    "accounts.Team": _("团队"),
    "accounts.Role": _("角色"),
    "accounts.Territory": _("辖区"),
}
# What stands in rows of its own. It is as open as the most closed of what it tells, whatever is chosen for it.
_ROWS = ("addresses",)
_FIELDS: Mapping[str, Sequence[str]] = {
    CUSTOMER: [*(name for name in EDITABLE if name not in {"custom", "name"}), *_ROWS],
    "customers.Contact": ["title", "phone", "email", "role"],
}
# Where whose it is makes no difference: it is the company's.
_OF_ALL = frozenset({"audit.Entry", "jobs.Job"}) | SHARED


@dataclass(frozen=True, slots=True)
class Cell:
    """One right: what it gives now, and what may be chosen. Without a `name` there is no such right."""

    label: str
    name: str = ""
    value: str = NONE
    options: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """An object with a cell for each verb, or a field with its one cell."""

    label: str
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Matrix:
    """All rights of a role; `fields` by the object that they belong to."""

    verbs: Sequence[str]
    lines: Sequence[Line]
    fields: Sequence[tuple[str, Sequence[Line]]]


def matrix(rights: Rights, *, giver: Rights) -> Matrix:
    """Return the rights of a role, with what `giver` may choose instead."""
    verbs = [verb for verb in VERB_NAMES if any(verb == one for one, _label in VERBS)]
    labels = [label for label in OBJECT_NAMES if any(label == one for _verb, one in VERBS)]
    return Matrix(
        verbs=[str(VERB_NAMES[verb]) for verb in verbs],
        lines=[
            Line(str(OBJECT_NAMES[label]), [_cell(verb, label, rights, giver) for verb in verbs]) for label in labels
        ],
        fields=[(str(OBJECT_NAMES[label]), _fields(label, names, rights, giver)) for label, names in _FIELDS.items()],
    )


def _cell(verb: str, label: str, rights: Rights, giver: Rights) -> Cell:
    if (verb, label) not in VERBS:
        return Cell("")
    most, scope = giver.scope(verb, label), rights.scope(verb, label)
    # What the role has is offered too, so that a form that is sent as it stands changes nothing.
    offered = [one for one in Scope if (most is not None and one <= most) or one is scope]
    if label in _OF_ALL or (label == CUSTOMER and verb == "create"):
        offered = [scope] if scope else offered[-1:]
        names = dict.fromkeys(Scope, gettext("可以"))
    else:
        words = dict(RoleRight.Scope.choices)
        names = {one: str(words[one.key]) for one in Scope}
    return Cell(
        label=names[scope] if scope else "—",
        name=f"{RIGHT}:{verb}:{label}",
        value=scope.key if scope else NONE,
        options=[(NONE, "—"), *((one.key, names[one]) for one in offered)],
    )


def _fields(label: str, names: Sequence[str], rights: Rights, giver: Rights) -> list[Line]:
    model = Customer if label == CUSTOMER else Contact
    may_write = any(rights.scope(verb, label) for verb in ("change", "create"))
    usual = Access.WRITE if may_write else Access.READ
    named = {name: access for (of, name), access in rights.fields.items() if of == label}
    has = FieldAccess(model, usual, named)
    most = {name: access for (of, name), access in giver.fields.items() if of == label}
    shown = [(name, _field_name(model, name)) for name in names]
    own_access = {name: has[name] if name not in _ROWS else min(usual, named.get(name, usual)) for name in names}
    if label == CUSTOMER:
        english = current_language() == "en"
        own = CustomField.objects.all()
        shown += [(f"custom.{field.key}", field.label_en if english else field.label_zh) for field in own]
        own_access |= {f"custom.{field.key}": has[f"custom.{field.key}"] for field in own}
    words = {Access[key.upper()]: str(word) for key, word in FieldRight.Access.choices}
    return [
        Line(
            text,
            [
                Cell(
                    label=words[own_access[name]],
                    name=f"{FIELD}:{label}:{name}",
                    value=own_access[name].key,
                    options=[
                        (one.key, words[one])
                        for one in reversed(Access)
                        if (one <= most.get(name, Access.WRITE) and one <= usual) or one is own_access[name]
                    ],
                )
            ],
        )
        for name, text in shown
    ]


def _field_name(model: type[Customer | Contact], name: str) -> str:
    if name in _ROWS:
        return str(BESIDE[name])
    return str(model._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def read_rights(sent: QueryDict, before: Rights) -> Rights:
    """Return the rights that a form of the matrix asks for; what it does not name stays."""
    scopes, fields = dict(before.scopes), dict(before.fields)
    may_write = {label for (verb, label) in scopes if verb in {"change", "create"}}
    for name, value in sent.items():
        kind, _colon, rest = name.partition(":")
        first, _colon, second = rest.partition(":")
        if kind == RIGHT and (first, second) in VERBS:
            scopes.pop((first, second), None)
            if value in {scope.key for scope in Scope}:
                scopes[first, second] = Scope[str(value).upper()]
        elif kind == FIELD and first in _FIELDS and value in {access.key for access in Access}:
            fields.pop((first, second), None)
            most = Access.WRITE if first in may_write else Access.READ
            if Access[str(value).upper()] < most:
                fields[first, second] = Access[str(value).upper()]
    return Rights(scopes, fields)
