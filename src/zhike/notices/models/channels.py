"""Bots in groups of WeCom, DingTalk and Feishu, and what waits to be said by them."""

from __future__ import annotations

from datetime import time
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Channel(models.Model):
    """A bot that says a person's notifications in a group, or those of a team and of the teams below it.

    A person's own follows their preferences, language and quiet hours; a team's has `kinds`, `language` and quiet
    hours of its own, by the company's clock. `address` and `secret` are ciphertext: whoever has the address can speak
    in the group. Without `shows_names` customers are not named. `gone_at` says that the address answered that it is
    no more. After `failures` in a row it is tried again at `next_try_at`; until `claimed_until` a worker is at it.
    """

    NAME_MAX = 60
    ERROR_MAX = 300

    class Kind(models.TextChoices):
        WECOM = "wecom", _("企业微信")
        DINGTALK = "dingtalk", _("钉钉")
        FEISHU = "feishu", _("飞书")

    kind = models.CharField(_("哪一家"), max_length=8, choices=Kind)
    name = models.CharField(_("名称"), max_length=NAME_MAX)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="channels", verbose_name=_("成员")
    )
    team = models.ForeignKey(
        "accounts.Team", models.PROTECT, null=True, blank=True, related_name="channels", verbose_name=_("团队")
    )
    address = models.CharField(max_length=4000)
    secret = models.CharField(max_length=1000, blank=True)
    host = models.CharField(max_length=255)
    kinds = ArrayField(models.CharField(max_length=12), verbose_name=_("说哪些"), default=list, blank=True)
    language = models.CharField(_("语言"), max_length=16, default="zh-hans")
    shows_names = models.BooleanField(_("写出客户的名字"), default=False)
    quiet_from = models.TimeField(_("免打扰从"), null=True, blank=True, default=time(21))
    quiet_until = models.TimeField(_("到"), null=True, blank=True, default=time(8))
    is_on = models.BooleanField(_("在用"), default=True)
    gone_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=ERROR_MAX, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(user=None, team__isnull=False) | Q(user__isnull=False, team=None),
                name="channel_of_a_person_or_a_team",
            ),
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | (Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=F("quiet_until"))),
                name="quiet_hours_of_a_channel",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """A notification that a bot has to say, written in the transaction that looked at who hears of it.

    `key` is the notification's number, or for a team what it tells: several people who are told the same are one line.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("等着发")
        SENT = "sent", _("已发出")
        DROPPED = "dropped", _("不再发")

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="deliveries", db_index=False)
    notification = models.ForeignKey("classification.Notification", models.CASCADE, related_name="deliveries")
    key = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["channel", "key"], name="said_once_in_a_channel")]
        indexes: ClassVar = [
            models.Index(fields=["channel", "id"], name="delivery_waiting", condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.notification_id}"
