"""Two customers who may be one, what speaks for it, and what somebody has said to it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Pair(models.Model):
    """`customer` has the lower id of the two. `score` is in bits, as `core.duplicates.evidence` counts it.

    `evidence` is ``[{"part": …, "level": …, "bits": …}]``, what weighs most first; the values themselves stay with
    the customers. `group` is the lowest id of all who are joined to one another by pairs that are likely, where they
    are more than two.
    What was decided stays when the search finds the pair again, see `actions.pairs.store_pairs`.
    """

    class State(models.TextChoices):
        OPEN = "open", _("待处理")
        OTHER = "other", _("不是同一位")
        MERGED = "merged", _("已合并")

    customer = models.ForeignKey("customers.Customer", models.CASCADE, related_name="+", db_index=False)
    other = models.ForeignKey("customers.Customer", models.CASCADE, related_name="+")
    score = models.FloatField()
    evidence = models.JSONField(default=list)
    group = models.BigIntegerField(null=True, editable=False)
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    found_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(F("score").desc(), F("id").desc(), name="pair_open", condition=Q(state="open")),
            models.Index(fields=["group"], name="pair_group", condition=Q(state="open")),
            models.Index(fields=["state", "score"], name="pair_decided", condition=~Q(state="open")),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "other"], name="pair_once"),
            models.CheckConstraint(condition=Q(customer__lt=F("other")), name="pair_low_first"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} ↔ {self.other_id}"
