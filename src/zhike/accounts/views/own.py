"""A person's own things: how the program looks, and how they come in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import activate, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.actions import change_preferences
from zhike.accounts.actions.passkeys import add_passkey, ask_for_new_passkey, remove_passkey
from zhike.accounts.actions.passwords import change_password
from zhike.accounts.actions.second_factors import (
    begin_authenticator,
    confirm_authenticator,
    draw_recovery_codes,
    has_second_factor,
    remove_authenticator,
)
from zhike.accounts.actions.sessions import end_other_sessions, end_session
from zhike.accounts.devices import device, is_phone
from zhike.accounts.forms import ChangePasswordForm, CodeForm, PasskeyForm, ProveForm, SettingsForm
from zhike.accounts.models import Authenticator, Passkey, RecoveryCode, Session, User
from zhike.accounts.policy import visible
from zhike.accounts.proof import prove, proven
from zhike.accounts.sessions import SessionStore
from zhike.accounts.settings_links import links
from zhike.accounts.sign_in import SignInRefused, TooManyTries, count_try, identify, remote_address, tell_refused
from zhike.accounts.views.steps import safe_next
from zhike.base import clock
from zhike.base.errors import current_language
from zhike.base.forms import tell
from zhike.base.inputs import Invalid, json_body
from zhike.base.mail import site_of

if TYPE_CHECKING:
    from django import forms
    from django.http import HttpRequest, HttpResponse
    from django.utils.safestring import SafeString


UNPROCESSABLE = 422
ANSWER_MOST, ANSWER_DEEPEST = 40_000, 5
NEW = "_new_passkey"
SESSIONS_SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
def own_settings(request: HttpRequest) -> HttpResponse:
    user = _person(request)
    form = SettingsForm(request.POST or None, initial={name: getattr(user, name) for name in SettingsForm.base_fields})
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


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Password, second factor, passkeys, and where one is signed in."""
    return render(request, "accounts/security.html", _security(request))


def _security(request: HttpRequest, **more: object) -> dict[str, object]:
    user = _person(request)
    codes = visible(user, RecoveryCode).filter(user=user)
    return {
        "section": "settings",
        "has_app": visible(user, Authenticator).filter(user=user, confirmed_at__isnull=False).exists(),
        "passkeys": visible(user, Passkey).filter(user=user),
        "codes_left": codes.filter(used_at=None).count(),
        "is_guarded": has_second_factor(user),
        "sessions": _sessions(request, user),
        "password_form": ChangePasswordForm(),
        "passkey_form": PasskeyForm(),
        **more,
    }


def _sessions(request: HttpRequest, user: User) -> list[dict[str, object]]:
    rows = visible(user, Session).filter(user=user, expire_date__gt=clock.now()).defer("session_data")
    return [
        {
            "key": row.session_key,
            "device": device(row.agent),
            "is_phone": is_phone(row.agent),
            "address": row.address,
            "started_at": row.started_at,
            "last_seen_at": row.last_seen_at,
            "is_this": row.session_key == _row_key(request),
        }
        for row in rows.order_by("-last_seen_at", "session_key")[:SESSIONS_SHOWN]
    ]


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask_for_proof(request: HttpRequest) -> HttpResponse:
    """Ask for the password once more. Wrong ones count as wrong ones at the door do."""
    user, after = _person(request), safe_next(request, usual=reverse("accounts:security"))
    form = ProveForm(request.POST if request.method == "POST" else None)
    context = {"form": form, "next": after, "section": "settings"}
    if request.method != "POST":
        return render(request, "accounts/prove.html", context)
    if not form.is_valid():
        return render(request, "accounts/prove.html", context, status=UNPROCESSABLE)
    try:
        identify(email=user.email, password=form.cleaned_data["password"], address=remote_address(request))
    except SignInRefused:
        form.add_error("password", gettext("密码不对"))
        return render(request, "accounts/prove.html", context, status=UNPROCESSABLE)
    except TooManyTries as error:
        form.add_error("password", error.message(current_language()))
        return render(request, "accounts/prove.html", context, status=error.status)
    prove(request)
    return redirect(after)


@sensitive_post_parameters("present", "password")
@require_POST
def own_password(request: HttpRequest) -> HttpResponse:
    user = _person(request)
    form = ChangePasswordForm(request.POST)
    status = UNPROCESSABLE
    if form.is_valid():
        try:
            changed = _change_password(request, user, form)
        except (Invalid, TooManyTries) as error:
            tell(form, error)
            status = error.status
        else:
            request.user = changed
            update_session_auth_hash(request, changed)
            messages.success(request, gettext("密码换好了，别处的登录都已结束"))
            return redirect("accounts:security")
    return render(request, "accounts/security.html", _security(request, password_form=form), status=status)


