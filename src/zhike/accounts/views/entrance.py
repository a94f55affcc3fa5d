"""Coming in: by password and second factor, by passkey, by an invitation, or after a password was lost; and leaving.

A link that somebody was sent is read once, from the address, and kept in the session: the form that
follows has an address of its own, so no log has a link that still opens something.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.actions import change_preferences, clean_email
from zhike.accounts.actions.invitations import accept_invitation, invitation_of
from zhike.accounts.actions.passkeys import PasskeyRefused, ask_for_passkey, take_passkey
from zhike.accounts.actions.passwords import LinkSpent, reset_password, user_of_reset
from zhike.accounts.actions.second_factors import has_second_factor, take_second_factor
from zhike.accounts.forms import CodeForm, ForgottenForm, JoinForm, NewPasswordForm, SignInForm
from zhike.accounts.models import Authenticator, Passkey, User
from zhike.accounts.proof import prove
from zhike.accounts.sessions import begin
from zhike.accounts.sign_in import (
    SignInRefused,
    TooManyTries,
    count_try,
    forgive,
    identify,
    remote_address,
    tell_refused,
)
from zhike.accounts.tasks import ask_for_reset_link
from zhike.accounts.views.pending import Pending
from zhike.accounts.views.steps import safe_next
from zhike.audit.actions import record
from zhike.base import clock
from zhike.base.forms import tell
from zhike.base.inputs import Invalid, json_body
from zhike.base.mail import can_mail, site_of
from zhike.base.secrets import seal, unseal

if TYPE_CHECKING:
    from django import forms
    from django.http import HttpRequest, HttpResponse

    from zhike.core.errors import ZhikeError

UNPROCESSABLE = 422
ANSWER_MOST, ANSWER_DEEPEST = 20_000, 5
ASKED, RESET, INVITED = "_passkey", "_reset", "_invited"
# Stands for the name where a passkey is to say it. No address is written so.
ANY_PASSKEY = "passkey"


@sensitive_post_parameters("password")
@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    after = safe_next(request)
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
        return _refused(request, "accounts/sign_in.html", context, form, error)
    if has_second_factor(user):
        Pending.keep(request, user, after)
        return redirect("accounts:second")
    _admit(request, user, "password")
    return redirect(after)


@sensitive_post_parameters("code")
@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def second(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor of somebody whose password was right."""
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    pending = Pending.of(request)
    if pending is None:
        return redirect("accounts:sign_in")
    form = CodeForm(request.POST if request.method == "POST" else None)
    context = {
        "form": form,
        "has_app": Authenticator.objects.filter(user=pending.user, confirmed_at__isnull=False).exists(),
        "has_passkey": Passkey.objects.filter(user=pending.user).exists(),
        "next": pending.after,
    }
    if request.method != "POST":
        return render(request, "accounts/second.html", context)
    if not form.is_valid():
        return render(request, "accounts/second.html", context, status=UNPROCESSABLE)
    try:
        _take_code(request, pending.user, form.cleaned_data["code"])
    except (SignInRefused, TooManyTries) as error:
        return _refused(request, "accounts/second.html", context, form, error)
    _admit(request, pending.user, "code")
    return redirect(pending.after)


def _take_code(request: HttpRequest, user: User, code: str) -> None:
    """Take a code or refuse it; who guesses codes is counted as who guesses passwords is."""
    address = remote_address(request)
    attempt = count_try(user.email, address)
    if not take_second_factor(user=user, code=code):
        tell_refused("code", email=user.email, address=address, user=user)
        raise SignInRefused(
            "验证码不对，或者已经用过；等下一个再试。", "The code is wrong or was used already. Wait for the next."
        )
    attempt.delete()


@never_cache
@login_not_required
@require_POST
def passkey_ask(request: HttpRequest) -> HttpResponse:
    """Say what the browser has to prove: any passkey, or one of whoever has given the password."""
    pending = Pending.of(request)
    asked = ask_for_passkey(site=site_of(request), user=pending.user if pending else None)
    request.session[ASKED] = asked.state
    return JsonResponse(asked.options)


@never_cache
@login_not_required
@require_POST
def passkey_sign_in(request: HttpRequest) -> HttpResponse:
    answer = json_body(request, most=ANSWER_MOST, deepest=ANSWER_DEEPEST)
    pending = Pending.of(request)
    state = request.session.pop(ASKED, None)
    user = _take_passkey(request, state, answer, pending.user if pending else None)
    after = pending.after if pending else safe_next(request, str(answer.get("next") or ""))
    _admit(request, user, "passkey")
    return JsonResponse({"url": after})


