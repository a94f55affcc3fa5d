"""The address at which a calendar program reads somebody's tasks."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class CalendarFeed(models.Model):
    """The secret link of one person. Of its token there is only the digest; another link ends the first."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_feed")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()

    class Meta:
        default_related_name = "+"
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return str(self.user_id)
