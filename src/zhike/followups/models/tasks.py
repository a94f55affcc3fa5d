"""Tasks: what one person is to do by a day, for a customer or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.base.errors import current_language

if TYPE_CHECKING:
    from zhike.core.text import Language

# Of whom the list of a day is made: told from the index alone, however many tasks there are.
OPEN = models.Q(state="open")
# Who hears of what is overdue: the owner, who leads them, who leads those.
LADDER = 3


class Task(models.Model):
    """Something that `owner` is to do.

    `due_on` is the day on which it is due, `due_at` the time of that day if there is one, in the zone of the company. A task that was
    snoozed is not shown as due before `snoozed_until`; `shown_on` is the later of the two. `recurrence` is an RRULE
    (RFC 5545) by which finishing it makes the next one. `checklist` is a list of ``{"text", "done"}``. `step` is the key of
    the step of `plan` that it is. `delegated`: a person gave it to its owner, so that it no longer follows the owner
    of the customer. `event` is the number of the timeline event that finishing it wrote. `shelved` is one whose customer
    lies in the bin. `form_key` is drawn by the form that made it.
    """

    class Kind(models.TextChoices):
        CALL = "call", _("电话")
        VISIT = "visit", _("拜访")
        EMAIL = "email", _("邮件")
        MESSAGE = "message", _("消息")
        MEETING = "meeting", _("会议")
        TODO = "todo", _("待办")

    class Priority(models.IntegerChoices):
        HIGH = 1, _("高")
        NORMAL = 2, _("中")
        LOW = 3, _("低")

    class State(models.TextChoices):
        OPEN = "open", _("未完成")
        DONE = "done", _("已完成")
        DROPPED = "dropped", _("已取消")
        SHELVED = "shelved", _("客户在回收站")

    class Outcome(models.TextChoices):
        REACHED = "reached", _("已联系上")
        AGREED = "agreed", _("已约定")
        NO_ANSWER = "no_answer", _("没联系上")
        REFUSED = "refused", _("拒绝")
        POSTPONED = "postponed", _("改期")
        OTHER = "other", _("其他")

    TITLE_MAX = 200
    TEXT_MAX = 2000
    RECURRENCE_MAX = 200
    CHECKLIST_MAX = 50

    customer = models.ForeignKey(
        "customers.Customer",
        models.CASCADE,
        verbose_name=_("客户"),
        null=True,
        blank=True,
        related_name="tasks",
        db_index=False,  # task_of_customer begins with it
    )
    plan = models.ForeignKey(
        "followups.Plan", models.CASCADE, null=True, blank=True, related_name="tasks", db_index=False
    )
    step = models.CharField(max_length=40, blank=True)
    kind = models.CharField(_("方式"), max_length=8, choices=Kind, default=Kind.TODO)
    title = models.CharField(_("做什么"), max_length=TITLE_MAX)
    text = models.CharField(_("说明"), max_length=TEXT_MAX, blank=True)
    due_on = models.DateField(_("哪天"))
    due_at = models.TimeField(_("几点"), null=True, blank=True)
    snoozed_until = models.DateField(_("推迟到"), null=True, blank=True)
    shown_on = models.GeneratedField(
        expression=models.functions.Greatest("due_on", "snoozed_until"),
        output_field=models.DateField(),
        db_persist=True,
    )
    priority = models.PositiveSmallIntegerField(_("优先级"), choices=Priority, default=Priority.NORMAL)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("谁来做"),
        related_name="tasks",
        db_index=False,  # task_of_owner begins with it
    )
    creator = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    followers = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        through="followups.Follower",
        related_name="followed_tasks",
        verbose_name=_("关注的人"),
    )
    delegated = models.BooleanField(default=False)
    recurrence = models.CharField(_("重复"), max_length=RECURRENCE_MAX, blank=True)
    checklist = models.JSONField(_("清单"), default=list, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    outcome = models.CharField(_("结果"), max_length=12, choices=Outcome, blank=True)
    outcome_text = models.CharField(_("结果说明"), max_length=TEXT_MAX, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    event = models.BigIntegerField(null=True, blank=True)
    # How many steps of the ladder were told since it came to be due on that day.
    told = models.PositiveSmallIntegerField(default=0, editable=False)
    # The finished one that this one follows, by its recurrence.
    previous = models.OneToOneField("self", models.SET_NULL, null=True, blank=True, related_name="next")
    form_key = models.UUIDField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "step"], condition=~models.Q(step=""), name="one_task_a_step"),
            models.UniqueConstraint(
                fields=["form_key"], condition=models.Q(form_key__isnull=False), name="task_once_per_form"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["owner", "shown_on", "priority", "id"], include=["due_on"], name="task_of_owner", condition=OPEN
            ),
            # How many of those that were due on a day were done by then, of some or of all: from the index alone.
            models.Index(
                fields=["owner", "due_on"],
                include=["state", "done_at"],
                name="task_kept_by",
                condition=models.Q(state__in=["open", "done"]),
            ),
            # Those that were finished last.
            models.Index(
                models.F("state"),
                models.F("done_at").desc(nulls_last=True),
                models.F("id").desc(),
                include=["owner"],
                name="task_finished",
                condition=models.Q(state__in=["done", "dropped"]),
            ),
            models.Index(fields=["customer", "state", "due_on"], name="task_of_customer"),
            # Those of everybody, for lists.
            models.Index(fields=["shown_on", "priority", "id"], name="task_of_all", condition=OPEN),
            # Those that are overdue, for the ladder.
            models.Index(
                fields=["shown_on", "id"],
                include=["owner"],
                name="task_due",
                condition=OPEN & models.Q(told__lt=LADDER),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What it is called in the language that is active."""
        return self.name_in(current_language())

    def name_in(self, language: Language) -> str:
        """Return its title; where that is still the name of its step, whoever wrote it down, in this language."""
        if not self.step or self.plan is None:
            return self.title
        names = next((step["name"] for step in self.plan.steps if step["key"] == self.step), None)
        return str(names[language]) if names and self.title in names.values() else self.title


class Follower(models.Model):
    """Somebody who follows a task of somebody else."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="following", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="following")
    added_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["task", "user"], name="follows_once")]

    def __str__(self) -> str:
        return f"{self.task_id}: {self.user_id}"
