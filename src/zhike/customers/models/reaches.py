"""The ways in which a customer or one of its contacts can be reached."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.customers.models.contacts import Contact
from zhike.customers.models.customers import Customer
from zhike.customers.models.phones import PhoneState


class Reach(models.Model):
    """A telephone number, an e-mail address, a WeChat or WeCom id: the customer's, or that of a contact.

    Telephone numbers are E.164 and e-mail addresses in small letters, so that one number is one value
    however it was written. The first of a kind is the primary one and stands in the holder's own column too.
    """

    class Kind(models.TextChoices):
        PHONE = "phone", _("电话")
        EMAIL = "email", _("邮箱")
        WECHAT = "wechat", _("微信")
        WECOM = "wecom", _("企业微信")

    VALUE_MAX = 254
    LABEL_MAX = 20

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="reaches")
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, blank=True, related_name="reaches")
    kind = models.CharField(_("方式"), max_length=8, choices=Kind)
    value = models.CharField(_("号码或地址"), max_length=VALUE_MAX)
    state = models.CharField(max_length=12, choices=PhoneState, blank=True, default=PhoneState.NONE)
    label = models.CharField(_("说明"), max_length=LABEL_MAX, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["kind", "position", "id"]
        indexes: ClassVar = [
            # Who else has this number.
            models.Index(fields=["value", "kind"], name="reach_by_value"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "contact", "kind", "value"], name="reach_once_a_holder", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return self.value

    @property
    def is_primary(self) -> bool:
        return self.position == 0
