"""One role with its rights as a matrix, and an own one made by copying it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from zhike.accounts.actions.roles import change_role, copy_role
from zhike.accounts.models import Role, User
from zhike.accounts.policy import can, get_visible, require, rights_of, rights_of_role, visible
from zhike.accounts.roles import may_grant
from zhike.base.forms import tell
from zhike.core.errors import ZhikeError
from zhike.core.text import Text
from zhike.web.teams.forms import RoleForm
from zhike.web.teams.matrix import matrix, read_rights

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.web.request import Request

UNPROCESSABLE = 422


@require_http_methods(["GET", "HEAD", "POST"])
def role(request: Request, key: str) -> HttpResponse:
    user = request.user
    found = get_visible(user, Role, key=key)
    rights = rights_of_role(found.key)
    start = {"label_zh": found.label_zh, "label_en": found.label_en}
    form = RoleForm(request.POST if request.method == "POST" else None, initial=start)
    status = 200
    if request.method == "POST":
        require(user, "change", Role)
        status = UNPROCESSABLE
        if form.is_valid():
            asked = read_rights(request.POST, rights)
            try:
                change_role(role=found, by=user, label=Text(**_label(form)), rights=asked)
            except ZhikeError as error:
                tell(form, error)
                status = error.status
            else:
                messages.success(request, gettext("角色 %(name)s 已保存") % {"name": form.cleaned_data["label_zh"]})
                return redirect("web:role", found.key)
    context = {
        "section": "settings",
        "role": found,
        "form": form,
        "matrix": matrix(rights, giver=rights_of(user)),
        "people": visible(user, User).filter(role=found, is_active=True).order_by("name", "pk")[:50],
        "may_change": can(user, "change", Role)
        and not found.is_builtin
        and found.key != user.role_key
        and may_grant(user, found.key),
        "may_remove": can(user, "delete", Role),
        "is_own": found.key == user.role_key,
        "may_copy": can(user, "create", Role) and may_grant(user, found.key),
    }
    return render(request, "web/role.html", context, status=status)


@require_POST
def role_copy(request: Request, key: str) -> HttpResponse:
    found = get_visible(request.user, Role, key=key)
    label = Text(gettext("%(name)s（副本）") % {"name": found.label_zh}, f"{found.label_en} (copy)")
    made = copy_role(role=found, label=label, by=request.user)
    messages.success(request, gettext("已复制，改好名称和权限再保存。"))
    return redirect("web:role", made.key)


def _label(form: RoleForm) -> dict[str, str]:
    given = form.cleaned_data
    return {"zh": given["label_zh"], "en": given["label_en"] or given["label_zh"]}
