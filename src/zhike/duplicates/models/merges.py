"""What was merged, and what is kept of it until it can no longer be taken back."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models


class Merge(models.Model):
    """Records that were merged into `customer`, the survivor, all at once, by one person.

    `merged` are their ids; each leads to the survivor by its own `merged_into`. `kept` is the journal by which
    the merge is taken back, of the shape that `actions.journal` describes; it is removed when the time for that
    is over. `conflicts` are what could not be put back: ``[{"what": …, "zh": …, "en": …}]``.
    """

    customer = models.ForeignKey("customers.Customer", models.CASCADE, related_name="merges")
    merged = ArrayField(models.BigIntegerField())
    kept = models.JSONField(null=True, editable=False)
    form_key = models.UUIDField(null=True, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    conflicts = models.JSONField(default=list)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["customer", "-at"], name="merge_of_customer"),
            models.Index(fields=["at"], name="merge_kept", condition=models.Q(kept__isnull=False)),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["form_key"], condition=models.Q(form_key__isnull=False), name="merge_once_per_form"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merged} → {self.customer_id}"