def _take_passkey(request: HttpRequest, state: object, answer: dict[str, Any], user: User | None) -> User:
    """Take a passkey or refuse it. Tries are counted here too: without that, anybody could fill the audit log."""
    email, address = user.email if user else ANY_PASSKEY, remote_address(request)
    attempt = count_try(email, address)
    try:
        found = take_passkey(site=site_of(request), state=state, answer=answer, user=user)
    except PasskeyRefused:
        tell_refused("passkey", email=email, address=address, user=user)
        raise
    attempt.delete()
    return found


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    record("session.closed", by=request.user, subject=request.user)
    logout(request)
    return redirect("accounts:sign_in")


@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Have a letter written. The answer is the same whether the address is somebody's or not."""
    if not can_mail():
        return render(request, "accounts/forgotten.html", {"can_mail": False})
    form = ForgottenForm(request.POST if request.method == "POST" else None)
    context = {"form": form, "can_mail": True}
    if request.method != "POST":
        return render(request, "accounts/forgotten.html", context)
    if not form.is_valid():
        return render(request, "accounts/forgotten.html", context, status=UNPROCESSABLE)
    try:
        email = clean_email(form.cleaned_data["email"])
        count_try("", remote_address(request))
    except (Invalid, TooManyTries) as error:
        return _refused(request, "accounts/forgotten.html", context, form, error)
    ask_for_reset_link(email)
    return render(request, "accounts/forgotten.html", {"can_mail": True, "asked": email})


@never_cache
@login_not_required
@require_safe
def reset_link(request: HttpRequest, token: str) -> HttpResponse:
    user_of_reset(token)
    request.session[RESET] = seal(token)
    return redirect("accounts:new_password")


@sensitive_post_parameters("password")
@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_password(request: HttpRequest) -> HttpResponse:
    """Replace a lost password. Whoever has a second factor is still asked for it."""
    token = _kept(request, RESET)
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    context = {"form": form, "person": user_of_reset(token)}
    if request.method != "POST":
        return render(request, "accounts/new_password.html", context)
    if not form.is_valid():
        return render(request, "accounts/new_password.html", context, status=UNPROCESSABLE)
    try:
        reset_password(token=token, password=form.cleaned_data["password"])
    except Invalid as error:
        return _refused(request, "accounts/new_password.html", context, form, error)
    logout(request)
    messages.success(request, gettext("密码换好了，用新密码登录"))
    return redirect("accounts:sign_in")


@never_cache
@login_not_required
@require_safe
def join_link(request: HttpRequest, token: str) -> HttpResponse:
    invitation_of(token)
    request.session[INVITED] = seal(token)
    return redirect("accounts:join")


@sensitive_post_parameters("password")
@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    token = _kept(request, INVITED)
    invitation = invitation_of(token)
    form = JoinForm(request.POST if request.method == "POST" else None, initial={"name": invitation.name})
    context = {"form": form, "invitation": invitation}
    if request.method != "POST":
        return render(request, "accounts/join.html", context)
    if not form.is_valid():
        return render(request, "accounts/join.html", context, status=UNPROCESSABLE)
    try:
        user = accept_invitation(token=token, **form.cleaned_data)
    except Invalid as error:
        return _refused(request, "accounts/join.html", context, form, error)
    logout(request)
    _admit(request, user, "invitation")
    return redirect(settings.LOGIN_REDIRECT_URL)


def _kept(request: HttpRequest, name: str) -> str:
    """Return the token of a link that was opened; in the session it is ciphertext, as everything that opens something."""
    sealed = request.session.get(name)
    if sealed is None:
        raise LinkSpent
    return unseal(sealed)


def _refused(
    request: HttpRequest, template: str, context: dict[str, object], form: forms.Form, error: ZhikeError
) -> HttpResponse:
    tell(form, error)
    return render(request, template, context, status=error.status)


def _admit(request: HttpRequest, user: User, factor: str) -> None:
    """Let somebody in who has proved all that is asked for, the last of it by `factor`."""
    address = remote_address(request)
    forgive(email=user.email, address=address)
    Pending.forget(request)
    login(request, user)
    record("session.opened", by=user, subject=user, data={"factor": factor})
    begin(request, address)
    prove(request)
    User.objects.filter(pk=user.pk).update(last_seen_at=clock.now())
    _keep_chosen_language(request, user)


def _keep_chosen_language(request: HttpRequest, user: User) -> None:
    """Whoever switched the language on the sign-in page means it for what follows."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    if chosen in User.Language.values and chosen != user.language:
        change_preferences(user=user, language=chosen)
