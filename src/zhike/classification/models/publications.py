"""How new rules come into force: built aside, switched in one step, and confirmed by those they touch."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.classification.models.schemes import SchemeVersion


class Publication(models.Model):
    """New versions on their way into force: now, or from `starts_at` on.

    `done` of `total` customers are dealt with in the present step. `moves` are, by dimension,
    [from, to, customers]; `problem` is {"zh": …, "en": …} where it failed. With a new edition of the
    pack `edition` is {"base": what it was merged against, "data": the pack as it was delivered, "order": the dimensions in their order,
    "fields": own fields that are called otherwise, "gone": {dimension: its version that goes out of force}}.
    """

    NOTE_MAX = 500

    class Kind(models.TextChoices):
        PUBLISH = "publish", _("发布")
        ROLLBACK = "rollback", _("退回")
        RETIRE = "retire", _("停用")
        EDITION = "edition", _("合并新版")

    class State(models.TextChoices):
        SCHEDULED = "scheduled", _("已预约")
        PREPARING = "preparing", _("正在准备")
        SETTLING = "settling", _("已生效，正在收尾")
        DONE = "done", _("已生效")
        FAILED = "failed", _("没有生效")
        CANCELLED = "cancelled", _("已取消")

    kind = models.CharField(max_length=12, choices=Kind, default=Kind.PUBLISH)
    state = models.CharField(max_length=12, choices=State, default=State.SCHEDULED)
    versions: models.ManyToManyField[SchemeVersion, Publication] = models.ManyToManyField(
        SchemeVersion, related_name="publications"
    )
    note = models.CharField(_("说明"), max_length=NOTE_MAX, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    starts_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    switched_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    moves = models.JSONField(default=dict)
    problem = models.JSONField(default=dict, blank=True)
    edition = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(
                fields=["starts_at"],
                name="publication_open",
                condition=models.Q(state__in=["scheduled", "preparing", "settling"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in {self.State.SCHEDULED, self.State.PREPARING, self.State.SETTLING}


class Staged(models.Model):
    """A placement by rules that are not in force yet; in columns what `Placement` has."""

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="+")
    customer = models.ForeignKey("customers.Customer", models.CASCADE, related_name="+")
    dimension = models.CharField(max_length=64)
    class_key = models.CharField(max_length=64)
    computed_key = models.CharField(max_length=64)
    old_key = models.CharField(max_length=64, blank=True)
    source = models.CharField(max_length=8)
    version = models.ForeignKey("SchemeVersion", models.CASCADE, related_name="+")
    undetermined = models.BooleanField()
    reason = models.JSONField()
    next_flip_at = models.DateTimeField(null=True)
    next_key = models.CharField(max_length=64)
    falls = models.BooleanField()
    staged_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.dimension}.{self.class_key}"


class Acknowledgement(models.Model):
    """A person whose customers new rules have moved, and when they confirmed that they know."""

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="acknowledgements")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    customers = models.PositiveIntegerField()
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["publication", "user"], name="one_acknowledgement_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.publication_id}: {self.user_id}"


class BackTest(models.Model):
    """A draft and the version in force, placed as of past days, and what the customers did afterwards.

    `result` is by day and class what `classification.backtest` finds. `revision` is that of the draft
    which was tried: later edits are not in it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("排队中")
        RUNNING = "running", _("计算中")
        DONE = "done", _("完成")
        FAILED = "failed", _("没有完成")

    version = models.ForeignKey(SchemeVersion, models.CASCADE, related_name="back_tests")
    revision = models.PositiveIntegerField()
    days = models.JSONField()
    outcome_days = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)
    problem = models.JSONField(default=dict, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.state}"
