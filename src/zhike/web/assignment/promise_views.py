"""Promises of a first answer: which are open, broken, late or kept, and how they are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from zhike.accounts.policy import can, visible
from zhike.assignment.actions.promises import set_terms
from zhike.assignment.models import Promise, PromiseTerms
from zhike.assignment.promises import BROKEN, KEPT, LATE, OPEN, promises, sla_of, terms
from zhike.base.errors import Forbidden, current_language
from zhike.base.forms import STALE, Form, tell
from zhike.base.paging import Order, capped_count, key_page
from zhike.classification.rules import rulebook
from zhike.core.errors import ZhikeError
from zhike.customers.models import Customer
from zhike.web.chips import class_chip
from zhike.web.customers.screen import ListAddress

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse, QueryDict

    from zhike.base.chips import Chip
    from zhike.classification.rules import Rulebook
    from zhike.web.request import Request

UNPROCESSABLE = 422
PAGE_SIZE = 50
STATES = {BROKEN: _("超时未联系"), OPEN: _("还有时间"), LATE: _("联系晚了"), KEPT: _("按时联系")}


class TermsForm(Form):
    """How promises are counted."""

    working_hours = forms.BooleanField(label=_("只算上班时间（周一到周五，按国家法定节假日和调休）"), required=False)
    opens = forms.TimeField(label=_("上班"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    closes = forms.TimeField(label=_("下班"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    leader_after = forms.IntegerField(label=_("超时多少小时后告诉主管"), min_value=0, max_value=720)
    above_after = forms.IntegerField(label=_("超时多少小时后告诉主管的主管"), min_value=0, max_value=720)
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput, error_messages=STALE)

    def __init__(self, data: QueryDict | None = None, *, said: PromiseTerms) -> None:
        super().__init__(data, initial={name: getattr(said, name) for name in self.base_fields})


@require_http_methods(["GET", "HEAD", "POST"])
def promise_list(request: Request) -> HttpResponse:
    user, language, rules = request.user, current_language(), rulebook()
    may_change = can(user, "change", PromiseTerms)
    form = TermsForm(request.POST or None, said=terms()) if may_change else None
    status = 200 if request.method != "POST" else UNPROCESSABLE
    if request.method == "POST" and form is None:
        raise Forbidden
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            set_terms(by=user, **form.cleaned_data)
        except ZhikeError as error:
            tell(form, error)
            status = error.status
        else:
            messages.success(request, gettext("已保存"))
            return redirect("web:promises")
    state = request.GET.get("state", BROKEN)
    state = state if state in STATES else BROKEN
    page = key_page(
        promises(user, state), Order("due_at"), cursor=request.GET.get("at", ""), size=PAGE_SIZE, columns=_shown
    )
    address = ListAddress(request.GET)
    context = {
        "section": "settings",
        "state": state,
        "states": [(key, label, capped_count(promises(user, key))) for key, label in STATES.items()],
        "rows": [(row, _chip(rules, row, language)) for row in page.rows],
        "page": page,
        "next_page": address.page(page.next),
        "previous_page": address.page(page.previous),
        "owed": bool(sla_of(rules)),
        "any": visible(user, Promise).exists(),
        "form": form,
        "may_assign": can(user, "assign", Customer),
    }
    return render(request, "web/promises.html", context, status=status)


def _shown(rows: QuerySet[Promise]) -> QuerySet[Promise]:
    return rows.select_related("customer__owner")


def _chip(rules: Rulebook, row: Promise, language: str) -> Chip | None:
    scheme = next((one for one in rules.schemes if one.dimension == row.dimension), None)
    if scheme is None or all(one.key != row.class_key for one in scheme.classes):
        return None
    return class_chip(scheme, row.class_key, language)  # type: ignore[arg-type]  # a language is a word
