"""The look back on a quarter: what a company wrote down, and what was counted for it."""

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


class QuarterCount(models.Model):
    """What was counted of a quarter last, and the count that waits or runs: `done` of `total` scorecards.

    `findings` are those of the day `as_of`, in the form that a snapshot has; a count that is under way or failed
    leaves them as they are. `version` counts how often they changed, so that whoever closes a quarter
    closes what they saw. `problem` is {"zh": …, "en": …} where it failed; `attempts` were begun
    since it was asked for, and all but the last were broken off.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("排队中")
        RUNNING = "running", _("统计中")
        DONE = "done", _("完成")
        FAILED = "failed", _("没有完成")
        CANCELLED = "cancelled", _("已停止")

    OPEN: ClassVar = (State.WAITING, State.RUNNING)

    quarter = models.CharField(max_length=7, unique=True)
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    problem = models.JSONField(default=dict, blank=True)
    findings = models.JSONField(default=dict, blank=True)
    as_of = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering: ClassVar = ["-quarter"]

    def __str__(self) -> str:
        return f"{self.quarter}: {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN
