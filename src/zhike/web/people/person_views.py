"""One colleague: name, role and team, whether they may sign in, and help for a bad day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from zhike.accounts.actions.passwords import reset_token
from zhike.accounts.actions.people import change_person, deactivate, reactivate
from zhike.accounts.actions.second_factors import has_second_factor, reset_second_factor
from zhike.accounts.actions.sessions import end_sessions
from zhike.accounts.models import Session, User
from zhike.accounts.policy import get_visible, require, visible
from zhike.accounts.roles import require_charge
from zhike.accounts.tasks import ask_for_reset_link
from zhike.base.clock import now
from zhike.base.errors import NotFound, current_language
from zhike.base.forms import tell
from zhike.base.mail import can_mail, site_of
from zhike.classification.handovers import belongings
from zhike.core.errors import ZhikeError
from zhike.web.people.forms import PersonForm

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.web.request import Request

UNPROCESSABLE = 422


@require_http_methods(["GET", "HEAD", "POST"])
def person(request: Request, pk: int) -> HttpResponse:
    found = _person(request, pk)
    form = PersonForm(request.POST if request.method == "POST" else None, by=request.user, person=found)
    if request.method != "POST":
        return render(request, "web/person.html", _page(request, found, form=form))
    if not form.is_valid():
        return render(request, "web/person.html", _page(request, found, form=form), status=UNPROCESSABLE)
    try:
        change_person(user=found, by=request.user, **form.cleaned_data)
    except ZhikeError as error:
        tell(form, error)
        return render(request, "web/person.html", _page(request, found, form=form), status=error.status)
    messages.success(request, gettext("已保存"))
    return redirect("web:person", pk)


@require_POST
def person_active(request: Request, pk: int) -> HttpResponse:
    """Let somebody in no more, or again. Whoever leaves with customers is led to handing them over."""
    found = _person(request, pk)
    if request.POST.get("active") == "yes":
        reactivate(user=found, by=request.user)
        messages.success(request, gettext("%(name)s 又可以登录了") % {"name": found.name})
        return redirect("web:person", pk)
    try:
        deactivate(user=found, by=request.user)
    except ZhikeError as error:
        context = _page(request, found, refusal=error.message(current_language()))
        return render(request, "web/person.html", context, status=error.status)
    messages.success(request, gettext("%(name)s 已停用，登录都已结束") % {"name": found.name})
    return redirect("web:hand_over" if belongings(request.user, found) else "web:person", pk)


@require_POST
def person_sessions(request: Request, pk: int) -> HttpResponse:
    found = _person(request, pk)
    n = end_sessions(user=found, by=request.user)
    messages.success(request, ngettext("结束了 %(n)s 处登录", "结束了 %(n)s 处登录", n) % {"n": n})
    return redirect("web:person", pk)


@require_POST
def person_second(request: Request, pk: int) -> HttpResponse:
    found = _person(request, pk)
    reset_second_factor(user=found, by=request.user)
    messages.success(request, gettext("%(name)s 下次只用密码登录，请他马上重新设置") % {"name": found.name})
    return redirect("web:person", pk)


@never_cache
@require_POST
def person_password(request: Request, pk: int) -> HttpResponse:
    """Have a link sent by which the password is set anew; where nothing can be sent it is shown this once."""
    found = _person(request, pk)
    require_charge(request.user, found)
    if not found.is_active:
        raise NotFound
    if can_mail():
        ask_for_reset_link(found.email)
        messages.success(request, gettext("重设链接会寄到 %(email)s") % {"email": found.email})
        return redirect("web:person", pk)
    link = site_of(request) + reverse("accounts:reset_link", args=[reset_token(found)])
    return render(request, "web/person.html", _page(request, found, link=link))


def _person(request: Request, pk: int) -> User:
    require(request.user, "change", User)
    found = get_visible(request.user, User, pk=pk)
    require(request.user, "change", found)
    return found


def _page(request: Request, found: User, *, form: PersonForm | None = None, **more: object) -> dict[str, object]:
    user = request.user
    return {
        "section": "settings",
        "person": found,
        "is_self": found.pk == user.pk,
        "is_guarded": has_second_factor(found),
        "sessions": visible(user, Session).filter(user=found, expire_date__gt=now()).count(),
        "owned": belongings(user, found),
        "form": form or PersonForm(by=user, person=found),
        "can_mail": can_mail(),
        **more,
    }
