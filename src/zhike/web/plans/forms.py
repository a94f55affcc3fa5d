"""A plan template as people write it: what it is for, what begins it, and its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.base.errors import current_language
from zhike.base.forms import Form
from zhike.classification.rules import rulebook
from zhike.core.plans import (
    EVENT,
    MAX_GOAL,
    MAX_NAME,
    MAX_OFFSET,
    MAX_STEPS,
    MAX_TALK,
    METHODS,
    PREVIOUS,
    PURPOSES,
    START,
    WHO,
)
from zhike.followups.models import PlanTemplate, Task
from zhike.timeline.kinds import KINDS
from zhike.web.customer.log_questions import askable_fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import QueryDict

    from zhike.core.plans import Step

WHO_WORDS = {"owner": _("负责人"), "senior": _("资深同事"), "service": _("客服")}
EMPTY_STEPS = 1


class TemplateForm(Form):
    """A template without its steps."""

    name_zh = forms.CharField(
        label=_("名称（中文）"), max_length=MAX_NAME, error_messages={"required": _("写下名称。")}
    )
    name_en = forms.CharField(label=_("名称（英文）"), max_length=MAX_NAME, required=False)
    purpose = forms.ChoiceField(label=_("目的"))
    short_goal_zh = forms.CharField(
        label=_("近期目标（中文）"), max_length=MAX_GOAL, error_messages={"required": _("写下近期目标。")}
    )
    short_goal_en = forms.CharField(label=_("近期目标（英文）"), max_length=MAX_GOAL, required=False)
    long_goal_zh = forms.CharField(
        label=_("长期目标（中文）"), max_length=MAX_GOAL, error_messages={"required": _("写下长期目标。")}
    )
    long_goal_en = forms.CharField(label=_("长期目标（英文）"), max_length=MAX_GOAL, required=False)
    trigger = forms.ChoiceField(label=_("由什么开始"), choices=PlanTemplate.Trigger.choices, initial="hand")
    class_key = forms.ChoiceField(label=_("进入哪个类别"), required=False)
    dimension = forms.ChoiceField(label=_("哪个维度变化"), required=False)
    product = forms.CharField(label=_("哪条产品线"), max_length=MAX_NAME, required=False)
    is_active = forms.BooleanField(label=_("启用"), required=False, initial=True)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None = None, *, template: PlanTemplate | None = None) -> None:
        super().__init__(data, initial=_of(template) if template else None)
        language = current_language()
        self._choose("purpose", [(key, words.get(language)) for key, words in PURPOSES.items()])
        schemes = rulebook().schemes
        self._choose("dimension", [("", "—"), *((s.dimension, s.label.get(language)) for s in schemes)])
        classes = [
            (f"{scheme.dimension}.{one.key}", f"{scheme.label.get(language)} · {one.label.get(language)}")
            for scheme in schemes
            for one in scheme.classes
        ]
        self._choose("class_key", [("", "—"), *classes])
        self.dress()

    def _choose(self, name: str, options: Sequence[tuple[str, str]]) -> None:
        self.fields[name].choices = options  # type: ignore[attr-defined]

    def given(self) -> dict[str, Any]:
        """Return it as `core.plans` reads it; the English of what has none is the Chinese."""
        said = self.cleaned_data
        starts: dict[str, str] = {"trigger": said["trigger"]}
        match said["trigger"]:
            case "class":
                starts["dimension"], _dot, starts["class"] = said["class_key"].partition(".")
            case "change":
                starts["dimension"] = said["dimension"]
            case "product":
                starts["product"] = said["product"]
        return {
            **{name: _text(said, name) for name in ("name", "short_goal", "long_goal")},
            "purpose": said["purpose"],
            "starts": {name: value for name, value in starts.items() if value},
        }


class StepForm(Form):
    """One step. Without a name it is none."""

    key = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    name_zh = forms.CharField(label=_("做什么（中文）"), max_length=MAX_NAME, required=False)
    name_en = forms.CharField(label=_("做什么（英文）"), max_length=MAX_NAME, required=False)
    method = forms.ChoiceField(
        label=_("方式"), choices=[(one, Task.Kind(one).label) for one in METHODS], initial="call"
    )
    who = forms.ChoiceField(label=_("谁来做"), choices=[(one, WHO_WORDS[one]) for one in WHO], initial="owner")
    offset = forms.IntegerField(label=_("几天以后"), min_value=0, max_value=MAX_OFFSET, initial=0)
    after = forms.ChoiceField(label=_("从什么算起"), initial=START)
    working_days = forms.BooleanField(label=_("只数工作日"), required=False, initial=True)
    talk_zh = forms.CharField(
        label=_("怎么说（中文）"), max_length=MAX_TALK, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    talk_en = forms.CharField(
        label=_("怎么说（英文）"), max_length=MAX_TALK, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    material_zh = forms.CharField(label=_("带上什么（中文）"), max_length=MAX_TALK, required=False)
    material_en = forms.CharField(label=_("带上什么（英文）"), max_length=MAX_TALK, required=False)
    form = forms.MultipleChoiceField(
        label=_("记录时问哪些字段"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("只问还没有填的。"),
    )
    place = forms.IntegerField(label=_("第几步"), min_value=1, max_value=MAX_STEPS, required=False)
    gone = forms.BooleanField(label=_("去掉这一步"), required=False)

    def __init__(
        self, data: QueryDict | None = None, *, number: int, asked: Sequence[tuple[str, str]], step: Step | None = None
    ) -> None:
        """Draw a step; `asked` are the fields that it may ask for, with what they are called."""
        super().__init__(data, initial=_step(step, number) if step else {"place": number + 1})
        self.prefix = f"step{number}"
        self.fields["form"].choices = asked  # type: ignore[attr-defined]
        events = [(f"{EVENT}{kind.key}", kind.label.get(current_language())) for kind in KINDS.values()]
        self.fields["after"].choices = [  # type: ignore[attr-defined]
            (START, _("计划开始")),
            (PREVIOUS, _("上一步做完")),
            *((key, _("发生：%(event)s") % {"event": label}) for key, label in events),
        ]
        self.dress()

    @property
    def called(self) -> str:
        """What the step is called in the language of whoever reads the page."""
        own = self["name_en"].value() if current_language() == "en" else ""
        return own or self["name_zh"].value() or ""

    @property
    def is_said(self) -> bool:
        return bool(self.cleaned_data.get("name_zh", "").strip()) and not self.cleaned_data.get("gone")

    def given(self, number: int) -> dict[str, Any]:
        """Return it as `core.plans` reads a step."""
        said = self.cleaned_data
        found: dict[str, Any] = {
            "key": said["key"] or f"step_{number}",
            "name": _text(said, "name"),
            "method": said["method"],
            "who": said["who"],
            "offset": said["offset"],
            "after": said["after"],
            "working_days": said["working_days"],
            "form": said["form"],
        }
        if said["talk_zh"]:
            found["talk_track"] = _text(said, "talk")
        if said["material_zh"]:
            found["material"] = _text(said, "material")
        return found


def _text(said: dict[str, Any], name: str) -> dict[str, str]:
    zh = said[f"{name}_zh"].strip()
    return {"zh": zh, "en": said[f"{name}_en"].strip() or zh}


def _of(template: PlanTemplate) -> dict[str, object]:
    names = ("name_zh", "name_en", "purpose", "short_goal_zh", "short_goal_en", "long_goal_zh", "long_goal_en")
    return {
        **{name: getattr(template, name) for name in (*names, "trigger", "dimension", "product", "is_active")},
        "class_key": f"{template.dimension}.{template.class_key}" if template.class_key else "",
        "version": template.version,
    }


def _step(step: Step, number: int) -> dict[str, object]:
    return {
        "key": step.key,
        "name_zh": step.name.zh,
        "name_en": step.name.en,
        "method": step.method,
        "who": step.who,
        "offset": step.offset,
        "after": step.after,
        "working_days": step.working_days,
        "talk_zh": step.talk_track.zh,
        "talk_en": step.talk_track.en,
        "material_zh": step.material.zh,
        "material_en": step.material.en,
        "form": list(step.form),
        "place": number + 1,
    }


def step_forms(data: QueryDict | None, steps: Sequence[Step]) -> list[StepForm]:
    """Return a form for each step, and an empty one below them; of what was sent, as many as were sent."""
    asked = askable_fields(current_language())
    # A field that the company no longer has is shown by its key, to be ticked off.
    asked += [(key, key) for key in dict.fromkeys(key for step in steps for key in step.form) if key not in dict(asked)]
    if data is not None:
        count = 0
        while count < MAX_STEPS + EMPTY_STEPS and f"step{count}-method" in data:
            count += 1
        return [StepForm(data, number=number, asked=asked) for number in range(count)]
    found = [StepForm(number=number, asked=asked, step=step) for number, step in enumerate(steps)]
    return [*found, StepForm(number=len(found), asked=asked)]


def given_steps(forms_: Sequence[StepForm]) -> list[dict[str, Any]]:
    """Return the steps in the order of their places; keys of new ones are such as no other has."""
    said = sorted(
        (form for form in forms_ if form.is_said), key=lambda form: form.cleaned_data.get("place") or MAX_STEPS + 1
    )
    known = {form.cleaned_data["key"] for form in said}
    found, number = [], 0
    for form in said:
        while f"step_{number}" in known:
            number += 1
        step = form.given(number)
        known.add(step["key"])
        found.append(step)
    return found
