"""One page for each thing that is done to many customers: whom, how many, the first ten, and what shall be done."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.urls import reverse
from django.views.decorators.http import require_http_methods

from zhike.accounts.policy import require
from zhike.base.errors import Conflict, NotFound, current_language
from zhike.base.forms import tell
from zhike.base.htmx import render_page
from zhike.classification.rules import rulebook
from zhike.core.errors import ZhikeError
from zhike.customers.display import column_label
from zhike.customers.models import CustomField
from zhike.jobs.actions.jobs import ask_job
from zhike.jobs.tasks import start
from zhike.web.bulk.actions import ACTIONS
from zhike.web.bulk.chosen import FIELD, TO, read_chosen
from zhike.web.bulk.export_form import ExportForm
from zhike.web.bulk.forms import (
    TAKE,
    UNASKED,
    AssignForm,
    CountForm,
    DeleteForm,
    FieldForm,
    PlanForm,
    PoolForm,
    TagForm,
    settable_fields,
    shown_value,
)
from zhike.web.jobs.views import ended
from zhike.web.override_form import OverrideForm
from zhike.web.request import Request, local_today

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django import forms
    from django.http import HttpResponse

    from zhike.accounts.models import User
    from zhike.core.schemes import Scheme
    from zhike.core.text import Language
    from zhike.jobs.models import Job
    from zhike.web.bulk.actions import Action
    from zhike.web.bulk.chosen import Chosen


@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request: Request, action: str) -> HttpResponse:
    """Show whom it is about and, once the person has said what they want, ask for the job."""
    what = ACTIONS[action]
    require(request.user, what.verb, what.model)
    chosen = read_chosen(request.GET, request.user)
    form = _form(request, action)
    count = CountForm(request.POST or None, size=chosen.size)
    status: int = HTTPStatus.OK
    if request.method == "POST" and form is not None:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        # Both are asked, so that everything that is wrong is said at once.
        if form.is_valid() & _may_go_on(count, what):
            try:
                job = _ask(request, action, form, count, chosen)
            except ZhikeError as error:
                tell(form, error)
                status = error.status
                if isinstance(error, Conflict):
                    count = CountForm(size=chosen.size)
            else:
                return ended(request, start(job), back=reverse("web:customers") + chosen.back)
    context = {
        "section": "customers",
        "action": action,
        "what": what,
        "form": form,
        "count": count,
        "asks": chosen.size > UNASKED and action != "export",
        "chosen": chosen,
        "first": chosen.first(request.user, is_whole=action == "override"),
        "back": chosen.back,
        "fields": settable_fields(request.user, current_language()),
        "carried": [(name, value) for name in request.GET for value in request.GET.getlist(name)],
        "field": request.GET.get(FIELD, ""),
    }
    return render_page(request, "web/customers_bulk.html", context, partial="form", status=status)


def _may_go_on(count: CountForm, what: Action) -> bool:
    """Say whether the number was seen and, where that is asked for, confirmed."""
    if count.is_valid():
        return True
    return what.kind == "export" and set(count.errors) == {"confirmed"}


def _form(request: Request, action: str) -> forms.Form | None:
    """Return the form of this action; none while nobody has said which field it is about."""
    data, language = request.POST or None, current_language()
    match action:
        case "assign":
            return AssignForm(data, by=request.user, to=request.GET.get(TO, ""))
        case "tag":
            return TagForm(data)
        case "plan":
            return PlanForm(data)
        case "pool":
            return PoolForm(data, by=request.user)
        case "override":
            to = request.GET.get(TO, "")
            return OverrideForm(data, schemes=_offered(to), language=language, today=local_today(), suggested=to)
        case "export":
            return ExportForm(data, user=request.user, language=language)
        case "field":
            field = request.GET.get(FIELD, "")
            if not field:
                return None
            if field not in dict(settable_fields(request.user, language)):
                raise NotFound
            return FieldForm(data, field=field, language=language)
        case _:
            return DeleteForm(data)


def _offered(to: str) -> list[Scheme]:
    """Return the dimensions to choose a class of: that of the class which was asked for, else all."""
    schemes = list(rulebook().schemes)
    return [scheme for scheme in schemes if scheme.dimension == to.partition(".")[0]] or schemes


def _ask(request: Request, action: str, form: forms.Form, count: CountForm, chosen: Chosen) -> Job:
    given = count.cleaned_data
    return ask_job(
        kind=ACTIONS[action].kind,
        by=request.user,
        parameters={"list": request.GET.urlencode(), **_parameters(action, form, request)},
        targets=None if action == "export" else chosen.customers,
        expected=given["count"],
        form_key=given["key"],
    )


def _parameters(action: str, form: forms.Form, request: Request) -> dict[str, object]:
    """Return what the kind of job needs to know."""
    given = form.cleaned_data
    match action:
        case "assign":
            owner: User | None = given["owner"]
            return {"owner": owner.pk if owner else None, "name": owner.name if owner else ""}
        case "tag":
            return {"tag": given["tag"], "is_taken": given["how"] == TAKE}
        case "plan":
            day = given["day"]
            return {"field": "next_contact_on", "value": day.isoformat() if day else None}
        case "pool":
            pool, reason = given["pool"], given["reason"]
            return {"pool": pool.pk, "name": pool.name, "reason": reason.pk, "note": given["note"]}
        case "field":
            assert isinstance(form, FieldForm)
            return _field_parameters(request.GET[FIELD], form)
        case "override":
            assert isinstance(form, OverrideForm)
            return _class_parameters(form)
        case "export":
            assert isinstance(form, ExportForm)
            return form.parameters
        case _:
            return {}


def _field_parameters(field: str, form: FieldForm) -> dict[str, object]:
    from django.utils import translation  # noqa: PLC0415

    value = form.cleaned_data["value"]
    names = {}
    codes: Mapping[Language, str] = {"zh": "zh-hans", "en": "en"}
    for language, code in codes.items():
        with translation.override(code):
            names[f"shown_{language}"] = shown_value(form)
            names[f"name_{language}"] = _field_name(field, language)
    return {"field": field, "value": value.isoformat() if hasattr(value, "isoformat") else value, **names}


def _field_name(field: str, language: Language) -> str:
    if not field.startswith("custom."):
        return column_label(field)
    return CustomField.objects.get(key=field.removeprefix("custom.")).label(language)


def _class_parameters(form: OverrideForm) -> dict[str, object]:
    scheme = rulebook().scheme(form.dimension)
    label, until = scheme.get(form.chosen).label, form.until_day(scheme)
    return {
        "dimension": form.dimension,
        "class_key": form.chosen,
        "reason": form.cleaned_data["reason"],
        "until": until.isoformat() if until else "",
        "name_zh": label.zh,
        "name_en": label.en,
    }
