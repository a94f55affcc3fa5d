"""Teams, one below another."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Team(models.Model):
    """A group of people. Its leader reaches it as a member does, wherever they belong themselves."""

    name = models.CharField(_("名称"), max_length=100, unique=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, verbose_name=_("上级团队"), null=True, blank=True, related_name="below"
    )
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("负责人"),
        null=True,
        blank=True,
        related_name="teams_led",
    )

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(parent=F("id")), name="team_not_below_itself")]

    def __str__(self) -> str:
        return self.name
