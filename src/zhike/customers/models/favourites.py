"""The customers whom a person wants at hand."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from zhike.customers.models.customers import Customer


class Favourite(models.Model):
    """A customer whom a person has starred: nobody else's business."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="favourites")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="favourites")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "customer"], name="favourite_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.customer_id}"
