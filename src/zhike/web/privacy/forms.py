"""What is typed on the pages of personal data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.base.errors import current_language
from zhike.base.forms import STALE, Form, VersionForm
from zhike.privacy.actions.assessments import PARTS
from zhike.privacy.actions.reveals import REASONS
from zhike.privacy.models import Assessment, Consent, ConsentText, Request
from zhike.privacy.personal import NAME
from zhike.privacy.purposes import PURPOSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import QueryDict

CHOOSE = {"required": _("请选择一项。"), "invalid_choice": _("请选择一项。")}


class RevealForm(Form):
    reason = forms.ChoiceField(label=_("为什么要看"), error_messages=CHOOSE)

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        language = current_language()
        field = self.fields["reason"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "—"), *((key, text.get(language)) for key, text in REASONS.items())]


class ConsentForm(Form):
    purpose = forms.ChoiceField(
        label=_("用途"), choices=[(key, key) for key in PURPOSES], widget=forms.HiddenInput, error_messages=STALE
    )
    state = forms.ChoiceField(label=_("客户说"), choices=Consent.State, error_messages=CHOOSE)
    channel = forms.ChoiceField(label=_("通过"), choices=Consent.Channel, error_messages=CHOOSE)
    evidence = forms.CharField(label=_("凭据"), max_length=Consent.EVIDENCE_MAX, required=False)


class RequestForm(Form):
    kind = forms.ChoiceField(label=_("要求"), choices=Request.Kind, error_messages=CHOOSE)
    received_on = forms.DateField(
        label=_("收到"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), required=False
    )
    asker = forms.ChoiceField(
        label=_("谁提出的"), choices=Request.Asker, initial=Request.Asker.SELF, required=False, error_messages=CHOOSE
    )
    identity = forms.CharField(label=_("怎样核实了身份"), max_length=200, required=False)
    said = forms.CharField(
        label=_("说明"), max_length=Request.TEXT_MAX, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.auto_id = "request_%s"  # another form of the page asks for the same

    def clean_asker(self) -> str:
        return self.cleaned_data["asker"] or Request.Asker.SELF.value


class AnswerForm(Form):
    answer = forms.CharField(label=_("答复"), max_length=Request.TEXT_MAX, required=False)


class ProfilingForm(Form):
    identity = forms.CharField(label=_("怎样核实了身份"), max_length=200, required=False)
    said = forms.CharField(label=_("客户怎么说"), max_length=500, required=False)


class EraseForm(VersionForm):
    """Typed out, so that nobody is forgotten by a slip."""

    typed = forms.CharField(label=_("客户名称"), max_length=200, error_messages={"required": _("照着写一遍名称。")})

    def __init__(
        self, data: QueryDict | None = None, *, name: str, initial: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(data, initial=initial)
        self._name = name

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"].strip()
        if typed not in {self._name, NAME}:
            raise forms.ValidationError(_("和客户的名称不一样。"))
        return typed


class TextForm(Form):
    zh = forms.CharField(label=_("中文"), max_length=ConsentText.TEXT_MAX, widget=forms.Textarea(attrs={"rows": 3}))
    en = forms.CharField(label=_("英文"), max_length=ConsentText.TEXT_MAX, widget=forms.Textarea(attrs={"rows": 3}))


class AssessmentForm(Form):
    """The four parts, one after the other, each with what it has to answer."""

    purpose = forms.CharField(
        label=_("目的和方式"), help_text=_("为了什么给个人分类？读哪些数据？类别用来做什么，不用来做什么？")
    )
    necessity = forms.CharField(label=_("为什么必要"), help_text=_("不分类行不行？有没有用更少数据的办法？"))
    impact = forms.CharField(
        label=_("对个人的影响和风险"), help_text=_("分错了会怎样？会不会带来不合理的差别对待？谁看得到？")
    )
    measures = forms.CharField(
        label=_("保护措施"), help_text=_("谁能看、保存多久、怎样解释、怎样拒绝和更正，出了问题谁负责？")
    )

    def __init__(self, data: QueryDict | None = None, *, initial: Mapping[str, object] | None = None) -> None:
        for name in PARTS:
            field = self.base_fields[name]
            field.widget = forms.Textarea(attrs={"rows": 4, "maxlength": Assessment.TEXT_MAX})
        super().__init__(data, initial=initial)
