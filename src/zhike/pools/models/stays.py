"""The stays of customers in pools: how each began and how it ended."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Stay(models.Model):
    """One customer in one pool, from the day they came until somebody has them.

    `giver` is who owned the customer before, if anybody; `by` is who put them there, none for a rule. `taker` is who
    owns them since: with the end `claimed` it counts for the quota of that person.
    """

    NOTE_MAX = 200

    class Way(models.TextChoices):
        HANDED_BACK = "handed_back", _("负责人退回")
        GIVEN = "given", _("放入")
        RECLAIMED = "reclaimed", _("按规则收回")

    class End(models.TextChoices):
        CLAIMED = "claimed", _("领取")
        ASSIGNED = "assigned", _("分配")
        MOVED = "moved", _("换了公海")
        TAKEN_OUT = "taken_out", _("拿出")
        GONE = "gone", _("抹去")

    customer = models.ForeignKey("customers.Customer", models.CASCADE, related_name="stays")
    pool = models.ForeignKey("pools.Pool", models.PROTECT, related_name="stays", db_index=False)
    way = models.CharField(max_length=12, choices=Way)
    entered_at = models.DateTimeField()
    giver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    reason = models.ForeignKey("pools.Reason", models.PROTECT, null=True, related_name="+", db_index=False)
    note = models.CharField(max_length=NOTE_MAX, blank=True)
    rule = models.ForeignKey("pools.Rule", models.SET_NULL, null=True, related_name="+", db_index=False)
    left_at = models.DateTimeField(null=True)
    taker = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    end = models.CharField(max_length=12, choices=End, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer"], condition=models.Q(left_at=None), name="in_one_pool"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["pool", "entered_at", "id"],
                include=["customer"],
                name="stay_open",
                condition=models.Q(left_at=None),
            ),
            models.Index(fields=["taker", "pool", "left_at"], name="stay_claimed", condition=models.Q(end="claimed")),
            models.Index(fields=["giver", "customer", "entered_at"], name="stay_given"),
        ]

    def __str__(self) -> str:
        return f"{self.pool_id}: {self.customer_id}"
