"""The company."""

from __future__ import annotations

from typing import ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Company(models.Model):
    """The one company whose customers these are. There is one row."""

    name = models.CharField(_("公司名称"), max_length=200)
    timezone = models.CharField(_("时区"), max_length=64, blank=True)
    currency = models.CharField(_("币种"), max_length=3, default="CNY")
    pack = models.CharField(_("分类包"), max_length=64, blank=True)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(pk=1), name="one_company")]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The company's zone; until one is chosen, that of the installation (ZHIKE_TIMEZONE)."""
        return ZoneInfo(self.timezone or settings.TIME_ZONE)
