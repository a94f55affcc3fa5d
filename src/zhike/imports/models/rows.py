"""What became of one row of a file."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.imports.models.imports import Import


class Row(models.Model):
    """The verdict on one row, found in the file of rows at `at`, and what it takes to take it back.

    `said` is {"zh": …, "en": …}: why. `before` and `after` hold the fields that it changed; `customer` is whom it is
    about, empty where its owner may not know. Of a dry run there are verdicts too, replaced by those of the run.
    """

    class Verdict(models.TextChoices):
        CREATED = "created", _("新建")
        UPDATED = "updated", _("更新")
        UNCHANGED = "unchanged", _("没有变化")
        SKIPPED = "skipped", _("跳过")
        REVIEW = "review", _("待确认")
        REJECTED = "rejected", _("拒绝")
        UNDONE = "undone", _("已撤销")
        CONFLICT = "conflict", _("没有撤销")

    imported = models.ForeignKey(Import, models.CASCADE, related_name="rows", db_index=False)
    line = models.PositiveIntegerField()
    at = models.BigIntegerField()
    verdict = models.CharField(max_length=9, choices=Verdict)
    said = models.JSONField(default=dict, blank=True)
    customer = models.ForeignKey("customers.Customer", models.CASCADE, null=True, blank=True, related_name="+")
    contact = models.ForeignKey("customers.Contact", models.SET_NULL, null=True, blank=True, related_name="+")
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering: ClassVar = ["line"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["imported", "line"], name="one_verdict_a_row"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["imported", "verdict", "line"], name="row_by_verdict"),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.verdict}"
