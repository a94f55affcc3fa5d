"""The form of a customer, new or known, and that of a contact. The actions check the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.accounts.models import User
from zhike.accounts.policy import field_access
from zhike.accounts.queries import assignable_owners
from zhike.base.forms import Form
from zhike.customers.fields import active_fields
from zhike.customers.models import Contact, Customer
from zhike.web.customers.own_fields import OwnGroup, TagsField, add_inputs, groups, taken

if TYPE_CHECKING:
    from django.http import QueryDict

_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


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
        self,
        data: QueryDict | None = None,
        *,
        by: User,
        currency: str,
        customer: Customer | None = None,
        called: str = "",
    ) -> None:
        start: dict[str, object] = {"owner": by, "name": called}
        if customer:
            start = {name: getattr(customer, name) for name in self.base_fields}
        super().__init__(data, initial=start)
        self.own = active_fields()
        add_inputs(self, self.own, by=by, currency=currency, customer=customer)
        self.dress()
        people = assignable_owners(by)
        if customer and customer.owner_id:
            people = people | User.objects.filter(pk=customer.owner_id)
        self.fields["owner"].queryset = people.distinct()  # type: ignore[attr-defined]
        field_access(by, Customer).limit(self)

    @property
    def basics(self) -> list[forms.BoundField]:
        """The inputs that every customer has; the kind stands above them."""
        return [self[name] for name in self.base_fields if name != "kind" and name in self.fields]

    @property
    def own_groups(self) -> list[OwnGroup]:
        return groups(self, self.own)

    def given(self) -> dict[str, Any]:
        """Return what the action takes: the own fields by key under `custom`."""
        cleaned = {name: value for name, value in self.cleaned_data.items() if name in self.base_fields}
        own = taken(self.cleaned_data, self.own, cleaned.get("kind", ""))
        return {**cleaned, "custom": own} if own else cleaned


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

    def __init__(self, data: QueryDict | None = None, *, by: User, contact: Contact | None = None) -> None:
        start = {name: getattr(contact, name) for name in self.base_fields} if contact else {}
        super().__init__(data, initial=start)
        field_access(by, Contact).limit(self)
