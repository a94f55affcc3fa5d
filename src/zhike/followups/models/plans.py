"""Templates of plans, and the plans of customers."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.core.plans import MAX_GOAL, MAX_NAME, PURPOSES
from zhike.core.text import Language, Text


class PlanTemplate(models.Model):
    """A plan before it is anybody's, as `core.plans` reads it. `steps` is a list of its steps.

    `pack` is the key of the pack that brought it, empty for the company's own. A plan that runs keeps the steps with which it began.
    """

    class Trigger(models.TextChoices):
        CLASS = "class", _("进入某个类别")
        CHANGE = "change", _("某个维度变化")
        PRODUCT = "product", _("某条产品线有意向或下单")
        HAND = "hand", _("手动开始")

    key = models.CharField(_("键"), max_length=40, unique=True)
    name_zh = models.CharField(_("名称（中文）"), max_length=MAX_NAME)
    name_en = models.CharField(_("名称（英文）"), max_length=MAX_NAME)
    purpose = models.CharField(_("目的"), max_length=16)
    short_goal_zh = models.CharField(_("近期目标（中文）"), max_length=MAX_GOAL)
    short_goal_en = models.CharField(_("近期目标（英文）"), max_length=MAX_GOAL)
    long_goal_zh = models.CharField(_("长期目标（中文）"), max_length=MAX_GOAL)
    long_goal_en = models.CharField(_("长期目标（英文）"), max_length=MAX_GOAL)
    trigger = models.CharField(_("由什么开始"), max_length=8, choices=Trigger, default=Trigger.HAND)
    dimension = models.CharField(_("维度"), max_length=64, blank=True)
    class_key = models.CharField(_("类别"), max_length=64, blank=True)
    product = models.CharField(_("产品线"), max_length=MAX_NAME, blank=True)
    steps = models.JSONField(_("步骤"), default=list)
    is_active = models.BooleanField(_("启用"), default=True)
    position = models.PositiveSmallIntegerField(default=0)
    pack = models.CharField(max_length=40, blank=True)
    version = models.PositiveIntegerField(default=1)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )

    class Meta:
        ordering: ClassVar = ["position", "pk"]
        indexes: ClassVar = [
            models.Index(
                fields=["trigger", "dimension", "class_key"],
                name="template_starts",
                condition=models.Q(is_active=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name_zh

    @property
    def name(self) -> Text:
        return Text(self.name_zh, self.name_en)

    @property
    def short_goal(self) -> Text:
        return Text(self.short_goal_zh, self.short_goal_en)

    @property
    def long_goal(self) -> Text:
        return Text(self.long_goal_zh, self.long_goal_en)

    def purpose_label(self, language: Language) -> str:
        return PURPOSES[self.purpose].get(language)


class Plan(models.Model):
    """A plan of one customer, with the steps as they were when it began and as changes of class have altered them.

    `cause` says what began it: ``{"by": "class"|"change"|"product"|"hand"|"switch", "dimension", "class_key", "event"}``. `adapted`
    lists what was altered since: ``{"at", "dimension", "from", "to", "what": [{"code", "step", …}]}``, in words by
    `followups.words`. Of one purpose a customer has one active plan.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("进行中")
        DONE = "done", _("已完成")
        ENDED = "ended", _("已结束")
        SWITCHED = "switched", _("已换成别的计划")

    REASON_MAX = 200

    customer = models.ForeignKey("customers.Customer", models.CASCADE, related_name="plans")
    template = models.ForeignKey(PlanTemplate, models.PROTECT, related_name="plans")
    purpose = models.CharField(max_length=16)
    steps = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    cause = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    end_reason = models.CharField(max_length=REASON_MAX, blank=True)
    adapted = models.JSONField(default=list)
    # Step → the day that the plan gave its task: where the task has another, a person chose that.
    days = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "purpose"], condition=models.Q(state="active"), name="one_active_plan_a_purpose"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer", "-started_at"], name="plan_of_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.purpose}"
