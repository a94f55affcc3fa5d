"""The plan templates of the company: listed, written, put to use and out of it."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from zhike.accounts.policy import can, get_visible, require
from zhike.base.errors import current_language
from zhike.base.forms import tell
from zhike.classification.rules import rulebook
from zhike.core.errors import ZhikeError
from zhike.core.plans import Starts
from zhike.followups.actions.templates import save_template
from zhike.followups.models import PlanTemplate
from zhike.followups.queries.plans import steps_of
from zhike.packs import load_pack, shipped
from zhike.web.plans.forms import TemplateForm, given_steps, step_forms
from zhike.web.plans.words import begins_by

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.core.plans import Trigger
    from zhike.core.text import Language
    from zhike.web.request import Request


@dataclass(frozen=True, slots=True)
class Line:
    """A template as the list shows it."""

    template: PlanTemplate
    name: str
    purpose: str
    goals: str
    begins: str
    steps: int
    pack: str


@require_safe
def template_list(request: Request) -> HttpResponse:
    context = {
        "section": "settings",
        "lines": _lines(),
        "may_change": can(request.user, "change", PlanTemplate),
    }
    return render(request, "web/plan_templates.html", context)


def _lines() -> list[Line]:
    language = current_language()
    schemes = rulebook().schemes
    found = []
    for one in PlanTemplate.objects.order_by("-is_active", "position", "pk"):
        starts = Starts(cast("Trigger", one.trigger), one.dimension, one.class_key, one.product)
        found.append(
            Line(
                one,
                one.name.get(language),
                one.purpose_label(language),
                f"{one.short_goal.get(language)} → {one.long_goal.get(language)}",
                begins_by(starts, schemes, language),
                len(one.steps),
                _pack(one.pack, language),
            )
        )
    return found


def _pack(key: str, language: Language) -> str:
    """Return what a pack is called; one that came from a file is known by its key alone."""
    return load_pack(key).label.get(language) if key in shipped() else key


@require_http_methods(["GET", "HEAD", "POST"])
def template_page(request: Request, pk: int | None = None) -> HttpResponse:
    """Make a template, or change one. Plans that go on keep the steps with which they began."""
    require(request.user, "change", PlanTemplate)
    template = get_visible(request.user, PlanTemplate, pk=pk) if pk else None
    form = TemplateForm(request.POST or None, template=template)
    steps = step_forms(request.POST or None, steps_of(template) if template and template.steps else ())
    status: int = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if all([form.is_valid(), *(step.is_valid() for step in steps)]):
            try:
                made = save_template(
                    template=template,
                    version=form.cleaned_data["version"] or 0,
                    data={**form.given(), "steps": given_steps(steps)},
                    by=request.user,
                    is_active=form.cleaned_data["is_active"],
                )
            except ZhikeError as error:
                tell(form, error)
                status = error.status if error.status >= HTTPStatus.BAD_REQUEST else status
            else:
                messages.success(request, gettext("模板保存了，进行中的计划不变"))
                return redirect("web:plan_template", made.pk)
    name = template.name.get(current_language()) if template else ""
    context = {"section": "settings", "template": template, "name": name, "form": form, "steps": steps}
    return render(request, "web/plan_template.html", context, status=status)
