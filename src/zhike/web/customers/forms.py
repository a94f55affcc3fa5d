"""The form of a customer, new or known. The actions check the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.accounts.models import User
from zhike.accounts.queries import assignable_owners
from zhike.base.forms import Form
from zhike.customers.models import Contact, Customer
from zhike.customers.queries import suggest_values

if TYPE_CHECKING:
    from django.http import QueryDict

_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
# What only one kind of customer has: the other's form does not show it.
ONLY = {"size": Customer.Kind.COMPANY, "birthday": Customer.Kind.PERSON}
# What one knows once, if at all: it waits folded up below the rest.
RARE = ("campaign", "first_touch_channel", "first_touch_on", "first_touch_note")
# Where people choose from what was written before, so that one source has one name.
SUGGESTED = ("source", "campaign", "first_touch_channel")
_TAGS = ("，", "、", "；", ";")


class TagsField(forms.CharField):
    """Tags in one line, with commas of either language between them."""

    def prepare_value(self, value: object) -> object:
        return "，".join(value) if isinstance(value, list) else value

    def clean(self, value: object) -> list[str]:
        text: str = super().clean(value)
        for mark in _TAGS:
            text = text.replace(mark, ",")
        return [tag for part in text.split(",") if (tag := part.strip())]


class CustomerForm(Form):
    """What a person types about a customer."""

    kind = forms.ChoiceField(
        label=_("客户性质"), choices=Customer.Kind, initial=Customer.Kind.COMPANY, widget=forms.RadioSelect
    )
    name = forms.CharField(
        label=_("名称"), max_length=Customer.NAME_MAX, error_messages={"required": _("写下客户的名称。")}
    )
    phone = forms.CharField(
        label=_("电话"), max_length=64, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    email = forms.CharField(
        label=_("邮箱"), max_length=254, required=False, widget=forms.TextInput(attrs={"inputmode": "email"})
    )
    region = forms.CharField(label=_("区域"), max_length=Customer.TEXT_MAX, required=False)
    city = forms.CharField(label=_("城市"), max_length=Customer.TEXT_MAX, required=False)
    industry = forms.CharField(label=_("行业"), max_length=Customer.TEXT_MAX, required=False)
    size = forms.ChoiceField(label=_("规模"), choices=[("", _("未知")), *Customer.Size.choices], required=False)
    source = forms.CharField(label=_("来源"), max_length=Customer.TEXT_MAX, required=False)
    campaign = forms.CharField(label=_("市场活动"), max_length=Customer.TEXT_MAX, required=False)
    first_touch_channel = forms.CharField(label=_("首次接触渠道"), max_length=Customer.TEXT_MAX, required=False)
    first_touch_on = forms.DateField(label=_("首次接触日期"), required=False, widget=_DATE)
    first_touch_note = forms.CharField(label=_("首次接触经过"), max_length=Customer.WORDS_MAX, required=False)
    birthday = forms.DateField(label=_("生日"), required=False, widget=_DATE)
    preferences = forms.CharField(
        label=_("偏好"), max_length=Customer.WORDS_MAX, required=False, help_text=_("几个词就好。")
    )
    tags = TagsField(
        label=_("标签"),
        max_length=1000,
        required=False,
        help_text=_("用逗号隔开。新的标签会进入标签表，设置里看得到。"),
    )
    owner = forms.ModelChoiceField(
        label=_("负责人"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("无人负责"),
        error_messages={"invalid_choice": _("不能把客户交给这个人。")},
    )
    next_contact_on = forms.DateField(label=_("下次联系"), required=False, widget=_DATE)

    def __init__(self, data: QueryDict | None = None, *, by: User, customer: Customer | None = None) -> None:
        start = {name: getattr(customer, name) for name in self.base_fields} if customer else {"owner": by}
        super().__init__(data, initial=start)
        people = assignable_owners(by)
        if customer and customer.owner_id:
            people = people | User.objects.filter(pk=customer.owner_id)
        self.fields["owner"].queryset = people.distinct()  # type: ignore[attr-defined]
        for name, kind in ONLY.items():
            self.fields[name].only = kind  # type: ignore[attr-defined]  # field.html draws it
        self.rare = [self[name] for name in RARE]
        self.often = [self[name] for name in self.fields if name not in {*RARE, "kind"}]
        self.suggestions = suggest_values(by, SUGGESTED)
        for name in SUGGESTED:
            self.fields[name].widget.attrs["list"] = f"known-{name}"

    @property
    def rare_is_wrong(self) -> bool:
        return any(field.errors for field in self.rare)


class FirstContactForm(Form):
    """The first contact of a company that is new, as far as one knows it at once."""

    prefix = "contact"

    name = forms.CharField(label=_("联系人姓名"), max_length=100, required=False)
    title = forms.CharField(label=_("职务"), max_length=100, required=False)
    phone = forms.CharField(
        label=_("联系人电话"), max_length=64, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    role = forms.ChoiceField(label=_("在决策中的角色"), choices=Contact.Role, required=False)

    def clean(self) -> dict[str, object]:
        given: dict[str, object] = super().clean() or {}
        if not given.get("name") and any(given.get(name) for name in ("title", "phone", "role")):
            self.add_error("name", _("写下联系人的姓名。"))
        return given
