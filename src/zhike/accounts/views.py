"""Signing in and out, and a person's own settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import activate, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from zhike.accounts.actions import change_preferences
from zhike.accounts.forms import SettingsForm, SignInForm
from zhike.accounts.models import User
from zhike.accounts.settings_links import links
from zhike.accounts.sign_in import SignInRefused, TooManyTries, identify, remote_address
from zhike.audit.actions import record
from zhike.base.errors import current_language

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

UNPROCESSABLE = 422


@sensitive_post_parameters("password")
@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    after = _safe_next(request)
    if request.user.is_authenticated:
        return redirect(after)
    form = SignInForm(request.POST or None)
    context = {"form": form, "next": after}
    if request.method != "POST":
        return render(request, "accounts/sign_in.html", context)
    if not form.is_valid():
        return render(request, "accounts/sign_in.html", context, status=UNPROCESSABLE)
    try:
        user = identify(**form.cleaned_data, address=remote_address(request))
    except (SignInRefused, TooManyTries) as error:
        form.add_error(None, error.message(current_language()))
        return render(request, "accounts/sign_in.html", context, status=error.status)
    login(request, user)
    record("session.opened", by=user, subject=user)
    _keep_chosen_language(request, user)
    return redirect(after)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    record("session.closed", by=request.user, subject=request.user)
    logout(request)
    return redirect("accounts:sign_in")


@require_http_methods(["GET", "HEAD", "POST"])
def own_settings(request: HttpRequest) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)
    form = SettingsForm(request.POST or None, initial={"language": user.language, "theme": user.theme})
    context = {"form": form, "section": "settings", "links": links(user)}
    if request.method != "POST":
        return render(request, "accounts/settings.html", context)
    if not form.is_valid():
        return render(request, "accounts/settings.html", context, status=UNPROCESSABLE)
    change_preferences(user=user, **form.cleaned_data)
    activate(user.language)
    messages.success(request, gettext("设置已保存"))
    response = redirect("accounts:settings")
    # The sign-in page speaks the same language after signing out.
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language, samesite="Lax", secure=request.is_secure())
    return response


def _keep_chosen_language(request: HttpRequest, user: User) -> None:
    """Whoever switched the language on the sign-in page means it for what follows."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    if chosen in User.Language.values and chosen != user.language:
        change_preferences(user=user, language=chosen)


def _safe_next(request: HttpRequest) -> str:
    """Return where to go after signing in: a path of this site, never another's."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else settings.LOGIN_REDIRECT_URL
