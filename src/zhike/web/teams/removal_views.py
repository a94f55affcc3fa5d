"""Taking a team, a role or a territory away: what that means, and who takes over what hangs on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from zhike.accounts.actions.roles import remove_role
from zhike.accounts.actions.teams import remove_team
from zhike.accounts.actions.territories import remove_territory
from zhike.accounts.models import Role, Team, Territory
from zhike.accounts.policy import get_visible, require, visible
from zhike.accounts.removals import on_role, on_team, on_territory
from zhike.accounts.roles import may_grant
from zhike.base.forms import Form, tell
from zhike.core.errors import ZhikeError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.db.models import Model, QuerySet
    from django.http import HttpResponse

    from zhike.accounts.removals import Hanging
    from zhike.web.request import Request


class PlaceForm(Form):
    """Which other one takes over."""

    to = forms.ModelChoiceField(label=_("交给"), queryset=Team.objects.none(), required=False, empty_label=_("请选择"))

    def __init__(self, data: object, others: QuerySet[Model]) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # of a request, or none
        self.fields["to"].queryset = others  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Leaving:
    """What is taken away: its name, the page it has, what goes to another one and what ends, in words."""

    title: str
    name: str
    url: str
    moves: Sequence[str]
    ends: Sequence[str]


@require_http_methods(["GET", "HEAD", "POST"])
def team_remove(request: Request, pk: int) -> HttpResponse:
    require(request.user, "delete", Team)
    found = get_visible(request.user, Team, pk=pk)
    hanging = on_team(found)
    leaving = Leaving(
        title=gettext("移除团队"),
        name=found.name,
        url=reverse("web:team", args=[pk]),
        moves=_moving(hanging),
        ends=_ending(hanging),
    )
    others = visible(request.user, Team).exclude(pk=pk).order_by("name")
    return _remove(request, leaving, hanging, others, lambda to: remove_team(team=found, by=request.user, to=to))  # type: ignore[arg-type]


@require_http_methods(["GET", "HEAD", "POST"])
def role_remove(request: Request, key: str) -> HttpResponse:
    require(request.user, "delete", Role)
    found = get_visible(request.user, Role, key=key)
    hanging = on_role(found)
    ends = [gettext("他们的登录都结束，再登录就是新角色")] if hanging.people else []
    leaving = Leaving(
        title=gettext("移除角色"),
        name=str(found),
        url=reverse("web:role", args=[key]),
        moves=_moving(hanging),
        ends=ends,
    )
    roles = visible(request.user, Role).exclude(pk=key)
    others = roles.filter(pk__in=[role.pk for role in roles if may_grant(request.user, role.key)])
    return _remove(request, leaving, hanging, others, lambda to: remove_role(role=found, by=request.user, to=to))  # type: ignore[arg-type]


@require_http_methods(["GET", "HEAD", "POST"])
def territory_remove(request: Request, pk: int) -> HttpResponse:
    require(request.user, "delete", Territory)
    found = get_visible(request.user, Territory, pk=pk)
    hanging = on_territory(found)
    leaving = Leaving(
        title=gettext("移除辖区"),
        name=found.name,
        url=reverse("web:territory", args=[pk]),
        moves=_moving(hanging),
        ends=[gettext("因为这个辖区才看得到的客户，就看不到了")] if hanging else [],
    )
    others = visible(request.user, Territory).exclude(pk=pk)
    return _remove(
        request,
        leaving,
        hanging,
        others,
        lambda to: remove_territory(territory=found, by=request.user, to=to),  # type: ignore[arg-type]
    )


def _remove(
    request: Request,
    leaving: Leaving,
    hanging: Hanging,
    others: QuerySet[Model],
    remove: Callable[[Model | None], None],
) -> HttpResponse:
    form = PlaceForm(request.POST if request.method == "POST" else None, others)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                remove(form.cleaned_data["to"])
            except ZhikeError as error:
                tell(form, error)
                status = error.status
            else:
                messages.success(request, gettext("%(name)s 已移除") % {"name": leaving.name})
                return redirect("web:teams")
    context = {"section": "settings", "leaving": leaving, "hanging": hanging, "form": form}
    return render(request, "web/removal.html", context, status=status)


def _moving(hanging: Hanging) -> list[str]:
    """Return what goes to another one, in words."""
    found = []
    if n := hanging.people:
        found.append(ngettext("%(n)s 个人", "%(n)s 个人", n) % {"n": n})
    if n := hanging.teams:
        found.append(ngettext("%(n)s 个团队", "%(n)s 个团队", n) % {"n": n})
    if n := hanging.invitations:
        found.append(ngettext("%(n)s 份邀请", "%(n)s 份邀请", n) % {"n": n})
    if n := (hanging.others or {}).get("classification.SavedView", 0):
        found.append(ngettext("%(n)s 个视图", "%(n)s 个视图", n) % {"n": n})
    if n := (hanging.others or {}).get("assignment.Rule", 0):
        found.append(ngettext("%(n)s 条分配规则", "%(n)s 条分配规则", n) % {"n": n})
    if n := (hanging.others or {}).get("notices.Channel", 0):
        found.append(ngettext("%(n)s 个群机器人", "%(n)s 个群机器人", n) % {"n": n})
    return found


def _ending(hanging: Hanging) -> list[str]:
    """Return what ends with a team, in words."""
    found = []
    if n := hanging.below:
        found.append(ngettext("%(n)s 个下级团队移到上一级", "%(n)s 个下级团队移到上一级", n) % {"n": n})
    if n := hanging.shares:
        found.append(ngettext("共享给它的 %(n)s 位客户不再共享", "共享给它的 %(n)s 位客户不再共享", n) % {"n": n})
    if n := hanging.territories:
        found.append(ngettext("它不再负责 %(n)s 个辖区", "它不再负责 %(n)s 个辖区", n) % {"n": n})
    return found
