"""Schemes as versioned data."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Scheme(models.Model):
    """One dimension. What its classes are is in the current version.

    `owner` hears when somebody finds a class wrong. While `is_paused` nobody who has a class moves.
    `pending_since` is set while placements still have to be brought in step with the current version.
    """

    class Mode(models.TextChoices):
        AUTO = "auto", _("自动生效")
        SUGGEST = "suggest", _("先审核")
        MANUAL = "manual", _("人工")

    dimension = models.CharField(_("维度"), max_length=64, unique=True)
    position = models.PositiveIntegerField(default=0)
    mode = models.CharField(_("方式"), max_length=8, choices=Mode, default=Mode.AUTO)
    current = models.ForeignKey("SchemeVersion", models.PROTECT, null=True, blank=True, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    is_paused = models.BooleanField(default=False)
    pending_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["position", "id"]

    def __str__(self) -> str:
        return self.dimension


class SchemeVersion(models.Model):
    """The rules of one dimension at one time, in pack form. A published version never changes.

    A scheme has at most one draft, which changes with every edit: `revision` counts them, so that
    two people who edit it are told of each other. `base` is the version that it was made from.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        PUBLISHED = "published", _("生效")
        RETIRED = "retired", _("停用")

    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    data = models.JSONField()
    # What becomes of those whom a person put into a class that is no more: old key → new key.
    moved = models.JSONField(default=dict, blank=True)
    note = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    base = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    revision = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["scheme", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scheme", "number"], name="version_number_once"),
            models.UniqueConstraint(
                fields=["scheme"], condition=models.Q(state="published"), name="one_published_version"
            ),
            models.UniqueConstraint(fields=["scheme"], condition=models.Q(state="draft"), name="one_draft"),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} v{self.number}"


class InstalledPack(models.Model):
    """A pack that was put in force, as it was delivered: a later edition of it is merged against this."""

    key = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    data = models.JSONField()
    installed_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"
