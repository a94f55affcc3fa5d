"""Trying a draft on past months: asked for, watched, read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from zhike.accounts.policy import require
from zhike.base.errors import current_language
from zhike.base.htmx import render_page, wants_partial
from zhike.classification.actions.back_tests import ask_back_test
from zhike.classification.models import Scheme
from zhike.classification.tasks import ask_for, run_back_tests
from zhike.core.errors import ZhikeError
from zhike.web.classes.draft_views import UNPROCESSABLE, get_draft
from zhike.web.classes.forms import TrialForm
from zhike.web.classes.trial import trial_context
from zhike.web.classes.views import studio

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.web.request import Request


@require_http_methods(["GET", "HEAD", "POST"])
def draft_trial(request: Request, dimension: str) -> HttpResponse:
    draft = get_draft(request, dimension)
    require(request.user, "change", Scheme)
    form = TrialForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                ask_back_test(draft=draft, by=request.user, **form.cleaned_data)
            except ZhikeError as error:
                form.add_error(
                    None, gettext("草稿还不能回测：") + (error.zh if current_language() == "zh" else error.en)
                )
                status = error.status
            else:
                ask_for(run_back_tests)
                if not wants_partial(request):
                    return redirect("web:draft_trial", dimension)
                status = 200
    shown = form if form.errors else None
    context = {**studio(request, draft.scheme), "tab": "draft", **trial_context(request, draft, shown)}
    return render_page(request, "web/trial.html", context, partial="card", status=status)
