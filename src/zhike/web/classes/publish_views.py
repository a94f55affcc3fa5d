"""New rules come into force: asked for, watched, cancelled, confirmed, undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.policy import get_visible, require, visible
from zhike.base.errors import Conflict, current_language
from zhike.base.htmx import render_page
from zhike.classification.actions.acknowledgements import acknowledge
from zhike.classification.actions.publications import (
    cancel_publication,
    publish,
    roll_back,
)
from zhike.classification.models import Acknowledgement, Publication, Scheme, SchemeVersion
from zhike.classification.queries import get_dimension
from zhike.classification.tasks import ask_for, carry_publications_through
from zhike.core.errors import ZhikeError
from zhike.web.classes.draft_views import UNPROCESSABLE, get_draft
from zhike.web.classes.forms import NoteForm, PublishForm
from zhike.web.classes.impact import read_impact
from zhike.web.classes.publication import moves_of, problem_of, waiting_of
from zhike.web.classes.views import studio

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.web.request import Request


@require_http_methods(["GET", "HEAD", "POST"])
def draft_publish(request: Request, dimension: str) -> HttpResponse:
    """Say what the draft will do, and put it in force now or at a time."""
    require(request.user, "publish", Scheme)
    draft = get_draft(request, dimension)
    form = PublishForm(request.POST if request.method == "POST" else None, revision=draft.revision)
    status = 200
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                publication = publish(
                    drafts=[draft],
                    by=request.user,
                    note=form.cleaned_data["note"],
                    starts_at=form.cleaned_data["starts_at"],
                )
            except ZhikeError as error:
                form.add_error(None, error.message(current_language()))
                status = error.status
            else:
                ask_for(carry_publications_through)
                return redirect("web:publication", publication.pk)
    context = {**studio(request, draft.scheme), "tab": "draft", "form": form, **read_impact(draft, request)}
    return render_page(request, "web/publish.html", context, partial="panel", status=status)


@require_safe
def publication_page(request: Request, pk: int) -> HttpResponse:
    """Show how far a publication is, what it moved, and who knows of it."""
    publication = get_visible(request.user, Publication, pk=pk)
    versions = list(publication.versions.select_related("scheme__current").order_by("scheme__position"))
    asked = visible(request.user, Acknowledgement).filter(publication=publication).select_related("user")
    context = {
        **studio(request, versions[0].scheme if versions and not publication.edition else None),
        "at": "packs" if publication.edition else "",
        "publication": publication,
        "versions": versions,
        "moves": moves_of(publication, current_language()),
        "waiting": waiting_of(request.user, publication, versions, current_language()),
        "problem": problem_of(publication, current_language()),
        "asked": asked.order_by("-customers", "user__name"),
        "own": next((one for one in asked if one.user_id == request.user.pk), None),
    }
    return render_page(request, "web/publication.html", context, partial="state")


@require_POST
def publication_cancel(request: Request, pk: int) -> HttpResponse:
    publication = get_visible(request.user, Publication, pk=pk)
    try:
        cancel_publication(publication=publication, by=request.user)
    except Conflict as error:
        messages.error(request, error.message(current_language()))
    else:
        messages.success(request, gettext("发布已取消，草稿还在"))
    return redirect("web:publication", pk)


@require_POST
def publication_confirm(request: Request, pk: int) -> HttpResponse:
    publication = get_visible(request.user, Publication, pk=pk)
    for mine in publication.acknowledgements.filter(user=request.user):
        acknowledge(acknowledgement=mine, by=request.user)
    return redirect("web:publication", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def dimension_roll_back(request: Request, dimension: str, number: int) -> HttpResponse:
    """Put an earlier version in force again."""
    scheme = get_dimension(request.user, dimension)
    require(request.user, "publish", Scheme)
    version = get_visible(request.user, SchemeVersion, scheme=scheme, number=number)
    form = NoteForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            publication = roll_back(version=version, by=request.user, note=form.cleaned_data["note"])
        except ZhikeError as error:
            form.add_error(None, error.message(current_language()))
            status = error.status
        else:
            ask_for(carry_publications_through)
            return redirect("web:publication", publication.pk)
    context = {**studio(request, scheme), "version": version, "form": form}
    return render(request, "web/roll_back.html", context, status=status)
