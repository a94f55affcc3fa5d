"""What a person has chosen to hear, when, and which digests they got."""

from __future__ import annotations

from datetime import time
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Rhythm(models.Model):
    """When a person is told of things, by their own clock. Whoever has no row is as a new row says.

    Between `quiet_from` and `quiet_until`, across midnight where the first is the later, nothing is sent; without
    either there are no quiet hours. `left_out` are the groups of the digest that they do not want.
    """

    class Days(models.TextChoices):
        WORKDAYS = "workdays", _("上班的日子")
        DAILY = "daily", _("每天")
        OFF = "off", _("不发")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="rhythm")
    digest = models.CharField(_("邮件摘要"), max_length=8, choices=Days, default=Days.WORKDAYS)
    digest_at = models.TimeField(_("几点发"), default=time(8, 30))
    quiet_from = models.TimeField(_("免打扰从"), null=True, blank=True, default=time(21))
    quiet_until = models.TimeField(_("到"), null=True, blank=True, default=time(8))
    left_out = ArrayField(models.CharField(max_length=16), default=list, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | (Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=models.F("quiet_until"))),
                name="quiet_hours_of_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.digest} {self.digest_at}"


class Preference(models.Model):
    """By which ways a person hears of one kind of notification, where that is not as usual."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=12)
    page = models.BooleanField()
    digest = models.BooleanField()
    channel = models.BooleanField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "kind"], name="one_preference_a_kind")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.kind}"


class Digest(models.Model):
    """That a person's digest of one day, by their own calendar, was begun: there is one row a day, so one letter.

    Of what stood in it only the number of `lines` is kept. One that is `sending` is never begun again: if the worker
    died meanwhile, nobody knows whether the letter went, and none is better than two.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("等着发")
        SENDING = "sending", _("正在发")
        SENT = "sent", _("已发出")
        EMPTY = "empty", _("没有要说的")
        FAILED = "failed", _("没发出去")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="digests", db_index=False)
    day = models.DateField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    lines = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "day"], name="one_digest_a_day")]
        indexes: ClassVar = [
            models.Index(fields=["next_at", "id"], name="digest_waiting", condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.day}"
