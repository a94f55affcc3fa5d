"""The impact assessment of classifying natural persons automatically."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Assessment(models.Model):
    """One version of the assessment. The last one counts; earlier ones stay."""

    TEXT_MAX = 4_000

    number = models.PositiveIntegerField(unique=True)
    purpose = models.TextField(_("目的和方式"))
    necessity = models.TextField(_("为什么必要"))
    impact = models.TextField(_("对个人的影响和风险"))
    measures = models.TextField(_("保护措施"))
    filed_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"v{self.number}"
