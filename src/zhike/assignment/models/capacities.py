"""What a person can take on."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


def working_week() -> list[int]:
    return [1, 2, 3, 4, 5]


class Capacity(models.Model):
    """How many customers a person looks after at most, on which weekdays they work, and what they are good at.

    Weekdays are 1 (Monday) to 7. `most` empty is no limit. Where `keeps_holidays`, China's official holidays are free
    and the weekend days on which they are made up for are worked. Whoever has no row is as a new row says.
    """

    SKILL_MAX = 40
    MOST_SKILLS = 20

    class Level(models.IntegerChoices):
        JUNIOR = 1, _("初级")
        MIDDLE = 2, _("中级")
        SENIOR = 3, _("资深")
        EXPERT = 4, _("专家")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="capacity")
    most = models.PositiveIntegerField(_("最多负责"), null=True, blank=True)
    weekdays = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("上班的日子"), default=working_week)
    keeps_holidays = models.BooleanField(_("按国家法定节假日和调休"), default=True)
    level = models.PositiveSmallIntegerField(_("级别"), choices=Level, default=Level.JUNIOR)
    skills = ArrayField(models.CharField(max_length=SKILL_MAX), verbose_name=_("擅长"), default=list, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(weekdays__contained_by=[1, 2, 3, 4, 5, 6, 7]), name="weekdays_of_a_week"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.most}"
