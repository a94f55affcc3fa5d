"""What people decide over the rules, and what is put before them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Override(models.Model):
    """A class that a person set, beside what the rules go on saying.

    It holds until `expires_on`, the first day on which it does not, or until it is ended. `was_key`
    is what the rules gave when it was set: how often people disagree with it is told from that.
    """

    REASON_MAX = 500

    class End(models.TextChoices):
        EXPIRED = "expired", _("到期")
        LIFTED = "lifted", _("撤销")
        REPLACED = "replaced", _("另行指定")

    customer = models.ForeignKey("customers.Customer", models.CASCADE, related_name="overrides")
    dimension = models.CharField(max_length=64)
    class_key = models.CharField(max_length=64)
    was_key = models.CharField(max_length=64, blank=True)
    version = models.ForeignKey("SchemeVersion", models.PROTECT, related_name="+")
    reason = models.CharField(_("理由"), max_length=REASON_MAX)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    expires_on = models.DateField(_("到期"), null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    end = models.CharField(max_length=12, choices=End, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "dimension"], condition=models.Q(ended_at=None), name="one_override_a_dimension"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["expires_on"], name="override_expires", condition=models.Q(ended_at=None)),
            models.Index(fields=["dimension", "created_at"], name="override_of_dimension"),
        ]

    def __str__(self) -> str:
        return f"{self.dimension}.{self.class_key}"


class Review(models.Model):
    """Something about a customer's class that waits for a person.

    `from_key` is the class that stands or stood, `to_key` the one that the rules give or time will.
    `due_on` is the day on which a warning comes true or an override ends. `said` is what the person
    who found a class wrong wrote; such an item goes to the owner of the dimension's rules.
    """

    class Kind(models.TextChoices):
        SUGGESTION = "suggestion", _("建议改判")
        DEMOTION = "demotion", _("已降级")
        WARNING = "warning", _("将要降级")
        EXPIRING = "expiring", _("人工指定将到期")
        FEEDBACK = "feedback", _("判得不准")

    class State(models.TextChoices):
        OPEN = "open", _("待复核")
        ACCEPTED = "accepted", _("已接受")
        KEPT = "kept", _("已保持")
        OBSOLETE = "obsolete", _("已过时")

    customer = models.ForeignKey("customers.Customer", models.CASCADE, related_name="reviews")
    dimension = models.CharField(max_length=64)
    kind = models.CharField(max_length=12, choices=Kind)
    from_key = models.CharField(max_length=64)
    to_key = models.CharField(max_length=64, blank=True)
    due_on = models.DateField(null=True, blank=True)
    said = models.CharField(max_length=500, blank=True)
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    escalated_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "dimension", "kind"],
                condition=models.Q(state="open") & ~models.Q(kind="feedback"),
                name="one_open_review_of_a_kind",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "-id"], name="review_open", condition=models.Q(state="open")),
            models.Index(fields=["dimension", "created_at"], name="review_of_dimension"),
        ]

    def __str__(self) -> str:
        return f"{self.dimension}: {self.from_key} → {self.to_key}"


class Notification(models.Model):
    """A line for one person: what became of one of their customers, of the rules, or of a job that they asked for.

    Whoever writes it need not know who else is to hear: `is_routed` says that this was looked at.
    """

    class Kind(models.TextChoices):
        CHANGED = "changed", _("类别变化")
        WARNING = "warning", _("将要降级")
        FEEDBACK = "feedback", _("判得不准")
        ANSWERED = "answered", _("反馈有了答复")
        RULES = "rules", _("规则变化")
        JOB = "job", _("后台任务结束")
        REVEALS = "reveals", _("查看原文较多")
        MENTIONED = "mentioned", _("提到了你")
        PROMISE = "promise", _("首次联系超时")
        RECLAIM = "reclaim", _("将要回公海")
        RECLAIMED = "reclaimed", _("已经回公海")
        TASK = "task", _("给你的任务")
        ESCALATION = "escalation", _("逾期没有跟进")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=12, choices=Kind)
    customer = models.ForeignKey("customers.Customer", models.CASCADE, null=True, blank=True, related_name="+")
    dimension = models.CharField(max_length=64, blank=True)
    from_key = models.CharField(max_length=64, blank=True)
    to_key = models.CharField(max_length=64, blank=True)
    job = models.ForeignKey("jobs.Job", models.CASCADE, null=True, blank=True, related_name="+")
    day = models.DateField(null=True, blank=True)
    text = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    is_routed = models.BooleanField(db_default=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["user", "-created_at", "-id"], name="notification_of_user"),
            models.Index(fields=["id"], name="notification_unrouted", condition=models.Q(is_routed=False)),
            models.Index(fields=["user"], name="notification_unread", condition=models.Q(read_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.kind}"


class NotificationChoice(models.Model):
    """Whether a person wants to hear of customers entering a class, where it is not as usual."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    dimension = models.CharField(max_length=64)
    class_key = models.CharField(max_length=64)
    wanted = models.BooleanField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "dimension", "class_key"], name="one_choice_a_class"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.dimension}.{self.class_key}"
