"""A piece of work that somebody asked for."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Job(models.Model):
    """One piece of work, what has become of it, and how far it is: `done` of `total`.

    `kind` is a key of the table of kinds. Everything up to `cursor` is dealt with: whoever goes on after a
    crash begins behind it. Of the rows it is about `changed` are otherwise than before, `same` were so
    already, and `refused` stay as they are. `said` is {"zh": …, "en": …}: what came of it, or why it failed.
    `attempts` were begun since it last came forward. `undoes` is the job that this one takes back.
    `file` is the name under which the result is kept, `file_name` what people call it, until `expires_at`.
    `form_key` is drawn by the form, so that sending it twice asks once; `is_repeat` marks the job given back then.
    """

    is_repeat = False

    class State(models.TextChoices):
        QUEUED = "queued", _("排队中")
        RUNNING = "running", _("进行中")
        DONE = "done", _("完成")
        FAILED = "failed", _("没有完成")
        CANCELLED = "cancelled", _("已停止")

    OPEN: ClassVar = (State.QUEUED, State.RUNNING)
    FILE_MAX = 120

    kind = models.CharField(max_length=32)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="jobs", db_index=False)
    state = models.CharField(max_length=9, choices=State, default=State.QUEUED)
    parameters = models.JSONField(default=dict, blank=True)
    cursor = models.BigIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    said = models.JSONField(default=dict, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    undoes = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="undone_by")
    file = models.CharField(max_length=64, blank=True)
    file_name = models.CharField(max_length=FILE_MAX, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    form_key = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["owner", "-created_at", "-id"], name="job_of_owner"),
            models.Index(fields=["id"], name="job_open", condition=models.Q(state__in=["queued", "running"])),
            models.Index(fields=["created_at"], name="job_by_age"),
            models.Index(fields=["expires_at"], name="job_file", condition=~models.Q(file="")),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["form_key"], condition=models.Q(form_key__isnull=False), name="job_once_per_form"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN
