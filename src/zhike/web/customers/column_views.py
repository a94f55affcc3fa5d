"""Choosing the columns of a list: which, in which order, how wide. Each person chooses for themselves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from zhike.base.htmx import HTTP_NO_CONTENT, render_page
from zhike.base.inputs import Invalid
from zhike.classification.actions.views import choose_columns, forget_columns
from zhike.customers.names import label_lines
from zhike.web.customers.columns import GROUPS, NAME, as_stored, chosen_columns
from zhike.web.customers.state import open_list

if TYPE_CHECKING:
    from zhike.web.customers.state import ListState
    from zhike.web.request import Request

MOST_CHARACTERS = 20_000
USUAL = "usual"


@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: Request) -> HttpResponse:
    state = open_list(request)
    if request.method == "POST":
        return _choose(request, state)
    shown = {column.key for column in state.columns}
    groups = [
        (
            str(label),
            [
                (column, label_lines(column.label, others=[column.key]))
                for column in state.known.values()
                if column.group == group and column.key not in shown
            ],
        )
        for group, label in GROUPS.items()
    ]
    context = {
        "section": "customers",
        "address": state.address,
        "chosen": [column for column in state.columns if column.key != NAME],
        "groups": [(label, found) for label, found in groups if found],
        "view": state.view,
    }
    return render_page(request, "web/columns.html", context, partial="panel")


def _choose(request: Request, state: ListState) -> HttpResponse:
    """Keep what was chosen: as boxes and their order, or as `columns`, what a script knows of widths too."""
    by, view = request.user, state.view
    if USUAL in request.POST:
        forget_columns(view=view, by=by)
    elif "columns" in request.POST:
        keys = _read(request.POST["columns"])
        choose_columns(view=view, columns=as_stored(chosen_columns(state.known, keys, state.language)), by=by)
        return HttpResponse(status=HTTP_NO_CONTENT)
    else:
        widths = {column.key: column.width for column in state.columns}
        given = [{"key": key, "width": widths.get(key)} for key in [NAME, *request.POST.getlist("column")]]
        choose_columns(view=view, columns=as_stored(chosen_columns(state.known, given, state.language)), by=by)
    return redirect(reverse("web:customers") + state.address.same)


def _read(text: str) -> object:
    try:
        return json.loads(text) if len(text) <= MOST_CHARACTERS else None
    except (ValueError, RecursionError):
        raise Invalid("列读不懂", "the columns cannot be read", path="columns") from None
