"""Shows each person the program in their own language, days as the company has them and moments as their own clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone, translation

from zhike.accounts.models import User
from zhike.accounts.queries import company
from zhike.accounts.sessions import SessionStore
from zhike.accounts.sign_in import remote_address
from zhike.base import clock
from zhike.base.zones import show_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


class PersonMiddleware:
    """Speak the language of whoever signed in; `LocaleMiddleware` has chosen for all others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not isinstance(request.user, User):
            return self.get_response(request)
        if request.path != reverse("web:pulse"):  # an open page asks by itself: that is nobody being here
            _see(request, request.user)
        translation.activate(request.user.language)
        request.company = company()  # type: ignore[attr-defined]  # every page shows its name or currency
        with timezone.override(request.company.zone), show_in(request.user.zone):  # type: ignore[attr-defined]
            response = self.get_response(request)
        response.headers["Content-Language"] = translation.get_language() or ""
        return response


def _see(request: HttpRequest, user: User) -> None:
    """Write down every few minutes that this person is here."""
    assert isinstance(request.session, SessionStore)
    if request.session.see(remote_address(request)):
        User.objects.filter(pk=user.pk).update(last_seen_at=clock.now())
