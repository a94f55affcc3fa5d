"""When people are away, and who takes their place."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Absence(models.Model):
    """Days on which somebody is away, the last included. New customers go to the `stand_in`, if one is named."""

    NOTE_MAX = 100

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="absences",
        db_index=False,  # absence_of_user begins with it
    )
    first_day = models.DateField(_("从"))
    last_day = models.DateField(_("到"))
    stand_in = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("代理人"),
        null=True,
        blank=True,
        related_name="stands_in",
    )
    note = models.CharField(_("说明"), max_length=NOTE_MAX, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["first_day", "pk"]
        indexes: ClassVar = [models.Index(fields=["user", "last_day"], name="absence_of_user")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(last_day__gte=models.F("first_day")), name="absence_ends_after"),
            models.CheckConstraint(condition=~models.Q(stand_in=models.F("user")), name="stand_in_is_another"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.first_day}–{self.last_day}"
