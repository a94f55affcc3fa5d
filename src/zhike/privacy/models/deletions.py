"""The ledger of what was erased: enough to erase it again after a restore, and nothing of the person."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models


class Deletion(models.Model):
    """A person who was erased. `record` and `digest` name the row, `identifiers` are keyed hashes of what named them."""

    record = models.BigIntegerField()
    digest = models.CharField(max_length=64, unique=True)
    identifiers = ArrayField(models.CharField(max_length=64), default=list)
    erased_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["record"], name="deletion_of_record")]

    def __str__(self) -> str:
        return f"{self.record}: {self.erased_at:%Y-%m-%d}"
