"""What is typed of a rule, of what a colleague can take on, and of an absence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.accounts.models import Team, User
from zhike.accounts.policy import CUSTOMER
from zhike.accounts.queries import colleagues
from zhike.accounts.roles import roles_that_may
from zhike.assignment.models import Absence, Capacity, Rule
from zhike.assignment.rules import condition_of
from zhike.base.errors import current_language
from zhike.base.forms import STALE, Form
from zhike.core.errors import ZhikeError
from zhike.web.conditions.text import MOST_CHARACTERS
from zhike.web.conditions.written import read_typed
from zhike.web.customers.own_fields import TagsField

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import QueryDict

    from zhike.assignment.actions.rules import RuleFields

ANY_LEVEL = (0, _("不限"))
WEEKDAYS = list(enumerate((_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")), 1))


class RuleForm(Form):
    """A rule; of the one that comes last neither name nor condition is asked."""

    name = forms.CharField(
        label=_("名称"), max_length=Rule.NAME_MAX, error_messages={"required": _("写下规则的名称。")}
    )
    when = forms.CharField(
        label=_("哪些客户"),
        max_length=MOST_CHARACTERS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "class": "form-control zk-code"}),
    )
    occasions = forms.MultipleChoiceField(
        label=_("什么时候"),
        choices=Rule.Occasion,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("至少选一种时候。")},
        help_text=_("新建和导入只管没有指定负责人的客户；手动就是这里和客户列表的「按规则分配」。"),
    )
    target = forms.ChoiceField(label=_("分给"), choices=Rule.Target)
    people = forms.ModelMultipleChoiceField(
        label=_("成员"), queryset=User.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    team = forms.ModelChoiceField(
        label=_("团队"), queryset=Team.objects.none(), required=False, empty_label=_("选一个")
    )
    method = forms.ChoiceField(
        label=_("怎么选"),
        choices=Rule.Method,
        help_text=_("只有一个人，就是他。没上班、休假或满了的人跳过；都接不了，看下一条规则。"),
    )
    least_level = forms.TypedChoiceField(
        label=_("级别至少"), choices=[ANY_LEVEL, *Capacity.Level.choices], coerce=int, required=False
    )
    skills = TagsField(label=_("要擅长"), max_length=1000, required=False, help_text=_("用逗号隔开，全部要会。"))
    from_pools = forms.BooleanField(
        label=_("也分配公海里的客户"),
        required=False,
        help_text=_("不勾选，公海里的客户留在公海，等人领取。"),
    )

    def __init__(
        self, data: QueryDict | None = None, *, by: User, rule: Rule | None = None, is_last: bool = False
    ) -> None:
        start: dict[str, object] = {"occasions": Rule.Occasion.values, "method": Rule.Method.TURNS, "target": "people"}
        if rule is not None:
            names = ("name", "occasions", "target", "method", "least_level", "skills", "team", "from_pools")
            start = {name: getattr(rule, name) for name in names}
            start["people"] = list(rule.people.all())
            where = condition_of(rule)
            start["when"] = "" if where is None else json.dumps(where, ensure_ascii=False)
        super().__init__(data, initial=start)
        self._by, self._node = by, None
        people = colleagues().filter(role__in=roles_that_may("change", CUSTOMER))
        if rule is not None:
            people = people | User.objects.filter(pk__in=rule.people.values("pk"))
        self.fields["people"].queryset = people.distinct()  # type: ignore[attr-defined]
        self.fields["team"].queryset = Team.objects.order_by("name")  # type: ignore[attr-defined]
        if is_last:
            del self.fields["name"], self.fields["when"]

    def clean_when(self) -> str:
        text: str = self.cleaned_data["when"].strip()
        if text and text.replace(" ", "").replace('"', "") not in {"{all:[]}", "all:[]"}:
            try:
                self._node = read_typed(text, self._by)  # type: ignore[assignment]
            except ZhikeError as error:
                raise forms.ValidationError(error.message(current_language())) from error
        return text

    def given(self) -> RuleFields:
        found: Any = self.cleaned_data
        return {
            "name": found.get("name", ""),
            "where": self._node,
            "occasions": found["occasions"],
            "target": found["target"],
            "people": list(found["people"]),
            "team": found["team"],
            "method": found["method"],
            "least_level": int(found["least_level"] or 0),
            "skills": found["skills"],
            "from_pools": found["from_pools"],
        }


class RuleVersionForm(Form):
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput, error_messages=STALE)


class CapacityForm(Form):
    """What a colleague can take on."""

    most = forms.IntegerField(
        label=_("最多负责"), min_value=0, required=False, help_text=_("多少位客户；空着就是不限。满了就不再分给他。")
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("上班的日子"),
        choices=WEEKDAYS,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("至少选一天。")},
    )
    keeps_holidays = forms.BooleanField(label=_("按国家法定节假日和调休"), required=False)
    level = forms.TypedChoiceField(label=_("级别"), choices=Capacity.Level.choices, coerce=int)
    skills = TagsField(
        label=_("擅长"), max_length=1000, required=False, help_text=_("如：英语、教育行业。用逗号隔开。")
    )

    def __init__(self, data: QueryDict | None = None, *, capacity: Capacity) -> None:
        super().__init__(data, initial={name: getattr(capacity, name) for name in self.base_fields})


class AbsenceForm(Form):
    """Days on which somebody is away."""

    first_day = forms.DateField(
        label=_("从"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("选一天。")},
    )
    last_day = forms.DateField(
        label=_("到"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("选一天。")},
    )
    stand_in = forms.ModelChoiceField(
        label=_("代理人"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("没有"),
        help_text=_("轮到他的新客户由代理人接。"),
    )
    note = forms.CharField(label=_("说明"), max_length=Absence.NOTE_MAX, required=False)

    def __init__(
        self, data: QueryDict | None = None, *, person: User, initial: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(data, initial=initial)
        self.fields["stand_in"].queryset = colleagues().exclude(pk=person.pk)  # type: ignore[attr-defined]
