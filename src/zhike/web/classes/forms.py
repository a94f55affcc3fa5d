"""What people type about dimensions beside their rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.accounts.models import User
from zhike.base.forms import STALE, Form
from zhike.classification.actions.back_tests import OUTCOME_DAYS
from zhike.classification.models import Publication, Scheme

if TYPE_CHECKING:
    from django.http import QueryDict

LONGEST_LABEL = 40


class NewDimensionForm(Form):
    """A new dimension: its key stands in conditions and addresses, and never changes."""

    # Addresses of the studio that are no dimension's.
    RESERVED: ClassVar = frozenset({"new", "order", "publications", "packs", "review", "reviews", "conditions"})

    label_zh = forms.CharField(label=_("名称"), max_length=LONGEST_LABEL, error_messages={"required": _("填写名称。")})
    label_en = forms.CharField(
        label=_("英文名称"), max_length=LONGEST_LABEL, required=False, help_text=_("不填就用上面的名称。")
    )
    key = forms.CharField(
        label=_("键"),
        max_length=40,
        help_text=_("小写字母、数字和下划线，条件和导出里用它，以后不能改。例如 risk。"),
        error_messages={"required": _("填写键。")},
    )

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if key in self.RESERVED:
            raise forms.ValidationError(_("这个词留作网址用，换一个。"))
        return key


class OwnerForm(Form):
    """Who answers for the rules of a dimension."""

    owner = forms.ModelChoiceField(
        User.objects.none(), label=_("规则由谁负责"), required=False, empty_label=_("没有指定")
    )

    def __init__(self, data: QueryDict | None = None, *, scheme: Scheme) -> None:
        super().__init__(data, initial={"owner": scheme.owner_id})
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.queryset = User.objects.filter(is_active=True).order_by("name", "pk")


class NoteForm(Form):
    """Why something is done to rules."""

    note = forms.CharField(
        label=_("说明"),
        max_length=Publication.NOTE_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("为什么这样改，以后翻看版本的人会读到。"),
    )


class PublishForm(NoteForm):
    """When a draft comes into force. It must be the draft that was looked at."""

    NOW, LATER = "now", "later"

    when = forms.ChoiceField(
        label=_("什么时候生效"), choices=[(NOW, _("现在")), (LATER, _("定时"))], widget=forms.RadioSelect, initial=NOW
    )
    starts_at = forms.DateTimeField(
        label=_("生效时间"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("到时候自动生效，之前可以取消。"),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, error_messages=STALE)

    def __init__(self, data: QueryDict | None = None, *, revision: int) -> None:
        super().__init__(data, initial={"when": self.NOW, "revision": revision})
        self.order_fields(["when", "starts_at", "note", "revision"])
        self._revision = revision

    def clean(self) -> dict[str, object]:
        given = super().clean() or {}
        if given.get("when") == self.NOW:
            given["starts_at"] = None
        elif not given.get("starts_at") and "starts_at" not in self.errors:
            self.add_error("starts_at", _("填写生效时间。"))
        if given.get("revision") not in {self._revision, None}:
            raise forms.ValidationError(_("草稿刚刚又改过，请看过最新内容再发布。"))
        return given


class TrialForm(Form):
    """How far back a draft is tried, and how long after those days one looks."""

    MONTHS: ClassVar = (1, 2, 3, 6, 9, 12)

    months = forms.TypedMultipleChoiceField(
        label=_("从几个月前看"),
        choices=[(month, str(month)) for month in MONTHS],
        coerce=int,
        initial=[3],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("至少选一个月份。")},
    )
    outcome_days = forms.TypedChoiceField(
        label=_("看后来多少天"),
        choices=[(days, str(days)) for days in OUTCOME_DAYS],
        coerce=int,
        initial=90,
        widget=forms.RadioSelect,
        error_messages=STALE,
    )


class MoveForm(Form):
    """The dimensions in their new order, or one of them a step up or down."""

    step = forms.TypedChoiceField(choices=[(-1, "-1"), (1, "1")], coerce=int, error_messages=STALE)
    dimension = forms.CharField(max_length=64, error_messages=STALE)
