"""Who was told that something is overdue, and after how many days people are."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Escalation(models.Model):
    """One step of the ladder for one thing overdue: a task, or the day on which a customer was to be contacted.

    `due_on` is the day that was missed, `step` 1 for the owner, 2 for who leads them, 3 for who leads those; `days` is how
    late it was. `owner` is whose it was, `user` who was told. A step is told to one person once; of one that several lead, each has
    a row. It is settled once what was overdue was done, dropped, or given another day: the database says so by itself,
    whoever changes the task or the customer.
    """

    task = models.ForeignKey("followups.Task", models.CASCADE, null=True, related_name="escalations", db_index=False)
    customer = models.ForeignKey("customers.Customer", models.CASCADE, null=True, related_name="+")
    due_on = models.DateField()
    step = models.PositiveSmallIntegerField()
    days = models.PositiveSmallIntegerField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="escalations", db_index=False)
    at = models.DateTimeField()
    is_settled = models.BooleanField(default=False, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["task", "due_on", "step", "user"], condition=Q(task__isnull=False), name="task_escalated_once"
            ),
            models.UniqueConstraint(
                fields=["customer", "due_on", "step", "user"], condition=Q(task=None), name="contact_escalated_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "due_on", "id"], condition=Q(is_settled=False), name="escalation_open_of"),
            models.Index(fields=["due_on", "id"], condition=Q(is_settled=False), name="escalation_open"),
            models.Index(fields=["user", "-at", "-id"], condition=Q(is_settled=True), name="escalation_settled_of"),
            models.Index(fields=["-at", "-id"], condition=Q(is_settled=True), name="escalation_settled"),
        ]

    def __str__(self) -> str:
        return f"{self.task_id or self.customer_id}: {self.due_on} {self.step}"


class LadderTerms(models.Model):
    """After how many days overdue who hears of it. There is one row; `is_on` lets the ladder rest."""

    is_on = models.BooleanField(_("逾期时逐级提醒"), default=True)
    owner_after = models.PositiveSmallIntegerField(_("逾期多少天后提醒负责人"), default=3)
    leader_after = models.PositiveSmallIntegerField(_("逾期多少天后告诉主管"), default=5)
    above_after = models.PositiveSmallIntegerField(_("逾期多少天后告诉主管的主管"), default=7)
    version = models.PositiveIntegerField(default=1)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(pk=1), name="one_ladder_terms"),
            models.CheckConstraint(
                condition=Q(owner_after__gte=1, leader_after__gte=F("owner_after"), above_after__gte=F("leader_after")),
                name="ladder_goes_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner_after}/{self.leader_after}/{self.above_after}"
