"""After how many days overdue who hears of it: a setting of the company."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from zhike.accounts.policy import require
from zhike.base.forms import STALE, Form, tell
from zhike.core.errors import ZhikeError
from zhike.followups.actions.ladder import MOST_DAYS, set_ladder
from zhike.followups.models import LadderTerms
from zhike.followups.queries.ladder import terms

if TYPE_CHECKING:
    from django.http import HttpResponse, QueryDict
    from django.utils.functional import _StrPromise

    from zhike.web.request import Request

DAYS_WORDS = format_lazy(_("写 1 到 {most} 天"), most=MOST_DAYS)


class DaysField(forms.IntegerField):
    """After so many days."""

    def __init__(self, *, label: _StrPromise) -> None:
        words = dict.fromkeys(("required", "invalid", "min_value", "max_value"), DAYS_WORDS)
        super().__init__(label=label, min_value=1, max_value=MOST_DAYS, error_messages=words)


class LadderForm(Form):
    """After how many days who hears of it."""

    is_on = forms.BooleanField(
        label=_("逾期时逐级提醒"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input", "role": "switch"}),
    )
    owner_after = DaysField(label=_("几天后提醒负责人"))
    leader_after = DaysField(label=_("几天后告诉主管"))
    above_after = DaysField(label=_("几天后告诉主管的主管"))
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput, error_messages=STALE)

    def __init__(self, data: QueryDict | None = None, *, said: LadderTerms) -> None:
        super().__init__(data, initial={name: getattr(said, name) for name in self.base_fields})


@require_http_methods(["GET", "HEAD", "POST"])
def ladder_settings(request: Request) -> HttpResponse:
    require(request.user, "change", LadderTerms)
    said = terms()
    form = LadderForm(request.POST or None, said=said)
    status: int = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                set_ladder(by=request.user, **form.cleaned_data)
            except ZhikeError as error:
                tell(form, error)
                status = error.status
            else:
                messages.success(request, gettext("升级提醒保存了"))
                return redirect("web:ladder")
    context = {"section": "settings", "form": form, "said": said}
    return render(request, "web/ladder_settings.html", context, status=status)
