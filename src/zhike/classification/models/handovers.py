"""Customers of one person given to others."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Handover(models.Model):
    """What a person owns, given to others line by line: the first condition that holds says to whom.

    `lines` are `{"when": node or null, "to": [ids of people]}`; several people take turns, and `turns`
    counts how many each line has given. `after` is the last customer that was looked at, so a hand-over
    that was broken off goes on from there.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("等待")
        RUNNING = "running", _("交接中")
        DONE = "done", _("已交接")
        FAILED = "failed", _("停下了")

    OPEN: ClassVar = (State.WAITING, State.RUNNING)

    giver = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="handovers")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    lines = models.JSONField()
    turns = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    after = models.BigIntegerField(default=0)
    problem = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["giver"],
                condition=models.Q(state__in=["waiting", "running"]),
                name="one_open_handover_a_person",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["giver", "-id"], name="handover_of_person")]

    def __str__(self) -> str:
        return f"{self.giver_id}: {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN
