"""Teams, roles and territories: who belongs where, and who may what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db.models import Count, Q
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from zhike.accounts.actions import add_team
from zhike.accounts.actions.teams import change_team
from zhike.accounts.actions.territories import set_territory
from zhike.accounts.models import Role, RoleRight, Team, Territory
from zhike.accounts.policy import CUSTOMER, can, get_visible, require, rights_of_roles, visible
from zhike.base.forms import tell
from zhike.core.errors import ZhikeError
from zhike.web.teams.forms import TeamForm, TerritoryForm
from zhike.web.teams.tree import team_tree

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.accounts.rights import Rights
    from zhike.web.request import Request

UNPROCESSABLE = 422


@require_safe
def teams(request: Request) -> HttpResponse:
    user = request.user
    people = Count("users", filter=Q(users__is_active=True))
    roles = list(visible(user, Role).annotate(size=people).order_by("position", "key"))
    rights = rights_of_roles(role.key for role in roles)
    context = {
        "section": "settings",
        "branches": team_tree(user),
        "roles": [(role, _summary(rights[role.key])) for role in roles],
        "territories": visible(user, Territory).prefetch_related("teams", "users"),
        "may_team": can(user, "change", Team),
        "may_territory": can(user, "change", Territory),
    }
    return render(request, "web/teams.html", context)


def _summary(rights: Rights) -> str:
    """Return 「看全部，改自己的」: what a role sees and changes of customers."""
    words = {key: str(label) for key, label in RoleRight.Scope.choices}
    sees, changes = rights.scope("view", CUSTOMER), rights.scope("change", CUSTOMER)
    if sees is None:
        return gettext("看不到客户")
    if changes is None:
        return gettext("客户：看%(sees)s，不能改") % {"sees": words[sees.key]}
    return gettext("客户：看%(sees)s，改%(changes)s") % {"sees": words[sees.key], "changes": words[changes.key]}


@require_http_methods(["GET", "HEAD", "POST"])
def team_new(request: Request) -> HttpResponse:
    require(request.user, "create", Team)
    form = TeamForm(request.POST or None)
    status = 200 if request.method != "POST" else UNPROCESSABLE
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = add_team(name=given["name"], by=request.user, parent=given["parent"])
            change_team(team=made, by=request.user, **given)
        except ZhikeError as error:
            tell(form, error)
            status = error.status
        else:
            messages.success(request, gettext("团队 %(name)s 已保存") % {"name": made.name})
            return redirect("web:teams")
    return render(request, "web/team_form.html", {"section": "settings", "form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def team(request: Request, pk: int) -> HttpResponse:
    found = get_visible(request.user, Team, pk=pk)
    require(request.user, "change", Team)
    form = TeamForm(request.POST or None, team=found)
    status = 200 if request.method != "POST" else UNPROCESSABLE
    if request.method == "POST" and form.is_valid():
        try:
            found = change_team(team=found, by=request.user, **form.cleaned_data)
        except ZhikeError as error:
            tell(form, error)
            status = error.status
        else:
            messages.success(request, gettext("团队 %(name)s 已保存") % {"name": found.name})
            return redirect("web:teams")
    context = {
        "section": "settings",
        "form": form,
        "team": found,
        "may_remove": can(request.user, "delete", Team),
        "members": found.members.filter(is_active=True).select_related("role").order_by("name"),
    }
    return render(request, "web/team_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def territory_new(request: Request) -> HttpResponse:
    require(request.user, "create", Territory)
    return _territory(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def territory(request: Request, pk: int) -> HttpResponse:
    found = get_visible(request.user, Territory, pk=pk)
    require(request.user, "change", Territory)
    return _territory(request, found)


def _territory(request: Request, found: Territory | None) -> HttpResponse:
    form = TerritoryForm(request.POST or None, territory=found)
    status = 200 if request.method != "POST" else UNPROCESSABLE
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = set_territory(
                territory=found,
                by=request.user,
                name=given["name"],
                bounds=form.bounds,
                users=given["users"],
                teams=given["teams"],
            )
        except ZhikeError as error:
            tell(form, error)
            status = error.status
        else:
            messages.success(request, gettext("辖区 %(name)s 已保存") % {"name": made.name})
            return redirect("web:teams")
    may_remove = found is not None and can(request.user, "delete", Territory)
    context = {"section": "settings", "form": form, "territory": found, "may_remove": may_remove}
    return render(request, "web/territory_form.html", context, status=status)
