"""The form of a contact. How they are reached stands in rows of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.accounts.policy import field_access
from zhike.base.forms import Form
from zhike.customers.models import Contact, Customer

if TYPE_CHECKING:
    from django.http import QueryDict

    from zhike.accounts.models import User

_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ContactForm(Form):
    """What a person types about a contact."""

    name = forms.CharField(label=_("姓名"), max_length=100, error_messages={"required": _("写下联系人的姓名。")})
    title = forms.CharField(label=_("职务"), max_length=100, required=False)
    role = forms.ChoiceField(label=_("在决策中的角色"), choices=Contact.Role, required=False)
    birthday = forms.DateField(label=_("生日"), required=False, widget=_DATE)
    preferences = forms.CharField(
        label=_("偏好"),
        max_length=Customer.WORDS_MAX,
        required=False,
        help_text=_("几个词就好：什么时候方便、喜欢怎么联系、忌讳什么。"),
    )
    left_on = forms.DateField(
        label=_("离职日期"), required=False, widget=_DATE, help_text=_("离职后仍留在这里，排在最后。")
    )
    is_primary = forms.BooleanField(label=_("主要联系人"), required=False)

    def __init__(self, data: QueryDict | None = None, *, by: User, contact: Contact | None = None) -> None:
        start = {name: getattr(contact, name) for name in self.base_fields} if contact else {}
        super().__init__(data, initial=start)
        self.contact = contact
        if contact is None:
            del self.fields["left_on"]
        field_access(by, Contact).limit(self)
