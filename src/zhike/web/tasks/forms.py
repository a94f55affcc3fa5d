"""What people type about tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zhike.base.errors import current_language
from zhike.base.forms import Form, OnceForm, VersionForm
from zhike.core.day_words import parse_day
from zhike.core.recurrence import in_words, read_words
from zhike.followups.models import Task
from zhike.followups.queries.tasks import askable
from zhike.web.request import local_today

if TYPE_CHECKING:
    from datetime import date

    from django.http import QueryDict
    from django.utils.functional import _StrPromise

    from zhike.accounts.models import User
    from zhike.customers.models import Customer

    type _Words = _StrPromise | str

DAY_WORDS = _("看不懂这个日期。可以写：明天、下周三、+3、12-1、2026-12-01")
LINE_MAX = 300
CHECKLIST_TEXT = Task.CHECKLIST_MAX * (Task.TITLE_MAX + 1)
DONE, LEFT = "[x]", "[ ]"


class DayField(forms.CharField):
    """A day in words or figures: 明天, 下周三, +3, 2026-12-01. The page says which day it reads.

    Without words for an empty one it may be empty.
    """

    def __init__(self, *, label: _Words, missing: _Words = "", example: _Words = "") -> None:
        attrs = {"data-day": "", "autocomplete": "off", "list": "day-words"}
        widget = forms.TextInput(attrs={**attrs, "placeholder": example} if example else attrs)
        said = {"required": missing} if missing else {}
        super().__init__(max_length=40, widget=widget, label=label, required=bool(missing), error_messages=said)

    def clean(self, value: object) -> date | None:
        text = super().clean(value)
        if not text:
            return None
        found = parse_day(text, local_today())
        if found is None:
            raise forms.ValidationError(DAY_WORDS)
        return found


class RecurrenceField(forms.CharField):
    """How often, in words: 每周一、周四. An RRULE does as well."""

    def __init__(self, *, label: _Words, help_text: _Words) -> None:
        widget = forms.TextInput(attrs={"list": "recurrence-words", "autocomplete": "off"})
        super().__init__(
            max_length=Task.RECURRENCE_MAX, required=False, widget=widget, label=label, help_text=help_text
        )

    def clean(self, value: object) -> str:
        found = read_words(super().clean(value))
        if found is None:
            raise forms.ValidationError(
                _("看不懂怎样重复。可以写：每天、每个工作日、每周一和周四、每两周、每月 15 日、每季度")
            )
        return found


class TaskForm(Form):
    """One task. `customer` is fixed by the page that asks."""

    title = forms.CharField(
        label=_("做什么"), max_length=Task.TITLE_MAX, error_messages={"required": _("写下要做什么。")}
    )
    kind = forms.ChoiceField(label=_("方式"), choices=Task.Kind.choices, initial=Task.Kind.TODO)
    due_on = DayField(label=_("哪天"), missing=_("说明哪天做。"))
    due_at = forms.TimeField(
        label=_("几点"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    priority = forms.TypedChoiceField(
        label=_("优先级"), choices=Task.Priority.choices, coerce=int, initial=Task.Priority.NORMAL
    )
    owner: forms.ModelChoiceField[User] = forms.ModelChoiceField(label=_("谁来做"), queryset=None, empty_label=None)
    recurrence = RecurrenceField(label=_("重复"), help_text=_("做完一次，自动安排下一次。"))
    text = forms.CharField(
        label=_("说明"), max_length=Task.TEXT_MAX, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    checklist = forms.CharField(
        label=_("清单"),
        max_length=CHECKLIST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("一行一项；做完的前面写 [x]。"),
    )
    followers: forms.ModelMultipleChoiceField[User] = forms.ModelMultipleChoiceField(
        label=_("关注的人"),
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("他们看得到进展。"),
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        by: User,
        customer: Customer | None = None,
        task: Task | None = None,
        start: dict[str, object] | None = None,
    ) -> None:
        super().__init__(
            data, initial=_of(task) if task else {"due_on": gettext("今天"), "owner": by.pk, **(start or {})}
        )
        people = askable(by, customer).distinct()
        if task is None:
            self.fields["owner"].queryset = people  # type: ignore[attr-defined]
            self.fields["followers"].queryset = people.exclude(pk=by.pk)  # type: ignore[attr-defined]
        else:
            # Whose it is and who follows it are acts of their own.
            del self.fields["owner"], self.fields["followers"]
        self.dress()

    def given(self) -> dict[str, Any]:
        """Return what the actions take of it."""
        found = dict(self.cleaned_data)
        found["checklist"] = _items(found["checklist"])
        found["priority"] = int(found["priority"])
        return found


def _of(task: Task) -> dict[str, object]:
    """Return a task as its form has it."""
    lines = [f"{DONE if item.get('done') else LEFT} {item['text']}" for item in task.checklist]
    return {
        "title": task.name,
        "kind": task.kind,
        "due_on": task.due_on.isoformat(),
        "due_at": task.due_at,
        "priority": task.priority,
        "recurrence": in_words(task.recurrence, current_language()) if task.recurrence else "",
        "text": task.text,
        "checklist": "\n".join(lines),
    }


def _items(text: str) -> list[dict[str, object]]:
    """Return the lines of a checklist; a line that begins with [x] is done."""
    found: list[dict[str, object]] = []
    for line in text.splitlines():
        said = line.strip()
        is_done = said.casefold().startswith((DONE, "✓", "- [x]"))
        for mark in ("- [x]", "- [ ]", DONE, "[X]", LEFT, "[]", "✓", "-"):
            if said.startswith(mark):
                said = said.removeprefix(mark).strip()
                break
        if said:
            found.append({"text": said, "done": is_done})
    return found


class QuickForm(OnceForm):
    """A task in one line."""

    line = forms.CharField(max_length=LINE_MAX, error_messages={"required": _("写下要做什么。")})


class DoneForm(VersionForm):
    """How a task went; where nothing is said of it, as such a task usually goes."""

    outcome = forms.ChoiceField(label=_("结果"), required=False, choices=Task.Outcome.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("说明"),
        required=False,
        max_length=Task.TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": _("客户怎么说，下一步是什么（可以不写）")}),
    )

    def __init__(self, data: QueryDict | None = None, *, task: Task) -> None:
        is_contact = task.customer_id is not None and task.kind != Task.Kind.TODO
        self.usual = Task.Outcome.REACHED if is_contact else Task.Outcome.OTHER
        super().__init__(data, initial={"version": task.version, "outcome": self.usual})
        if not is_contact:
            # Of what is done alone nobody is reached.
            self.fields["outcome"].widget = self.fields["outcome"].hidden_widget()

    def clean_outcome(self) -> str:
        said: str = self.cleaned_data["outcome"]
        return said or self.usual


class SnoozeForm(VersionForm):
    """Until when a task waits."""

    until = DayField(label=_("推迟到"), missing=_("说明推迟到哪天。"))


class DelegateForm(VersionForm):
    """Who does it instead."""

    to: forms.ModelChoiceField[User] = forms.ModelChoiceField(
        label=_("交给谁"), queryset=None, empty_label=_("选一个人"), error_messages={"required": _("选一个人。")}
    )

    def __init__(self, data: QueryDict | None = None, *, task: Task, by: User, to: str = "") -> None:
        super().__init__(data, initial={"version": task.version, "to": to})
        self.fields["to"].queryset = askable(by, task.customer).exclude(pk=task.owner_id).distinct()  # type: ignore[attr-defined]


class MoveForm(VersionForm):
    """Another day, time or kind, as a drag says it."""

    due_on = forms.DateField(required=False)
    due_at = forms.TimeField(required=False)
    keeps_time = forms.BooleanField(required=False)
    kind = forms.ChoiceField(choices=[("", ""), *Task.Kind.choices], required=False)
