"""Contacts: the persons at a customer."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.customers.models.customers import Customer
from zhike.customers.models.phones import PhoneState


class Contact(models.Model):
    """A person at a customer. `form_key` and `is_repeat` are a customer's."""

    is_repeat = False

    class Role(models.TextChoices):
        DECIDER = "decider", _("决策")
        APPROVER = "approver", _("审批")
        INFLUENCER = "influencer", _("影响")
        BUYER = "buyer", _("采购")
        USER = "user", _("使用")
        GATEKEEPER = "gatekeeper", _("把关")
        OTHER = "", _("未知")

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="contacts", verbose_name=_("客户"))
    name = models.CharField(_("姓名"), max_length=100)
    title = models.CharField(_("职务"), max_length=100, blank=True)
    phone = models.CharField(_("电话"), max_length=32, blank=True)
    phone_state = models.CharField(max_length=12, choices=PhoneState, blank=True, default=PhoneState.NONE)
    email = models.EmailField(_("邮箱"), max_length=254, blank=True)
    role = models.CharField(_("角色"), max_length=16, choices=Role, blank=True, default=Role.OTHER)
    birthday = models.DateField(_("生日"), null=True, blank=True)
    preferences = models.CharField(_("偏好"), max_length=Customer.WORDS_MAX, blank=True)
    is_primary = models.BooleanField(_("主要联系人"), default=False)
    # Whoever has left stays, for what was agreed with them.
    left_on = models.DateField(_("离职日期"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    form_key = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer"], condition=models.Q(is_primary=True), name="one_primary_contact"
            ),
            models.UniqueConstraint(
                fields=["form_key"], condition=models.Q(form_key__isnull=False), name="contact_once_per_form"
            ),
        ]

    def __str__(self) -> str:
        return self.name
