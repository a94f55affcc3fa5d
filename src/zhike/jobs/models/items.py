"""The rows that a job is about."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.jobs.models.jobs import Job


class Item(models.Model):
    """One row that a job is about, written down when it was asked for: what is done is what was counted.

    `target` is the row's id; whose, the job's kind knows. `before` and `after` are what it takes to undo, and to
    see whether somebody has changed it since. `said` is {"zh": …, "en": …}: why it was refused.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("还没轮到")
        CHANGED = "changed", _("已改")
        SAME = "same", _("本来就是")
        REFUSED = "refused", _("没改")
        UNDONE = "undone", _("已撤销")

    job = models.ForeignKey(Job, models.CASCADE, related_name="items", db_index=False)
    target = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)
    said = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["job", "target"], name="one_item_a_target"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["job", "target"], name="item_refused", condition=models.Q(state="refused")),
            models.Index(fields=["target"], name="item_of_target"),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}: {self.target}"
