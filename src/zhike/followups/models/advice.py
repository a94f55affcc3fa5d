"""What people made of the advice that the program gave them, and what customers of a class buy together."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from zhike.core.next_action import REASONS, Kind


class Advice(models.Model):
    """One advice that somebody accepted or dismissed.

    `subject` is what it was about: the method of a contact, or a product. `dimension` and `class_key` are the class for
    which it is learned from. What was dismissed may come back from `rests_until` on; `task` is what accepting it made.
    """

    SUBJECT_MAX = 200

    customer = models.ForeignKey(
        "customers.Customer",
        models.CASCADE,
        related_name="advice",
        db_index=False,  # advice_of_customer begins with it
    )
    kind = models.CharField(max_length=8, choices=[(kind.value, kind.value) for kind in Kind])
    subject = models.CharField(max_length=SUBJECT_MAX)
    accepted = models.BooleanField()
    reason = models.CharField(
        max_length=12, blank=True, choices=[(key.value, text.zh) for key, text in REASONS.items()]
    )
    rests_until = models.DateField(null=True)
    dimension = models.CharField(max_length=64, blank=True)
    class_key = models.CharField(max_length=64, blank=True)
    task = models.ForeignKey("followups.Task", models.SET_NULL, null=True, related_name="+", db_index=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(accepted=True, reason="") | (Q(accepted=False) & ~Q(reason="")),
                name="dismissed_with_reason",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer", "rests_until"], name="advice_of_customer"),
            models.Index(fields=["dimension", "class_key", "at"], name="advice_of_class"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.kind} {self.subject}"


class ProductPairs(models.Model):
    """What the customers of a class bought, as `core.affinity` counts it; worked out anew each night.

    `buyers` is product → how many bought it, `amounts` product → the mean of an order in minor units, `pairs` a list of
    [product, product, how many bought both].
    """

    dimension = models.CharField(max_length=64)
    class_key = models.CharField(max_length=64)
    everyone = models.PositiveIntegerField()
    buyers = models.JSONField(default=dict)
    amounts = models.JSONField(default=dict)
    pairs = models.JSONField(default=list)
    counted_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dimension", "class_key"], name="product_pairs_of_class"),
        ]

    def __str__(self) -> str:
        return f"{self.dimension}.{self.class_key}"
