"""The quick log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from zhike.base.forms import OnceForm
from zhike.customers.models import Contact

if TYPE_CHECKING:
    from datetime import date

    from django.http import QueryDict

    from zhike.customers.models import Customer

KINDS = [("call", _("电话")), ("visit", _("拜访")), ("message", _("消息")), ("note", _("备注"))]
KIND_ICONS = {"call": "phone", "visit": "map-pin", "message": "message-circle", "note": "note"}
# Kept as they are written here, and translated when shown.
RESULTS = (
    gettext_noop("有进展"),
    gettext_noop("正常"),
    gettext_noop("待跟进"),
    gettext_noop("观望"),
    gettext_noop("未接通"),
)
TEXT_MAX = 5000


class LogForm(OnceForm):
    """A call, visit, message or note; what came of it; when to be in touch next."""

    kind = forms.ChoiceField(label=_("方式"), choices=KINDS, initial="call", widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("记录内容"),
        required=False,
        max_length=TEXT_MAX,
        widget=forms.Textarea(
            attrs={
                "rows": 2,
                "class": "zk-log-text",
                "data-focus": "l",
                "data-key-label": _("记录跟进"),
                "placeholder": _("说了什么，对方怎么想，下一步是什么"),
            }
        ),
    )
    contact = forms.ModelChoiceField(
        label=_("联系人"), queryset=Contact.objects.none(), required=False, empty_label=_("联系人")
    )
    result = forms.ChoiceField(
        label=_("结果"), choices=[("", _("结果")), *((result, _(result)) for result in RESULTS)], required=False
    )
    next_contact_on = forms.DateField(
        label=_("下次联系"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("日期写成 2026-12-01 这样。")},
    )

    def __init__(self, data: QueryDict | None = None, *, customer: Customer, today: date) -> None:
        super().__init__(data)
        self.today = today
        self.fields["contact"].queryset = customer.contacts.order_by("pk")  # type: ignore[attr-defined]

    def clean_next_contact_on(self) -> date | None:
        day: date | None = self.cleaned_data["next_contact_on"]
        if day is not None and day < self.today:
            raise forms.ValidationError(_("下次联系不能早于今天。"))
        return day
