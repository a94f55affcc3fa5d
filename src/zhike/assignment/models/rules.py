"""The rules by which customers are given to people."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhike.accounts.models import Team


class Rule(models.Model):
    """Who gets the customers that fulfil a condition, and on which occasions.

    Rules are asked in the order of `position`; the one that `is_last` comes behind all others and has no condition.
    `where` is a document as saved views store it. `turns` keeps, for every group that takes turns, the id of whoever
    was last. `least_level` 0 and no `skills` ask for nothing. Without `from_pools` it leaves those alone whom nobody owns
    since members may claim them.
    """

    NAME_MAX = 80
    MOST = 50

    class Occasion(models.TextChoices):
        CREATED = "created", _("新建")
        IMPORTED = "imported", _("导入")
        CLASSED = "classed", _("类别变化")
        HAND = "hand", _("手动")

    class Target(models.TextChoices):
        TERRITORY = "territory", _("客户所在辖区的人")
        TEAM = "team", _("一个团队的人")
        PEOPLE = "people", _("指定的人")

    class Method(models.TextChoices):
        TURNS = "turns", _("轮流")
        LOAD = "load", _("最有余量的")
        SENIOR = "senior", _("级别最高的")

    name = models.CharField(_("名称"), max_length=NAME_MAX)
    where = models.JSONField(default=dict)
    position = models.PositiveIntegerField(default=0)
    is_last = models.BooleanField(default=False)
    is_paused = models.BooleanField(_("暂停"), default=False)
    occasions = ArrayField(models.CharField(max_length=8, choices=Occasion), verbose_name=_("什么时候"))
    target = models.CharField(_("分给"), max_length=9, choices=Target)
    people = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("成员"), related_name="assignment_rules", blank=True
    )
    team = models.ForeignKey(Team, models.PROTECT, verbose_name=_("团队"), null=True, blank=True, related_name="+")
    method = models.CharField(_("怎么选"), max_length=6, choices=Method, default=Method.TURNS)
    least_level = models.PositiveSmallIntegerField(_("级别至少"), default=0)
    skills = ArrayField(models.CharField(max_length=40), verbose_name=_("要擅长"), default=list, blank=True)
    from_pools = models.BooleanField(_("也分配公海里的客户"), default=False)
    turns = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    changed_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["is_last", "position", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["is_last"], condition=Q(is_last=True), name="one_last_rule"),
        ]

    def __str__(self) -> str:
        return self.name


class Waiting(models.Model):
    """A customer whom rules are to be asked about: since it entered a class, or because nobody could take it.

    `after` is the moment from which they are asked; `occasion` is that for which it waits. `dimensions` are those in
    which the class changed: rules that read other classes are not asked.
    """

    customer = models.OneToOneField("customers.Customer", models.CASCADE, related_name="+")
    occasion = models.CharField(max_length=8, choices=Rule.Occasion)
    dimensions = ArrayField(models.CharField(max_length=64), default=list)
    since = models.DateTimeField()
    after = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["after"], name="waiting_after")]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.occasion}"
