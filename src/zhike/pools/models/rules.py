"""The rules that take customers back from their owners, and the notices that come before."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Rule(models.Model):
    """Whoever fulfils `condition` goes into the pool after `days` in which `clock` has not been set back.

    Rules are asked in their order and the first whose condition holds decides alone: with `exception` it says of whom
    it lets the owner keep, and while it is paused it takes nobody. `clock` is the key of a metric that counts days.
    The owner is told `warn_days` before; without a warning nobody is taken where one was promised.
    """

    NAME_MAX = 60
    DAYS_MAX = 3650

    pool = models.ForeignKey("pools.Pool", models.CASCADE, verbose_name=_("回到哪个公海"), related_name="rules")
    name = models.CharField(_("名称"), max_length=NAME_MAX)
    position = models.PositiveSmallIntegerField(default=0)
    condition = models.JSONField(_("适用于"), null=True, blank=True)
    exception = models.JSONField(_("例外"), null=True, blank=True)
    clock = models.CharField(_("计时"), max_length=64, default="days_since_contact_made")
    days = models.PositiveSmallIntegerField(_("天数"))
    warn_days = models.PositiveSmallIntegerField(_("提前提醒"), default=7)
    is_paused = models.BooleanField(_("暂停"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering: ClassVar = ["position", "pk"]

    def __str__(self) -> str:
        return self.name


class Notice(models.Model):
    """An owner was told that a customer goes on `goes_on`, if nothing is done: once for each time the clock runs.

    `since` is the day from which it runs; whoever is in touch again sets it back and is told anew the next time.
    """

    customer = models.ForeignKey("customers.Customer", models.CASCADE, related_name="+", db_index=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    rule = models.ForeignKey(Rule, models.CASCADE, related_name="+")
    since = models.DateField()
    goes_on = models.DateField()
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "owner", "since"], name="one_notice_a_stretch"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.goes_on}"
