"""The form of a customer, new or known. The actions check the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zhike.accounts.models import User
from zhike.accounts.policy import field_access
from zhike.accounts.queries import assignable_owners
from zhike.assignment.models import Rule
from zhike.assignment.rules import live_rules
from zhike.base.forms import Form
from zhike.customers.fields import active_fields
from zhike.customers.models import Contact, Customer
from zhike.customers.queries import common_values
from zhike.web.customers.own_fields import OwnGroup, TagsField, add_inputs, groups, taken

if TYPE_CHECKING:
    from django.http import QueryDict

_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
# What only one kind of customer has: the other's form does not show it.
ONLY = {"size": Customer.Kind.COMPANY, "birthday": Customer.Kind.PERSON}
# What one knows once, if at all: it waits folded up below the rest.
RARE = ("campaign", "first_touch_channel", "first_touch_on", "first_touch_note")
# Where people choose from what was written before, so that one source has one name.
SUGGESTED = ("source", "campaign", "first_touch_channel")
MOST_SUGGESTED = 30


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
        if customer is None and live_rules(Rule.Occasion.CREATED).exists():
            self.fields["owner"].empty_label = gettext("按规则分配")  # type: ignore[attr-defined]
        people = assignable_owners(by)
        if customer and customer.owner_id:
            people = people | User.objects.filter(pk=customer.owner_id)
        self.fields["owner"].queryset = people.distinct()  # type: ignore[attr-defined]
        for name, kind in ONLY.items():
            self.fields[name].only = kind.value  # type: ignore[attr-defined]  # field.html draws it
        field_access(by, Customer).limit(self)
        self.suggestions = common_values(by, SUGGESTED, MOST_SUGGESTED)
        if customer is None and "name" in self.fields:
            self.fields["name"].widget.attrs["autofocus"] = True
        for name in self.suggestions:
            self.fields[name].widget.attrs["list"] = f"known-{name}"

    @property
    def basics(self) -> list[forms.BoundField]:
        """The inputs that every customer has; the kind stands above them."""
        return [self[name] for name in self.base_fields if name not in {*RARE, "kind"} and name in self.fields]

    @property
    def rare(self) -> list[forms.BoundField]:
        return [self[name] for name in RARE if name in self.fields]

    @property
    def rare_is_wrong(self) -> bool:
        return any(field.errors for field in self.rare)

    @property
    def own_groups(self) -> list[OwnGroup]:
        return groups(self, self.own)

    def given(self) -> dict[str, Any]:
        """Return what the action takes: the own fields by key under `custom`."""
        cleaned = {name: value for name, value in self.cleaned_data.items() if name in self.base_fields}
        own = taken(self.cleaned_data, self.own, cleaned.get("kind", ""))
        return {**cleaned, "custom": own} if own else cleaned


class FirstContactForm(Form):
    """The first contact of a company that is new, as far as one knows it at once."""

    prefix = "contact"

    name = forms.CharField(label=_("联系人姓名"), max_length=100, required=False)
    title = forms.CharField(label=_("职务"), max_length=100, required=False)
    phone = forms.CharField(
        label=_("联系人电话"), max_length=64, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    role = forms.ChoiceField(label=_("在决策中的角色"), choices=Contact.Role, required=False)

    def __init__(self, data: QueryDict | None = None, *, by: User) -> None:
        super().__init__(data)
        field_access(by, Contact).limit(self)

    def clean(self) -> dict[str, object]:
        given: dict[str, object] = super().clean() or {}
        if not given.get("name") and any(given.get(name) for name in ("title", "phone", "role")):
            self.add_error("name", _("写下联系人的姓名。"))
        return given
