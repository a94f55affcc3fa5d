"""A file that somebody brings in."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Import(models.Model):
    """One sheet of one file: how it is read, what it is to do, how far it is, and what became of its rows.

    `stored_as` names the file on disk, and beside it its rows as they were read. `layout`, `columns` and `profile` say
    how it is written and what stands in its columns; `plan` what is to be done. Everything up to `cursor`, a place in the
    file of rows, is dealt with: whoever goes on after a crash begins there. `signature` is the same for files with the same
    columns: the plan of the last one is offered again. `followed` holds what others have done with the new customers, by
    the name of their function: {"zh", "en", "page", "count"}. Without an `owner` the operator brought it in.
    """

    class What(models.TextChoices):
        CUSTOMERS = "customers", _("客户")
        CONTACTS = "contacts", _("联系人")
        EVENTS = "events", _("事件")

    class State(models.TextChoices):
        DRAFT = "draft", _("准备中")
        CHECKING = "checking", _("试运行中")
        CHECKED = "checked", _("试运行完成")
        RUNNING = "running", _("导入中")
        PAUSED = "paused", _("已暂停")
        DONE = "done", _("已导入")
        CANCELLED = "cancelled", _("已停止")
        UNDOING = "undoing", _("撤销中")
        UNDONE = "undone", _("已撤销")

    OPEN: ClassVar = (State.CHECKING, State.RUNNING, State.UNDOING)
    PREPARED: ClassVar = (State.DRAFT, State.CHECKED)
    COUNTED: ClassVar = ("created", "updated", "unchanged", "skipped", "review", "rejected")

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="imports", db_index=False
    )
    what = models.CharField(_("内容"), max_length=9, choices=What, default=What.CUSTOMERS)
    state = models.CharField(_("状态"), max_length=9, choices=State, default=State.DRAFT)
    file_name = models.CharField(_("文件"), max_length=120)
    stored_as = models.CharField(max_length=48)
    size = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64)
    layout = models.JSONField(default=dict, blank=True)
    columns = models.JSONField(default=list, blank=True)
    profile = models.JSONField(default=dict, blank=True)
    signature = models.CharField(max_length=32, blank=True)
    plan = models.JSONField(default=dict, blank=True)
    total = models.PositiveIntegerField(default=0)
    cursor = models.BigIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    review = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    undone = models.PositiveIntegerField(default=0)
    conflicts = models.PositiveIntegerField(default=0)
    dropped = models.PositiveIntegerField(default=0)
    followed = models.JSONField(default=dict, blank=True)
    job = models.ForeignKey("jobs.Job", models.SET_NULL, null=True, blank=True, related_name="+")
    form_key = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["owner", "-created_at", "-id"], name="import_of_owner"),
            models.Index(fields=["signature", "-id"], name="import_of_source"),
            models.Index(fields=["digest"], name="import_of_file"),
            models.Index(fields=["created_at"], name="import_by_age"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["form_key"], condition=models.Q(form_key__isnull=False), name="import_once_per_form"
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def has_file(self) -> bool:
        return bool(self.stored_as)
