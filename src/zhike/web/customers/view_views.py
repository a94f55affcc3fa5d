"""Saved views: kept, changed, shared, copied, pinned, taken away; and how many customers each shows."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.cache import cache
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.policy import can, require, visible
from zhike.base.forms import OnceForm, VersionForm, tell
from zhike.base.htmx import render_page
from zhike.base.inputs import Invalid
from zhike.base.paging import capped_count
from zhike.classification.actions.views import (
    change_view,
    copy_view,
    create_view,
    delete_view,
    forget_columns,
    order_pins,
    pin_view,
    rename_view,
    unpin_view,
)
from zhike.classification.consents import with_consents
from zhike.classification.models import SavedView
from zhike.classification.preview import not_filled_in
from zhike.classification.rules import rulebook
from zhike.classification.saved_views import (
    count_view,
    open_view,
    pinned_by_others,
    read_condition,
    views_of,
    where_of,
)
from zhike.classification.tasks import ask_for, fill_metrics
from zhike.core.errors import ZhikeError
from zhike.customers.models import Customer
from zhike.customers.queries import ID_DIGITS
from zhike.web.customers.columns import as_stored
from zhike.web.customers.filters import VIEW
from zhike.web.customers.state import open_list
from zhike.web.customers.view_form import ViewForm, suggested_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from zhike.web.request import Request

# Numbers beside names may be a minute old: nobody waits for them, and each page shows them.
FRESH_SECONDS = 60
MOST_COUNTED = 40


def kept(request: Request, view: SavedView) -> HttpResponse:
    """Say that a view was kept, have counted what it reads, and lead to it."""
    if not_filled_in(read_condition(where_of(view), with_consents(rulebook().fields)).refs):
        ask_for(fill_metrics)
    messages.success(request, gettext("视图「%(name)s」已保存") % {"name": view.name})
    return redirect(_to(view))


def _to(view: SavedView) -> str:
    return f"{reverse('web:customers')}?{VIEW}={view.pk}"


@require_safe
def view_list(request: Request) -> HttpResponse:
    views = views_of(request.user)
    rows = [(view, can(request.user, "change", view)) for view in views]
    return render(request, "web/views.html", {"section": "customers", "views": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def view_new(request: Request) -> HttpResponse:
    require(request.user, "create", SavedView)
    state = open_list(request)
    form = ViewForm(request.POST or None, by=request.user, suggested=suggested_name(state, request.company.currency))
    once = OnceForm(request.POST or None)
    status: int = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid() and once.is_valid():
            try:
                view = create_view(
                    **form.cleaned_data,
                    where=state.where,
                    by=request.user,
                    form_key=once.cleaned_data["key"],
                    columns=as_stored(state.columns) if state.columns_are_chosen else [],
                    sort=state.sort,
                    group=state.group_key,
                    layout=state.layout,
                )
            except ZhikeError as error:
                tell(form, error)
                status = error.status
            else:
                return kept(request, view)
    context = {
        "section": "customers",
        "form": form,
        "once": once,
        "action": reverse("web:view_new") + state.address.same,
        "back": state.address.same,
        "searched": state.filter.text,
    }
    return render_page(request, "web/view_form.html", context, partial="panel", status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def view_edit(request: Request, pk: int) -> HttpResponse:
    view = open_view(request.user, pk)
    require(request.user, "change", view)
    form = ViewForm(request.POST or None, by=request.user, view=view)
    version = VersionForm(request.POST or None, initial={"version": view.version})
    status: int = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid() and version.is_valid():
            try:
                rename_view(view=view, by=request.user, **version.cleaned_data, **form.cleaned_data)
            except ZhikeError as error:
                tell(form, error)
                status = error.status
            else:
                messages.success(request, gettext("视图「%(name)s」已保存") % {"name": form.cleaned_data["name"]})
                return redirect(_to(view))
    context = {
        "section": "customers",
        "view": view,
        "form": form,
        "once": version,
        "action": reverse("web:view_edit", args=[pk]),
        "back": f"?{VIEW}={pk}",
    }
    return render_page(request, "web/view_form.html", context, partial="panel", status=status)


@require_POST
def view_save(request: Request, pk: int) -> HttpResponse:
    """Let the view show what the address shows now."""
    view = open_view(request.user, pk)
    require(request.user, "change", view)
    state = open_list(request)
    version = VersionForm(request.POST)
    if not version.is_valid():
        raise Invalid("这一页已经过时，请重新打开再保存", "this page is out of date: open it again before you save")
    if state.view is None or state.view.pk != pk:
        raise Invalid("先打开这个视图再保存更改", "open this view before you save changes to it")
    changed = change_view(
        view=view,
        by=request.user,
        **version.cleaned_data,
        where=state.where,
        columns=as_stored(state.columns) if state.columns_are_chosen else [],
        sort=state.sort,
        group=state.group_key,
        layout=state.layout,
    )
    return kept(request, changed)


@require_POST
def view_restore(request: Request, pk: int) -> HttpResponse:
    """Show the view as it was kept: without what the address says, and with its own columns."""
    view = open_view(request.user, pk)
    forget_columns(view=view, by=request.user)
    return redirect(_to(view))


@require_POST
def view_copy(request: Request, pk: int) -> HttpResponse:
    view = open_view(request.user, pk)
    made = copy_view(view=view, by=request.user, name=gettext("%(name)s 副本") % {"name": view.name})
    messages.success(request, gettext("已复制成「%(name)s」，钉在侧边栏") % {"name": made.name})
    return redirect(_to(made))


@require_POST
def view_pin(request: Request, pk: int) -> HttpResponse:
    view = open_view(request.user, pk)
    act = unpin_view if request.POST.get("pinned") == "no" else pin_view
    act(view=view, by=request.user)
    return redirect("web:views" if request.POST.get("back") == "views" else _to(view))


@require_POST
def view_order(request: Request) -> HttpResponse:
    given = [int(pk) for pk in request.POST.getlist("view") if _is_id(pk)]
    if (moved := request.POST.get("up", "")) and _is_id(moved) and int(moved) in given:
        at = given.index(int(moved))
        given.insert(max(0, at - 1), given.pop(at))
    order_pins(views=given, by=request.user)
    return redirect("web:views")


@require_http_methods(["GET", "HEAD", "POST"])
def view_delete(request: Request, pk: int) -> HttpResponse:
    view = open_view(request.user, pk)
    require(request.user, "change", view)
    if request.method == "POST":
        delete_view(view=view, by=request.user)
        messages.success(request, gettext("视图「%(name)s」已删除") % {"name": view.name})
        return redirect("web:customers")
    context = {"section": "customers", "view": view, "used_by": pinned_by_others(view, request.user)}
    return render(request, "web/view_delete.html", context)


@require_safe
def view_counts(request: Request) -> HttpResponse:
    """Return how many customers each view shows to this person, for the numbers beside their names."""
    asked = list(dict.fromkeys(request.GET.getlist("view")))[:MOST_COUNTED]
    views = visible(request.user, SavedView).filter(pk__in=[int(pk) for pk in asked if _is_id(pk)])
    counts = {str(view.pk): number for view, number in _counted(request, list(views))}
    for name in {"all", "mine"} & set(asked):
        customers = visible(request.user, Customer)
        counts[name] = str(capped_count(customers.filter(owner=request.user) if name == "mine" else customers))
    return JsonResponse({"counts": counts})


def _counted(request: Request, views: Sequence[SavedView]) -> list[tuple[SavedView, str]]:
    user, found = request.user, []
    keys = {view.pk: f"view-count:{user.pk}:{user.role_key}:{user.team_id}:{view.pk}:{view.version}" for view in views}
    known = cache.get_many(keys.values())
    fields = with_consents(rulebook().fields) if len(known) < len(views) else None
    for view in views:
        number = known.get(keys[view.pk])
        if number is None and fields is not None:
            number = str(count_view(user, view, fields))
            cache.set(keys[view.pk], number, FRESH_SECONDS)
        found.append((view, str(number)))
    return found


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= ID_DIGITS
