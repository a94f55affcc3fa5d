"""Pools, what one person may own of a class, and the reasons for which customers are handed back."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Pool(models.Model):
    """A place for customers whom nobody owns. Its members see them, with `shown` fields, and claim them.

    A team stands for its members, its leader and the teams below it. `condition` says which customers may be in it,
    as people wrote it; none lets everybody in. `quota` is how many one member may claim in a day, `protection_days`
    for how long whoever had a customer may not claim them again. `rank_by` is the dimension by whose ranks the best
    customer is told. A closed pool takes in nobody, and from it nobody is claimed.
    """

    NAME_MAX = 60
    NUMBER_MAX = 9999

    name = models.CharField(_("名称"), max_length=NAME_MAX, unique=True)
    condition = models.JSONField(_("谁可以放进来"), null=True, blank=True)
    quota = models.PositiveSmallIntegerField(_("每人每天最多领取"), null=True, blank=True)
    protection_days = models.PositiveSmallIntegerField(_("保护期"), default=0)
    rank_by = models.CharField(_("按哪个维度挑最好的"), max_length=64, blank=True)
    shown = ArrayField(models.CharField(max_length=100), verbose_name=_("领取前看得到"), default=list, blank=True)
    is_closed = models.BooleanField(_("停用"), default=False)
    users = models.ManyToManyField(settings.AUTH_USER_MODEL, verbose_name=_("成员"), related_name="pools", blank=True)
    teams = models.ManyToManyField("accounts.Team", verbose_name=_("团队"), related_name="pools", blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Limit(models.Model):
    """How many customers of one class a person may own before no more of it are claimed from this pool."""

    pool = models.ForeignKey(Pool, models.CASCADE, related_name="limits")
    dimension = models.CharField(max_length=64)
    class_key = models.CharField(max_length=64)
    most = models.PositiveSmallIntegerField()

    class Meta:
        ordering: ClassVar = ["pool", "dimension", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["pool", "dimension", "class_key"], name="one_limit_a_class"),
        ]

    def __str__(self) -> str:
        return f"{self.dimension}.{self.class_key} ≤ {self.most}"


class Reason(models.Model):
    """A reason for which customers are handed back, in the company's own words."""

    LABEL_MAX = 40

    label = models.CharField(_("理由"), max_length=LABEL_MAX, unique=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_retired = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["position", "pk"]

    def __str__(self) -> str:
        return self.label
