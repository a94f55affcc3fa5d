"""What a company wrote down when it looked back on its classification."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class QuarterReview(models.Model):
    """The look back on one quarter: ``2026-Q3``.

    `version` counts the changes, so that two people who write at once hear of each other. Once it
    is closed nothing changes any more, and `snapshot` keeps the figures as they were told then:
    {"counted_at": …, "cards": […], "before": […], "advice": {dimension: […]}, "on_number": […]}.
    """

    TEXT_MAX = 10_000

    quarter = models.CharField(max_length=7, unique=True)
    notes = models.TextField(_("看到了什么"), max_length=TEXT_MAX, blank=True)
    decisions = models.TextField(_("决定怎么改"), max_length=TEXT_MAX, blank=True)
    snapshot = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    updated_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-quarter"]

    def __str__(self) -> str:
        return self.quarter
