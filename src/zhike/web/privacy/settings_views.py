"""Settings of personal data: what is owed an answer, the words of consents, the impact assessment."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.policy import can, get_visible, require, visible
from zhike.base.errors import NotFound, current_language
from zhike.base.forms import tell
from zhike.base.paging import capped_count
from zhike.classification.actions.assessments import file_assessment
from zhike.classification.tasks import ask_for, place_due_customers_soon
from zhike.core.errors import ZhikeError
from zhike.customers.models import CustomField
from zhike.privacy.actions.consents import publish_text
from zhike.privacy.actions.requests import close_request
from zhike.privacy.assessment_draft import DRAFT
from zhike.privacy.inventory import INVENTORY
from zhike.privacy.models import Assessment, ConsentText, Request
from zhike.privacy.purposes import PURPOSES
from zhike.privacy.queries import assessment, current_text, open_requests
from zhike.web.privacy.forms import AnswerForm, AssessmentForm, TextForm
from zhike.web.request import local_today

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.web.request import Request as HttpRequest

# So many of what is due soonest; they go from the page as they are answered.
SHOWN = 100


@require_safe
def request_list(request: HttpRequest) -> HttpResponse:
    found = open_requests(request.user)
    context = {
        "section": "settings",
        "requests": list(found[:SHOWN]),
        "count": capped_count(found),
        "today": local_today(),
        "form": AnswerForm(),
        "may_answer": can(request.user, "change", Request),
        "may_write": can(request.user, "create", ConsentText),
        "assessment": assessment(),
    }
    return render(request, "web/privacy_requests.html", context)


@require_POST
def request_close(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_visible(request.user, Request, pk=pk)
    require(request.user, "change", found)
    form = AnswerForm(request.POST)
    if form.is_valid():
        is_declined = request.POST.get("verdict") == "decline"
        try:
            answer = form.cleaned_data["answer"]
            close_request(request=found, by=request.user, answer=answer, is_declined=is_declined)
        except ZhikeError as error:
            messages.error(request, error.message(current_language()))
        else:
            messages.success(request, gettext("已办结"))
    return redirect("web:privacy_requests")


@require_http_methods(["GET", "HEAD", "POST"])
def consent_text(request: HttpRequest, purpose: str) -> HttpResponse:
    asked = PURPOSES.get(purpose)
    if asked is None:
        raise NotFound
    require(request.user, "create", ConsentText)
    now = current_text(asked)
    form = TextForm(request.POST or None, initial={"zh": now.zh, "en": now.en})
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                made = publish_text(purpose=purpose, by=request.user, **form.cleaned_data)
            except ZhikeError as error:
                tell(form, error)
                status = HTTPStatus(error.status)
            else:
                messages.success(request, gettext("第 %(n)s 版已生效") % {"n": made.number})
                return redirect("web:consent_text", purpose)
    language = current_language()
    context = {
        "section": "settings",
        "form": form,
        "text": now,
        "label": asked.label.get(language),
        "purposes": [(key, one.label.get(language), key == purpose) for key, one in PURPOSES.items()],
    }
    return render(request, "web/privacy_text.html", context, status=status)


@require_safe
def inventory(request: HttpRequest) -> HttpResponse:
    """Show what is kept that tells of people: what for, and who sees it; the company's own fields too."""
    language = current_language()
    own = [
        (field.label(language), field.help(language), field.is_sensitive)
        for field in visible(request.user, CustomField).filter(retired_at=None).order_by("position", "pk")
    ]
    sections = [
        (
            section.title.get(language),
            [
                (row.column, row.what.get(language), row.purpose.get(language), row.seen_by.get(language))
                for row in section.rows
            ],
        )
        for section in INVENTORY
    ]
    context = {"section": "settings", "sections": sections, "own": own, "today": local_today()}
    return render(request, "web/privacy_inventory.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def impact_assessment(request: HttpRequest) -> HttpResponse:
    """Show the assessment on file to everybody; those with the right file another version."""
    on_file, may = assessment(), can(request.user, "create", Assessment)
    if request.method == "POST":
        require(request.user, "create", Assessment)
    words = {name: text.get(current_language()) for name, text in DRAFT.items()}
    initial = {name: getattr(on_file, name) for name in AssessmentForm.base_fields} if on_file else words
    form = AssessmentForm(request.POST or None, initial=initial)
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                made = file_assessment(by=request.user, **form.cleaned_data)
            except ZhikeError as error:
                tell(form, error)
                status = HTTPStatus(error.status)
            else:
                messages.success(request, gettext("第 %(n)s 版已归档") % {"n": made.number})
                if made.number == 1:
                    ask_for(place_due_customers_soon)
                return redirect("web:impact_assessment")
    context = {"section": "settings", "form": form, "on_file": on_file, "may_file": may}
    return render(request, "web/privacy_assessment.html", context, status=status)
