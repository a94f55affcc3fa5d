"""What may not be used to classify people."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class BarredInput(models.Model):
    """A field or metric that the rules of a dimension may not read, as ``customer.city`` or ``metric.revenue``.

    It holds until it is lifted. A metric is barred over every window.
    """

    REASON_MAX = 500

    dimension = models.CharField(max_length=64)
    input = models.CharField(max_length=120)
    reason = models.CharField(max_length=REASON_MAX)
    created_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dimension", "input"], condition=models.Q(lifted_at=None), name="input_barred_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dimension}: {self.input}"
