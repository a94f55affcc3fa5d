"""Territories: customers by where they are and what they do, given to people and teams."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.accounts.models.teams import Team
from zhike.accounts.models.users import User


class Territory(models.Model):
    """A named set of places and industries. Where both are named, a customer must match both.

    To those who have it, the customers in it are as their own. The values are kept as conditions
    compare them.
    """

    TEXT_MAX = 100

    name = models.CharField(_("名称"), max_length=100, unique=True)
    regions = ArrayField(models.CharField(max_length=TEXT_MAX), verbose_name=_("区域"), default=list, blank=True)
    cities = ArrayField(models.CharField(max_length=TEXT_MAX), verbose_name=_("城市"), default=list, blank=True)
    industries = ArrayField(models.CharField(max_length=TEXT_MAX), verbose_name=_("行业"), default=list, blank=True)
    users = models.ManyToManyField(User, verbose_name=_("成员"), related_name="territories", blank=True)
    teams = models.ManyToManyField(Team, verbose_name=_("团队"), related_name="territories", blank=True)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name
