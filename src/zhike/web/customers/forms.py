"""The form of a customer, new or known, and that of a contact. The actions check the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.accounts.models import User
from zhike.accounts.queries import assignable_owners
from zhike.base.forms import Form
from zhike.customers.models import Contact, Customer

if TYPE_CHECKING:
    from django.http import QueryDict

_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
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
    birthday = forms.DateField(label=_("生日"), required=False, widget=_DATE)
    tags = TagsField(label=_("标签"), max_length=1000, required=False, help_text=_("用逗号隔开。"))
    owner = forms.ModelChoiceField(
        label=_("负责人"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("无人负责"),
        error_messages={"invalid_choice": _("不能把客户交给这个人。")},
    )
    next_contact_on = forms.DateField(label=_("下次联系"), required=False, widget=_DATE)

    def __init__(
        self, data: QueryDict | None = None, *, by: User, customer: Customer | None = None, called: str = ""
    ) -> None:
        start: dict[str, object] = {"owner": by, "name": called}
        if customer:
            start = {name: getattr(customer, name) for name in self.base_fields}
        super().__init__(data, initial=start)
        people = assignable_owners(by)
        if customer and customer.owner_id:
            people = people | User.objects.filter(pk=customer.owner_id)
        self.fields["owner"].queryset = people.distinct()  # type: ignore[attr-defined]


class ContactForm(Form):
    """What a person types about a contact."""

    name = forms.CharField(label=_("姓名"), max_length=100, error_messages={"required": _("写下联系人的姓名。")})
    title = forms.CharField(label=_("职务"), max_length=100, required=False)
    phone = forms.CharField(
        label=_("电话"), max_length=64, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    email = forms.CharField(
        label=_("邮箱"), max_length=254, required=False, widget=forms.TextInput(attrs={"inputmode": "email"})
    )
    role = forms.ChoiceField(label=_("角色"), choices=Contact.Role, required=False)

    def __init__(self, data: QueryDict | None = None, *, contact: Contact | None = None) -> None:
        start = {name: getattr(contact, name) for name in self.base_fields} if contact else {}
        super().__init__(data, initial=start)
