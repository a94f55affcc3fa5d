"""What a person types of teams, territories and the names of roles. The actions check the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.accounts.models import Team, Territory, User
from zhike.base.forms import Form
from zhike.web.customers.own_fields import TagsField

if TYPE_CHECKING:
    from django.http import QueryDict

_BOUNDS = ("regions", "cities", "industries")


class TeamForm(Form):
    name = forms.CharField(label=_("名称"), max_length=100, error_messages={"required": _("写下团队的名称。")})
    parent = forms.ModelChoiceField(
        label=_("上级团队"), queryset=Team.objects.none(), required=False, empty_label=_("没有，在最上面")
    )
    leader = forms.ModelChoiceField(
        label=_("负责人"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("没有"),
        help_text=_("范围是团队的权限，负责人在这个团队里也有。"),
    )

    def __init__(self, data: QueryDict | None = None, *, team: Team | None = None) -> None:
        start = {name: getattr(team, name) for name in self.base_fields} if team else {}
        super().__init__(data, initial=start)
        others = Team.objects.exclude(pk=team.pk) if team else Team.objects.all()
        self.fields["parent"].queryset = others.order_by("name")  # type: ignore[attr-defined]
        people = User.objects.filter(is_active=True).order_by("name", "pk")
        self.fields["leader"].queryset = people  # type: ignore[attr-defined]


class TerritoryForm(Form):
    name = forms.CharField(label=_("名称"), max_length=100, error_messages={"required": _("写下辖区的名称。")})
    regions = TagsField(label=_("区域"), max_length=4000, required=False, help_text=_("用逗号隔开。"))
    cities = TagsField(label=_("城市"), max_length=4000, required=False)
    industries = TagsField(
        label=_("行业"), max_length=4000, required=False, help_text=_("写了行业，客户的行业也要符合。")
    )
    teams = forms.ModelMultipleChoiceField(
        label=_("交给哪些团队"),
        queryset=Team.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    users = forms.ModelMultipleChoiceField(
        label=_("交给哪些人"), queryset=User.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: QueryDict | None = None, *, territory: Territory | None = None) -> None:
        start: dict[str, object] = {}
        if territory is not None:
            start = {name: getattr(territory, name) for name in ("name", *_BOUNDS)}
            start |= {name: list(getattr(territory, name).all()) for name in ("teams", "users")}
        super().__init__(data, initial=start)
        self.fields["teams"].queryset = Team.objects.order_by("name")  # type: ignore[attr-defined]
        people = User.objects.filter(is_active=True).order_by("name", "pk")
        self.fields["users"].queryset = people  # type: ignore[attr-defined]

    @property
    def bounds(self) -> dict[str, list[str]]:
        return {name: self.cleaned_data[name] for name in _BOUNDS}


class RoleForm(Form):
    label_zh = forms.CharField(label=_("中文名称"), max_length=100, error_messages={"required": _("写下角色的名称。")})
    label_en = forms.CharField(label=_("英文名称"), max_length=100, required=False)