def _change_password(request: HttpRequest, user: User, form: forms.Form) -> User:
    """Change it. A stranger at an open screen gets no more tries than one at the door."""
    address = remote_address(request)
    attempt = count_try(user.email, address)
    try:
        changed = change_password(user=user, keep=_row_key(request), **form.cleaned_data)
    except Invalid as error:
        if error.path == "present":
            tell_refused("present", email=user.email, address=address, user=user)
        else:
            attempt.delete()
        raise
    attempt.delete()
    return changed


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@proven
def authenticator(request: HttpRequest) -> HttpResponse:
    """Set up the app: the QR code, and the first code that it shows."""
    user = _person(request)
    form = CodeForm(request.POST if request.method == "POST" else None)
    status = 200 if request.method != "POST" else UNPROCESSABLE
    if request.method == "POST" and form.is_valid():
        try:
            codes = confirm_authenticator(user=user, code=form.cleaned_data["code"])
        except Invalid as error:
            tell(form, error)
        else:
            messages.success(request, gettext("验证器已启用，下次登录会问验证码"))
            return _codes(request, codes)
    try:
        setup = begin_authenticator(user=user)
    except Invalid:
        return redirect("accounts:security")
    context = {"form": form, "section": "settings", "secret": _grouped(setup.secret), "picture": _qr(setup.uri)}
    return render(request, "accounts/authenticator.html", context, status=status)


@require_POST
@proven
def authenticator_remove(request: HttpRequest) -> HttpResponse:
    remove_authenticator(user=_person(request))
    messages.success(request, gettext("验证器已停用"))
    return redirect("accounts:security")


@never_cache
@require_POST
@proven
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Draw new codes and show them, this once."""
    user = _person(request)
    if not has_second_factor(user):
        return redirect("accounts:security")
    return _codes(request, draw_recovery_codes(user=user))


@require_POST
@proven
def passkey_new_ask(request: HttpRequest) -> HttpResponse:
    asked = ask_for_new_passkey(user=_person(request), site=site_of(request))
    request.session[NEW] = asked.state
    return JsonResponse(asked.options)


@never_cache
@require_POST
@proven
def passkey_new(request: HttpRequest) -> HttpResponse:
    """Keep what the browser made; the answer to its script is where to go, or the codes to show."""
    answer = json_body(request, most=ANSWER_MOST, deepest=ANSWER_DEEPEST)
    codes = add_passkey(
        user=_person(request),
        site=site_of(request),
        state=request.session.pop(NEW, None),
        answer=answer,
        name=str(answer.get("name") or ""),
    )
    if codes:
        return _codes(request, codes)
    messages.success(request, gettext("通行密钥已登记"))
    return JsonResponse({"url": reverse("accounts:security")})


@require_POST
@proven
def passkey_remove(request: HttpRequest, pk: int) -> HttpResponse:
    remove_passkey(user=_person(request), pk=pk)
    messages.success(request, gettext("通行密钥已删除"))
    return redirect("accounts:security")


@require_POST
def session_end(request: HttpRequest) -> HttpResponse:
    """End one of one's sessions, or without a name all the others."""
    user, row_key = _person(request), request.POST.get("session", "")
    if row_key:
        end_session(user=user, row_key=row_key)
        messages.success(request, gettext("那里的登录已结束"))
    else:
        end_other_sessions(user=user, keep=_row_key(request))
        messages.success(request, gettext("别处的登录都已结束"))
    return redirect("accounts:security")


def _codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    if not codes:
        return redirect("accounts:security")
    script = "application/json" in request.headers.get("Accept", "")
    template = "accounts/recovery_codes.html#codes" if script else "accounts/recovery_codes.html"
    return render(request, template, {"codes": codes, "section": "settings"})


def _qr(uri: str) -> SafeString:
    """Draw the code. Its colours are of the style sheet, its edges sharp at any size."""
    drawn = segno.make(uri, error="m").svg_inline(scale=4, border=2, omitsize=True, svgclass="zk-qr", lineclass=None)
    return mark_safe(drawn)  # noqa: S308  drawn here, of squares


def _grouped(secret: str) -> str:
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def _row_key(request: HttpRequest) -> str:
    assert isinstance(request.session, SessionStore)
    return request.session.row_key


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
