"""What persons have asked of us, and by when they are owed an answer."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Request(models.Model):
    """One request. `identity` says how we made sure who asks; `said` and `answer` are erased with the person.

    Whoever is not the person themselves shows by what right they ask (PIPL articles 31 and 49): `identity` says it.
    """

    DAYS = 30
    TEXT_MAX = 1_000

    class Kind(models.TextChoices):
        ACCESS = "access", _("查阅、复制")
        CORRECT = "correct", _("更正")
        DELETE = "delete", _("删除")
        REFUSE = "refuse", _("拒绝自动分类")
        CONTEST = "contest", _("对类别有异议")

    class Asker(models.TextChoices):
        SELF = "self", _("本人")
        AGENT = "agent", _("受委托的人")
        GUARDIAN = "guardian", _("监护人")
        RELATIVE = "relative", _("逝者的近亲属")

    class State(models.TextChoices):
        OPEN = "open", _("处理中")
        DONE = "done", _("已办结")
        DECLINED = "declined", _("已拒绝")

    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="privacy_requests")
    kind = models.CharField(_("要求"), max_length=12, choices=Kind)
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    asker = models.CharField(_("谁提出的"), max_length=12, choices=Asker, default=Asker.SELF)
    identity = models.CharField(_("怎样核实了身份"), max_length=200, blank=True)
    said = models.CharField(_("说明"), max_length=TEXT_MAX, blank=True)
    answer = models.CharField(_("答复"), max_length=TEXT_MAX, blank=True)
    received_on = models.DateField(_("收到"))
    due_on = models.DateField(_("答复期限"))
    created_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["state", "due_on", "id"], name="privacy_request_due"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.received_on}"
