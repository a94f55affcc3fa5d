"""What a person says of a field of the company's own, and of a heading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.base.errors import current_language
from zhike.base.forms import Form
from zhike.core.text import Text
from zhike.customers.fields import FIELD_KINDS, kind_of
from zhike.customers.models import Customer, CustomField, FieldSection
from zhike.web.customers.own_fields import initial_of, input_for

if TYPE_CHECKING:
    from django.http import QueryDict

    from zhike.accounts.models import User
    from zhike.customers.actions.fields import Choice
    from zhike.customers.fields import FieldKind

# Empty rows at the end of the choices, so that a page without scripts can add some.
FREE_ROWS = 3


class FieldForm(Form):
    """Names, for whom, whether asked for, and under which heading. The kind is chosen before and stays."""

    label_zh = forms.CharField(
        label=_("名称"), max_length=CustomField.LABEL_MAX, error_messages={"required": _("填写名称。")}
    )
    label_en = forms.CharField(
        label=_("英文名称"),
        max_length=CustomField.LABEL_MAX,
        required=False,
        help_text=_("不填就用上面的名称。"),
    )
    kind = forms.ChoiceField(
        label=_("适用于"),
        choices=[("", _("企业和个人")), *Customer.Kind.choices],
        required=False,
        widget=forms.RadioSelect,
    )
    section = forms.ModelChoiceField(
        FieldSection.objects.none(), label=_("分组"), required=False, empty_label=_("不分组")
    )
    is_required = forms.BooleanField(
        label=_("必填"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
        help_text=_("新建客户时要填；已有的客户没有填也照常保存。计入完整度。"),
    )
    is_sensitive = forms.BooleanField(
        label=_("敏感个人信息"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
        help_text=_(
            "证件号码、健康、金融账户、行踪、生物识别、宗教、不满十四周岁的人的信息。个人客户单独同意以后才能填写；"
            "填过的内容留着，同意撤回以后在客户的「个人信息」页清空；规则不能用它分类，除非有人允许。"
        ),
    )
    help_zh = forms.CharField(label=_("填写说明"), max_length=CustomField.HELP_MAX, required=False)
    help_en = forms.CharField(label=_("英文说明"), max_length=CustomField.HELP_MAX, required=False)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        by: User,
        currency: str,
        field_kind: FieldKind,
        field: CustomField | None = None,
    ) -> None:
        start: dict[str, object] = {name: getattr(field, name) for name in self.base_fields} if field else {}
        super().__init__(data, initial=start)
        self.field_kind = field_kind
        self._known = field
        self.fields["section"].queryset = FieldSection.objects.all()  # type: ignore[attr-defined]
        shown = field or CustomField(type=field_kind.type.value, format=field_kind.format)
        # A new choice can be the default once it has been saved.
        if not field_kind.has_choices or shown.choices:
            self.fields["default"] = input_for(shown, by, currency, shown.default)
            self.fields["default"].label = _("默认值")
            self.fields["default"].help_text = _("新建客户的表单里先填好。")
            self.initial["default"] = initial_of(shown, shown.default)
        self.dress()

    @property
    def rows(self) -> list[dict[str, object]]:
        """Return the choices as the page shows them: as they were typed, else as they are."""
        if self.is_bound:
            found: list[dict[str, object]] = [{**choice} for choice in self.choices()]
        else:
            known = self._known.choices if self._known else []
            found = [{**choice, "retired": "retired" in choice} for choice in known]
        return found + [{"key": "", "zh": "", "en": ""} for _row in range(FREE_ROWS)]

    def choices(self) -> list[Choice]:
        """Return the choices that were typed, in their order, without empty rows."""
        lists = [self.data.getlist(name) for name in ("choice_key", "choice_zh", "choice_en")]  # type: ignore[attr-defined]
        retired = set(self.data.getlist("choice_retired"))  # type: ignore[attr-defined]
        return [
            {"key": key, "zh": zh, "en": en, "retired": bool(key) and key in retired}
            for key, zh, en in zip(*lists, strict=False)
            if zh.strip() or en.strip()
        ]

    def given(self) -> dict[str, Any]:
        """Return what the action takes."""
        cleaned = self.cleaned_data
        found: dict[str, Any] = {
            "label": Text(cleaned["label_zh"], cleaned["label_en"]),
            "help": Text(cleaned["help_zh"], cleaned["help_en"]),
            "kind": cleaned["kind"],
            "is_required": cleaned["is_required"],
            "is_sensitive": cleaned["is_sensitive"],
            "section": cleaned["section"],
        }
        if "default" in cleaned:
            found["default"] = cleaned["default"]
        if self.field_kind.has_choices:
            found["choices"] = self.choices()
        return found


class SectionForm(Form):
    """The name of a heading."""

    label_zh = forms.CharField(
        label=_("分组名称"), max_length=FieldSection.LABEL_MAX, error_messages={"required": _("填写名称。")}
    )
    label_en = forms.CharField(label=_("英文名称"), max_length=FieldSection.LABEL_MAX, required=False)

    def label(self) -> Text:
        return Text(self.cleaned_data["label_zh"], self.cleaned_data["label_en"])


def kinds() -> list[tuple[FieldKind, str]]:
    """Return the kinds to choose from with what people call them."""
    return [(kind, kind.label.get(current_language())) for kind in FIELD_KINDS]


def kind_label(field: CustomField) -> str:
    return kind_of(field).label.get(current_language())
