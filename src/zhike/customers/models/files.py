"""Files kept with a customer."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.customers.models.customers import Customer


class Attachment(models.Model):
    """A file kept with a customer. `stored_as` is drawn and names it on disk; `name` is only shown."""

    NAME_MAX = 120

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="attachments")
    name = models.CharField(_("文件名"), max_length=NAME_MAX)
    stored_as = models.CharField(max_length=64, unique=True, editable=False)
    type = models.CharField(max_length=100, editable=False)
    size = models.PositiveBigIntegerField(_("大小"), editable=False)
    form_key = models.UUIDField(null=True, editable=False)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField()
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["customer", "-added_at", "-id"], name="attachment_of_customer"),
            models.Index(
                fields=["removed_at"], name="attachment_removed", condition=models.Q(removed_at__isnull=False)
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["form_key"], condition=models.Q(form_key__isnull=False), name="attachment_once_per_form"
            ),
        ]

    def __str__(self) -> str:
        return self.name
