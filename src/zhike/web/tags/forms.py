"""The form of a tag, and that which merges it into another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.accounts.models import User
from zhike.accounts.policy import visible
from zhike.base.forms import Form
from zhike.customers.models import Tag

if TYPE_CHECKING:
    from django.http import QueryDict


class TagForm(Form):
    """What people say of a tag."""

    name = forms.CharField(label=_("名称"), max_length=Tag.NAME_MAX, error_messages={"required": _("写下标签的名称。")})
    name_en = forms.CharField(label=_("英文名称"), max_length=Tag.NAME_MAX, required=False)
    definition = forms.CharField(
        label=_("什么时候用"),
        max_length=Tag.DEFINITION_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("一句话说清楚，大家才会用得一样。"),
    )
    owner = forms.ModelChoiceField(
        label=_("谁负责"), queryset=User.objects.none(), required=False, empty_label=_("没有人")
    )
    tone = forms.ChoiceField(label=_("颜色"), choices=Tag.Tone, widget=forms.RadioSelect)

    def __init__(self, data: QueryDict | None = None, *, tag: Tag, by: User, may_rename: bool) -> None:
        super().__init__(data, initial={name: getattr(tag, name) for name in self.base_fields})
        people = visible(by, User).filter(is_active=True) | User.objects.filter(pk=tag.owner_id or 0)
        self.fields["owner"].queryset = people.distinct().order_by("name", "pk")  # type: ignore[attr-defined]
        if not may_rename:
            self.fields["name"].disabled = True


class MergeForm(Form):
    """The tag that those who carry this one shall carry instead."""

    into = forms.ModelChoiceField(label=_("并入"), queryset=Tag.objects.none(), empty_label=_("选择标签"))

    def __init__(self, data: QueryDict | None = None, *, tag: Tag) -> None:
        super().__init__(data)
        self.fields["into"].queryset = Tag.objects.exclude(pk=tag.pk)  # type: ignore[attr-defined]
