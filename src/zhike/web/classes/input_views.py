"""What may not be used to classify people: barred dimension by dimension, with the rules that use it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from zhike.accounts.policy import can, get_visible, require, visible
from zhike.base.errors import current_language
from zhike.base.forms import Form, tell
from zhike.classification.actions.inputs import allow_input, allow_sensitive, bar_input
from zhike.classification.candidates import draft_fields
from zhike.classification.inputs import barred_by_default, uses
from zhike.classification.queries import get_dimension
from zhike.classification.rules import rulebook
from zhike.classification.tasks import ask_for, carry_publications_through
from zhike.core.errors import ZhikeError
from zhike.privacy.models import BarredInput
from zhike.web.classes.views import studio

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.web.request import Request


class BarForm(Form):
    input = forms.ChoiceField(
        label=_("依据"), error_messages={"required": _("请选择一项。"), "invalid_choice": _("请选择一项。")}
    )
    reason = forms.CharField(
        label=_("为什么不能用"),
        max_length=BarredInput.REASON_MAX,
        error_messages={"required": _("写一句为什么。")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def dimension_inputs(request: Request, dimension: str) -> HttpResponse:
    scheme = get_dimension(request.user, dimension)
    language = current_language()
    fields = draft_fields()
    labels = {field.key: field.label.get(language) for field in fields if not field.key.startswith("class.")}
    if request.method == "POST":
        require(request.user, "create", BarredInput)
        if name := request.POST.get("allow"):
            allow_sensitive(dimension=dimension, name=name, by=request.user)
            messages.success(request, gettext("已恢复，规则可以再用它"))
            return redirect("web:dimension_inputs", dimension)
    form = BarForm(request.POST or None)
    chosen = form.fields["input"]
    assert isinstance(chosen, forms.ChoiceField)
    chosen.choices = [("", "—"), *sorted(labels.items(), key=lambda pair: pair[1])]
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            given = form.cleaned_data
            try:
                _made, publication = bar_input(
                    dimension=dimension, name=given["input"], reason=given["reason"], by=request.user
                )
            except ZhikeError as error:
                tell(form, error)
                status = HTTPStatus(error.status)
            else:
                messages.success(request, gettext("已禁用"))
                if publication is None:
                    return redirect("web:dimension_inputs", dimension)
                ask_for(carry_publications_through)
                return redirect("web:publication", publication.pk)
    names = {scheme.dimension: scheme.label.get(language) for scheme in rulebook().schemes}
    rows = visible(request.user, BarredInput).filter(dimension=dimension, lifted_at=None).select_related("by")

    def read_by(name: str) -> list[tuple[str, str]]:
        return [(names.get(use.dimension, use.dimension), use.label.get(language)) for use in uses(name)]

    context = {
        **studio(request, scheme),
        "form": form,
        "may_bar": can(request.user, "create", BarredInput),
        "rows": [
            {
                "one": one,
                "label": labels.get(one.input, one.input),
                "uses": read_by(one.input),
            }
            for one in rows.order_by("pk")
        ],
        "sensitive": [(one.name, one.label(language), read_by(one.name)) for one in barred_by_default(dimension)],
    }
    return render(request, "web/dimension_inputs.html", context, status=status)


@require_POST
def input_allow(request: Request, dimension: str, pk: int) -> HttpResponse:
    found = get_visible(request.user, BarredInput, pk=pk, dimension=dimension)
    allow_input(barred=found, by=request.user)
    messages.success(request, gettext("已恢复，规则可以再用它"))
    return redirect("web:dimension_inputs", dimension)
