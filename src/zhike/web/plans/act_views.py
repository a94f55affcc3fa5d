"""A plan begun or ended by hand."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from zhike.accounts.policy import get_visible, require
from zhike.base.errors import Conflict, current_language
from zhike.base.forms import Form, VersionForm, tell
from zhike.base.htmx import render_page, wants_partial
from zhike.core.errors import ZhikeError
from zhike.customers.models import Customer
from zhike.followups.actions.plans import end_plan, start_plan
from zhike.followups.models import Plan, PlanTemplate
from zhike.followups.queries.plans import templates

if TYPE_CHECKING:
    from django.http import HttpResponse, QueryDict

    from zhike.web.request import Request


class TemplateChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # it takes none at run time
    """Templates by their name and purpose."""

    def label_from_instance(self, obj: PlanTemplate) -> str:
        language = current_language()
        return f"{obj.name.get(language)} · {obj.purpose_label(language)}"


class StartForm(Form):
    """Which plan begins; `switch` says that it takes the place of the one that goes on."""

    template = TemplateChoice(
        label=_("计划"),
        queryset=PlanTemplate.objects.none(),
        empty_label=_("选一个计划"),
        error_messages={"required": _("选一个计划。")},
    )
    switch = forms.BooleanField(label=_("换下正在进行的同类计划"), required=False)

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.fields["template"].queryset = templates()  # type: ignore[attr-defined]


class EndForm(VersionForm):
    """Why it ends before it is done."""

    reason = forms.CharField(label=_("为什么结束"), max_length=Plan.REASON_MAX, required=False)


@require_http_methods(["GET", "HEAD", "POST"])
def plan_start(request: Request, pk: int) -> HttpResponse:
    customer = get_visible(request.user, Customer, pk=pk)
    require(request.user, "create", Plan(customer=customer))
    form = StartForm(request.POST or None)
    context: dict[str, object] = {"section": "customers", "customer": customer, "form": form, "act": "start"}
    status: int = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                plan = start_plan(customer=customer, by=request.user, **form.cleaned_data)
            except ZhikeError as error:
                tell(form, error)
                status = error.status
                context["conflict"] = isinstance(error, Conflict)
            else:
                name = plan.template.name.get(current_language())
                messages.success(request, gettext("开始了：%(name)s") % {"name": name})
                return _saved(request, customer.pk)
    return render_page(request, "web/plan_act.html", context, partial="panel", status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def plan_end(request: Request, pk: int) -> HttpResponse:
    plan = get_visible(request.user, Plan, pk=pk)
    require(request.user, "change", plan)
    form = EndForm(request.POST or None, initial={"version": plan.version})
    status: int = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                end_plan(plan=plan, by=request.user, **form.cleaned_data)
            except ZhikeError as error:
                tell(form, error)
                status = error.status
            else:
                messages.success(request, gettext("计划结束了，做完的都留着"))
                return _saved(request, plan.customer_id)
    context = {
        "section": "customers",
        "customer": plan.customer,
        "plan": plan,
        "name": plan.template.name.get(current_language()),
        "form": form,
        "act": "end",
    }
    return render_page(request, "web/plan_act.html", context, partial="panel", status=status)


def _saved(request: Request, customer: int) -> HttpResponse:
    if wants_partial(request):
        return render(request, "web/plan_act.html#saved", {"oob": True})
    return redirect("web:customer", customer)
