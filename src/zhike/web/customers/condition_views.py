"""The conditions of a list in the condition builder: look at the result, or keep it as a view."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from zhike.accounts.policy import require
from zhike.base.forms import OnceForm, tell
from zhike.base.htmx import render_page
from zhike.classification.actions.views import create_view
from zhike.classification.consents import with_consents
from zhike.classification.models import SavedView
from zhike.classification.saved_views import ALL, Data
from zhike.core.conditions.parse import parse
from zhike.core.errors import ZhikeError
from zhike.web.conditions.catalogue import catalogue
from zhike.web.customers.columns import as_stored
from zhike.web.customers.conditions import numbered, read_built, read_where, write_where
from zhike.web.customers.state import open_list
from zhike.web.customers.view_form import ViewForm, suggested_name
from zhike.web.customers.view_views import kept

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.web.customers.state import ListState
    from zhike.web.request import Request

NEW, SAVE = "new", "save"
# What the builder sends while nobody has added a condition.
NOTHING: Data = {"all": []}


@require_http_methods(["GET", "HEAD", "POST"])
def conditions(request: Request) -> HttpResponse:
    state = open_list(request)
    form = ViewForm(request.POST if SAVE in request.POST else None, by=request.user)
    once = OnceForm(request.POST or None)
    where: Data = state.where
    status: int = HTTPStatus.OK
    problem: ZhikeError | None = None
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        saves = SAVE in request.POST
        try:
            where = numbered(read_built(request.POST.get("where", "")), timezone.get_current_timezone())
            where = ALL if where == NOTHING else where
            parse(where, with_consents(state.rules.fields), "where")
            if not saves:
                # What does not fit into an address is said here, not by a page that cannot be opened.
                read_where(write_where(where))
                return redirect(reverse("web:customers") + state.address.wholly(where))
            if form.is_valid() and once.is_valid():
                return _save(request, state, where, form, once)
        except ZhikeError as error:
            if saves and error.path in form.fields:
                tell(form, error)
            else:
                problem = error
            status = error.status
    context = {
        "section": "customers",
        "state": state,
        "address": state.address,
        "catalogue": catalogue(with_consents(state.rules.fields), state.language, request.company.currency),
        "where": where,
        "form": form,
        "once": once,
        "problem": problem and problem.message(state.language),
        "is_saving": SAVE in request.POST or NEW in request.GET,
        "suggested": suggested_name(state, request.company.currency),
    }
    return render_page(request, "web/conditions.html", context, partial="panel", status=status)


def _save(request: Request, state: ListState, where: Data, form: ViewForm, once: OnceForm) -> HttpResponse:
    require(request.user, "create", SavedView)
    view = create_view(
        name=form.cleaned_data["name"],
        reach=form.cleaned_data["reach"],
        pinned=form.cleaned_data["pinned"],
        where=where,
        by=request.user,
        form_key=once.cleaned_data["key"],
        columns=as_stored(state.columns) if state.columns_are_chosen else [],
        sort=state.sort,
        group=state.group_key,
        layout=state.layout,
    )
    return kept(request, view)
