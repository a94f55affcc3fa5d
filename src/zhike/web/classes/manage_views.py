"""What is said of dimensions beside their rules: a new one, their order, owner, pause and end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from zhike.accounts.policy import require
from zhike.base.errors import current_language
from zhike.classification.actions.drafts import add_dimension, pause_dimension, reorder_dimensions, set_owner
from zhike.classification.actions.publications import retire_dimension
from zhike.classification.models import Scheme
from zhike.classification.queries import dimensions, get_dimension
from zhike.core.errors import ZhikeError
from zhike.web.classes.forms import MoveForm, NewDimensionForm, NoteForm, OwnerForm
from zhike.web.classes.views import studio

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.web.request import Request

UNPROCESSABLE = 422


@require_http_methods(["GET", "HEAD", "POST"])
def dimension_new(request: Request) -> HttpResponse:
    require(request.user, "change", Scheme)
    form = NewDimensionForm(request.POST if request.method == "POST" else None)
    status = 200 if request.method != "POST" else UNPROCESSABLE
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        label = {"zh": given["label_zh"], "en": given["label_en"] or given["label_zh"]}
        try:
            add_dimension(key=given["key"], label=label, by=request.user)
        except ZhikeError as error:
            form.add_error("key", error.zh if current_language() == "zh" else error.en)
            status = error.status
        else:
            return redirect("web:draft", given["key"])
    return render(request, "web/dimension_new.html", {**studio(request), "form": form}, status=status)


@require_POST
def dimension_order(request: Request) -> HttpResponse:
    """Put the dimensions in order: all of them, as they were dragged, or one a step up or down."""
    require(request.user, "change", Scheme)
    order = [scheme.dimension for scheme in dimensions(request.user)]
    form = MoveForm(request.POST)
    if form.is_valid() and form.cleaned_data["dimension"] in order:
        at = order.index(form.cleaned_data["dimension"])
        order.insert(max(0, at + form.cleaned_data["step"]), order.pop(at))
    else:
        order = request.POST.getlist("order")
    reorder_dimensions(dimensions=order, by=request.user)
    if form.is_valid():
        return redirect("web:dimension", form.cleaned_data["dimension"])
    return redirect("web:classes")


@require_POST
def dimension_owner(request: Request, dimension: str) -> HttpResponse:
    scheme = get_dimension(request.user, dimension)
    require(request.user, "publish", Scheme)
    form = OwnerForm(request.POST, scheme=scheme)
    if form.is_valid():
        owner = form.cleaned_data["owner"]
        set_owner(dimension=dimension, owner=owner, by=request.user)
        done = gettext("规则由 %(name)s 负责") % {"name": owner.name} if owner else gettext("规则没有负责人了")
        messages.success(request, done)
    return redirect("web:dimension", dimension)


@require_POST
def dimension_pause(request: Request, dimension: str) -> HttpResponse:
    get_dimension(request.user, dimension)
    is_paused = request.POST.get("is_paused") == "yes"
    pause_dimension(dimension=dimension, is_paused=is_paused, by=request.user)
    done = gettext("已暂停：客户保持现在的类别") if is_paused else gettext("已恢复：客户重新按规则判断")
    messages.success(request, done)
    return redirect("web:dimension", dimension)


@require_http_methods(["GET", "HEAD", "POST"])
def dimension_retire(request: Request, dimension: str) -> HttpResponse:
    scheme = get_dimension(request.user, dimension)
    require(request.user, "publish", Scheme)
    form = NoteForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            publication = retire_dimension(dimension=dimension, by=request.user, note=form.cleaned_data["note"])
        except ZhikeError as error:
            form.add_error(None, error.message(current_language()))
            status = error.status
        else:
            return redirect("web:publication", publication.pk)
    return render(request, "web/dimension_retire.html", {**studio(request, scheme), "form": form}, status=status)
