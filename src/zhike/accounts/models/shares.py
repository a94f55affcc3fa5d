"""Shares: one record with one person or one team, until a day."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhike.accounts.models.teams import Team
from zhike.accounts.models.users import User


class Share(models.Model):
    """A record that others see, or change, beside those whose it is.

    It ends by itself when the last day, in the company's zone, is over: `ends_at` is that midnight.
    The record is named by its model and its id, since this layer knows no customers.
    """

    REASON_MAX = 200

    object = models.CharField(max_length=64)
    row = models.BigIntegerField()
    user = models.ForeignKey(
        User, models.CASCADE, verbose_name=_("同事"), null=True, blank=True, related_name="shares", db_index=False
    )
    team = models.ForeignKey(
        Team, models.CASCADE, verbose_name=_("团队"), null=True, blank=True, related_name="shares", db_index=False
    )
    may_write = models.BooleanField(_("可以修改"), default=False)
    until = models.DateField(_("最后一天"), null=True, blank=True)
    ends_at = models.DateTimeField(null=True, editable=False)
    reason = models.CharField(_("理由"), max_length=REASON_MAX)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["object", "row"], name="share_of_record"),
            models.Index(fields=["user"], name="share_with_user", condition=Q(ended_at=None)),
            models.Index(fields=["team"], name="share_with_team", condition=Q(ended_at=None)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(user__isnull=True, team__isnull=False) | Q(user__isnull=False, team__isnull=True),
                name="share_with_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.object} {self.row}"
