"""What people have to do, counted beforehand in a company too large to count it for every page."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Tally(models.Model):
    """What one person had to do on a day, when it was last counted.

    `overdue` and `today` are open tasks, `contacts` customers with whom they should have been in touch before, `owned` all of
    theirs. `kept` maps each ISO day of the last weeks to how many tasks were due and how many were done by then.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    day = models.DateField()
    overdue = models.PositiveIntegerField()
    today = models.PositiveIntegerField()
    contacts = models.PositiveIntegerField()
    owned = models.PositiveIntegerField()
    kept = models.JSONField(default=dict)
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id}: {self.day}"
