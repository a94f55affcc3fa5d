"""The quick log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from zhike.accounts.policy import visible
from zhike.base import clock
from zhike.base.forms import Form, OnceForm
from zhike.customers.models import Contact
from zhike.followups.models import Task
from zhike.web.customer.log_questions import add_questions, answered
from zhike.web.request import local_today
from zhike.web.tasks.forms import DayField

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from django.http import QueryDict

    from zhike.accounts.models import User
    from zhike.customers.models import Customer
    from zhike.web.customer.log_questions import Question

KINDS = [("call", _("电话")), ("visit", _("拜访")), ("message", _("消息")), ("note", _("备注"))]
KIND_ICONS = {"call": "phone", "visit": "map-pin", "message": "message-circle", "note": "note"}
# Kept as they are written here, and translated when shown.
RESULTS = (
    gettext_noop("有进展"),
    gettext_noop("正常"),
    gettext_noop("待跟进"),
    gettext_noop("观望"),
    gettext_noop("未接通"),
)
TEXT_MAX = 5000
SAID_MAX = 1000
# Open tasks of a customer that a contact may finish.
MOST_TASKS = 20
# How a log begins: in the way in which it is to be done; what is only to be done is written down as a note.
LOG_KINDS = {
    Task.Kind.CALL: "call",
    Task.Kind.VISIT: "visit",
    Task.Kind.MEETING: "visit",
    Task.Kind.MESSAGE: "message",
    Task.Kind.EMAIL: "message",
    Task.Kind.TODO: "note",
}


def _not_past(day: date | None) -> date | None:
    """Return the day of a next contact. Raises `ValidationError`."""
    if day is not None and day < local_today():
        raise forms.ValidationError(_("下次联系不能早于今天。"))
    return day


class NextContactForm(Form):
    """When to be in touch next, where nothing else is to be said."""

    until = DayField(label=_("下次联系"), missing=_("说明哪天联系。"))

    def clean_until(self) -> date | None:
        return _not_past(self.cleaned_data["until"])


class LogForm(OnceForm):
    """A call, visit, message or note in one breath: what happened, what the customer said, the next step and its day."""

    kind = forms.ChoiceField(label=_("方式"), choices=KINDS, initial="call", widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("记录内容"),
        required=False,
        max_length=TEXT_MAX,
        widget=forms.Textarea(
            attrs={
                "rows": 2,
                "class": "zk-log-text",
                "data-focus": "l",
                "data-key-label": _("记录跟进"),
                "placeholder": _("说了什么，对方怎么想，下一步是什么"),
            }
        ),
    )
    said = forms.CharField(
        label=_("客户原话"),
        required=False,
        max_length=SAID_MAX,
        widget=forms.TextInput(attrs={"placeholder": _("客户原话"), "autocomplete": "off"}),
    )
    contact = forms.ModelChoiceField(
        label=_("联系人"), queryset=Contact.objects.none(), required=False, empty_label=_("联系人")
    )
    result = forms.ChoiceField(
        label=_("结果"), choices=[("", _("结果")), *((result, _(result)) for result in RESULTS)], required=False
    )
    next_step = forms.CharField(
        label=_("下一步"),
        required=False,
        max_length=Task.TITLE_MAX,
        widget=forms.TextInput(attrs={"placeholder": _("下一步做什么"), "autocomplete": "off"}),
    )
    next_contact_on = DayField(label=_("下次联系"), example=_("下周三、+3"))
    task = forms.ModelChoiceField(
        label=_("完成任务"), queryset=Task.objects.none(), required=False, empty_label=_("不关联任务")
    )
    # When it was written down, where there was no connection then.
    written_at = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        customer: Customer,
        by: User,
        currency: str = "",
        task: Task | None = None,
        method: str = "",
    ) -> None:
        super().__init__(data)
        self.fields["contact"].queryset = customer.contacts.order_by("pk")  # type: ignore[attr-defined]
        tasks = visible(by, Task).filter(customer=customer, state=Task.State.OPEN)
        self.fields["task"].queryset = tasks.select_related("plan").order_by("shown_on", "pk")  # type: ignore[attr-defined]
        self.has_tasks = tasks.exists()
        if task is not None:
            self.initial["task"], method = task.pk, task.kind
        if method in LOG_KINDS:
            self.initial["kind"] = LOG_KINDS[Task.Kind(method)]
        self.questions: Sequence[Question] = add_questions(self, customer, by=by, currency=currency)
        self.dress()

    def clean_next_contact_on(self) -> date | None:
        return _not_past(self.cleaned_data["next_contact_on"])

    def clean_written_at(self) -> datetime | None:
        """Leave out what a clock says that is ahead of ours."""
        moment: datetime | None = self.cleaned_data["written_at"]
        return moment if moment is not None and moment <= clock.now() else None

    def given(self) -> dict[str, Any]:
        """Return what the action takes."""
        said = {name: self.cleaned_data[name] for name in self.base_fields}
        moment = said.pop("written_at")
        return {
            **said,
            "key": str(said["key"]),
            "occurred_at": moment,
            "answers": answered(self.questions, self.cleaned_data),
        }
