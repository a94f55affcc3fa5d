"""Setting up pools and the reasons of handing back."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from zhike.accounts.policy import get_visible, require
from zhike.base.errors import current_language
from zhike.base.forms import tell
from zhike.core.errors import ZhikeError
from zhike.pools.actions.settings import set_pool, set_reasons
from zhike.pools.conditions import known_fields
from zhike.pools.members import members_of
from zhike.pools.models import Pool
from zhike.pools.queries import reasons
from zhike.web.conditions.catalogue import catalogue
from zhike.web.pools.forms import PoolForm, ReasonsForm

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.web.request import Request


@require_http_methods(["GET", "HEAD", "POST"])
def pool_settings(request: Request, pk: int | None = None) -> HttpResponse:
    """Make a pool, or change one."""
    require(request.user, "change", Pool)
    pool = get_visible(request.user, Pool, pk=pk) if pk else None
    form = PoolForm(request.POST or None, by=request.user, pool=pool)
    status: int = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            given = dict(form.cleaned_data)
            version = given.pop("version") or 0
            try:
                made = set_pool(pool=pool, version=version, by=request.user, **given)
            except ZhikeError as error:
                tell(form, error)
                status = error.status
            else:
                messages.success(request, gettext("公海「%(name)s」保存了") % {"name": made.name})
                return redirect("web:pool", made.pk)
    context = {
        "section": "pools",
        "pool": pool,
        "form": form,
        "members": members_of(pool) if pool else [],
        "catalogue": builder_catalogue(request),
    }
    return render(request, "web/pool_settings.html", context, status=status)


def builder_catalogue(request: Request) -> object:
    """Return what the condition builder may name for this person."""
    return catalogue(known_fields(request.user), current_language(), request.company.currency)


@require_http_methods(["GET", "HEAD", "POST"])
def pool_reasons(request: Request) -> HttpResponse:
    require(request.user, "change", Pool)
    form = ReasonsForm(request.POST or None, reasons=reasons())
    status: int = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                set_reasons(labels=form.cleaned_data["reasons"].splitlines(), by=request.user)
            except ZhikeError as error:
                tell(form, error)
            else:
                messages.success(request, gettext("理由保存了"))
                return redirect("web:pools")
    context = {"section": "pools", "form": form}
    return render(request, "web/pool_reasons.html", context, status=status)
