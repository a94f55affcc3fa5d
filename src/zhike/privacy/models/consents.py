"""What a person has agreed to, and to which words."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ConsentText(models.Model):
    """The words of one purpose. A database trigger refuses to change them: other words are another version."""

    TEXT_MAX = 2_000

    purpose = models.CharField(max_length=32)
    number = models.PositiveIntegerField()
    zh = models.TextField()
    en = models.TextField()
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["purpose", "number"], name="consent_text_version")]

    def __str__(self) -> str:
        return f"{self.purpose} v{self.number}"


class Consent(models.Model):
    """A consent given, refused or withdrawn. The last one of a purpose counts; none is ever changed.

    `at` is when the person said so, `recorded_at` when it was written down. `evidence` says where that is
    to be seen: a form, a call, a network address.
    """

    class State(models.TextChoices):
        GIVEN = "given", _("同意")
        REFUSED = "refused", _("不同意")
        WITHDRAWN = "withdrawn", _("撤回")

    class Channel(models.TextChoices):
        FORM = "form", _("表单")
        PHONE = "phone", _("电话")
        MESSAGE = "message", _("消息")
        EMAIL = "email", _("邮件")
        PAPER = "paper", _("书面")
        LINK = "link", _("链接")
        API = "api", _("接口")

    EVIDENCE_MAX = 200

    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=32)
    state = models.CharField(max_length=12, choices=State)
    text = models.ForeignKey(ConsentText, models.PROTECT, related_name="consents")
    channel = models.CharField(max_length=12, choices=Channel)
    evidence = models.CharField(max_length=EVIDENCE_MAX, blank=True)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    do_not_ask_until = models.DateField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["customer", "purpose", "-id"], name="consent_of_customer")]

    def __str__(self) -> str:
        return f"{self.purpose}: {self.state}"
