"""Promises of a first answer: within how many hours somebody is in touch with a customer."""

from __future__ import annotations

from datetime import time
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Promise(models.Model):
    """What a class owes a customer since it entered it, or since it was given to somebody: to be contacted in time.

    It is kept by the first contact that we make (`kept_by`, an event), however late it is; `ended_at` says that the
    customer has left the class. `steps` of the ladder were told: the owner, who leads them, who leads those. `next_at`
    is when the next of them is, None once nothing more happens by time alone.
    """

    customer = models.ForeignKey("customers.Customer", models.CASCADE, related_name="promises")
    dimension = models.CharField(max_length=64)
    class_key = models.CharField(max_length=64)
    hours = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    kept_at = models.DateTimeField(null=True, blank=True)
    kept_by = models.BigIntegerField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    steps = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "dimension"], condition=Q(kept_at=None, ended_at=None), name="one_open_promise"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], name="promise_next", condition=Q(next_at__isnull=False)),
            models.Index(fields=["due_at", "id"], name="promise_due", condition=Q(kept_at=None, ended_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.dimension}.{self.class_key} {self.due_at}"


class PromiseTerms(models.Model):
    """How promises are counted, and how long after a broken one who hears of it. There is one row.

    With `working_hours` only the hours between `opens` and `closes` of working days count, by the official calendar.
    """

    working_hours = models.BooleanField(_("只算上班时间"), default=True)
    opens = models.TimeField(_("上班"), default=time(9))
    closes = models.TimeField(_("下班"), default=time(18))
    leader_after = models.PositiveSmallIntegerField(_("超时多少小时后告诉主管"), default=4)
    above_after = models.PositiveSmallIntegerField(_("超时多少小时后告诉主管的主管"), default=8)
    version = models.PositiveIntegerField(default=1)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(pk=1), name="one_promise_terms"),
            models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="closes_after_it_opens"),
            models.CheckConstraint(condition=Q(above_after__gte=F("leader_after")), name="above_after_the_leader"),
        ]

    def __str__(self) -> str:
        return f"{self.opens}–{self.closes}"
