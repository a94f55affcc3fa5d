"""The form by which a person sets a class: which one, why, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zhike.base.forms import STALE, Form
from zhike.classification.models import Override
from zhike.web.chips import class_chip

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from django.http import QueryDict

    from zhike.base.chips import Chip
    from zhike.classification.actions.overrides import Expiry
    from zhike.core.schemes import Scheme
    from zhike.core.text import Language

SHORT, LONG = 30, 365
USUAL, ON_A_DAY, FOR_EVER = "usual", "date", "never"


@dataclass(frozen=True, slots=True)
class Option:
    """One class to choose."""

    value: str
    chip: Chip
    chosen: bool


class OverrideForm(Form):
    """The class is named `dimension.class`, so that one form serves one dimension and many."""

    class_key = forms.ChoiceField(label=_("类别"), error_messages={"required": _("选一个类别。")})
    reason = forms.CharField(
        label=_("理由（同事都看得到）"),
        max_length=Override.REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": _("你知道而规则不知道的事，例如刚签了框架协议")}),
        error_messages={"required": _("写一句理由，别人看到才明白。")},
    )
    until = forms.ChoiceField(label=_("有效期"), widget=forms.RadioSelect, initial=USUAL)
    expires_on = forms.DateField(
        label=_("到期日"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("日期写成 2026-12-01 这样。")},
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        schemes: Sequence[Scheme],
        language: Language,
        today: date,
        suggested: str = "",
    ) -> None:
        super().__init__(data, initial={"class_key": suggested})
        self._schemes, self._language, self._today = schemes, language, today
        self._field("class_key").choices = [
            (f"{scheme.dimension}.{class_.key}", class_.label.get(language))
            for scheme in schemes
            for class_ in scheme.classes
        ]
        self._field("until").choices = list(_periods(schemes))

    def _field(self, name: str) -> forms.ChoiceField:
        return cast("forms.ChoiceField", self.fields[name])

    @property
    def groups(self) -> list[tuple[str, list[Option]]]:
        """Return each dimension's name with its classes as chips."""
        chosen = self["class_key"].value()
        return [
            (
                scheme.label.get(self._language),
                [
                    Option(value, class_chip(scheme, class_.key, self._language), value == chosen)
                    for class_ in scheme.classes
                    for value in [f"{scheme.dimension}.{class_.key}"]
                ],
            )
            for scheme in self._schemes
        ]

    def clean(self) -> dict[str, object]:
        given = cast("dict[str, object]", super().clean())
        if given.get("until") == ON_A_DAY and not given.get("expires_on") and "expires_on" not in self.errors:
            self.add_error("expires_on", gettext("选一个到期日，或者选别的有效期。"))
        return given

    @property
    def dimension(self) -> str:
        return str(self.cleaned_data["class_key"]).partition(".")[0]

    @property
    def chosen(self) -> str:
        """The key of the class inside its dimension."""
        return str(self.cleaned_data["class_key"]).partition(".")[2]

    @property
    def expiry(self) -> Expiry:
        match self.cleaned_data["until"]:
            case "usual":
                return "usual"
            case "date":
                return cast("date", self.cleaned_data["expires_on"])
            case "never":
                return None
            case days:
                return self._today + timedelta(days=int(days))

    def until_day(self, scheme: Scheme) -> date | None:
        """Return the day on which the class of this dimension falls back to the rules."""
        return self._today + timedelta(days=scheme.override_days) if self.expiry == "usual" else self.expiry


class SeenForm(Form):
    """The override that held when the panel was opened; empty when there was none."""

    seen = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput, error_messages=STALE)


class WrongForm(Form):
    """What a person has to say of a class that they find wrong."""

    said = forms.CharField(
        label=_("哪里不准"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": _("客户的实际情况，规则漏看了什么")}),
        error_messages={"required": _("说说哪里不准，规则的负责人才知道怎么改。")},
    )


def _periods(schemes: Sequence[Scheme]) -> list[tuple[str, str]]:
    """Return how long an override may hold; the dimension's own length is the usual one."""
    usual = {scheme.override_days for scheme in schemes}
    days = usual.pop() if len(usual) == 1 else None
    of_days = gettext("%(days)d 天")
    return [
        *([] if days == SHORT else [(str(SHORT), of_days % {"days": SHORT})]),
        (USUAL, of_days % {"days": days} if days else gettext("按维度默认")),
        *([] if days == LONG else [(str(LONG), of_days % {"days": LONG})]),
        (ON_A_DAY, gettext("到某一天")),
        (FOR_EVER, gettext("长期")),
    ]
