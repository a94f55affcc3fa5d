"""Who is at the keyboard right now: asked again before anything that would keep a stranger in."""

from __future__ import annotations

from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Concatenate
from urllib.parse import urlencode

from django.shortcuts import redirect
from django.urls import reverse

from zhike.base import clock
from zhike.base.errors import Forbidden

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

PROVED_AT = "_proved_at"
LASTS = timedelta(minutes=15)


class ProofWanted(Forbidden):
    """The password was given too long ago for this."""

    code = "proof_wanted"

    def __init__(self) -> None:
        super().__init__(
            "隔得太久了，刷新这一页，再输一次密码。",
            "That was a while ago. Reload the page and give your password again.",
        )


def prove(request: HttpRequest) -> None:
    """Write down that this person has just proved who they are."""
    request.session[PROVED_AT] = int(clock.now().timestamp())


def is_proved(request: HttpRequest) -> bool:
    proved_at: int = request.session.get(PROVED_AT, 0)
    return clock.now().timestamp() - proved_at < LASTS.total_seconds()


def proven[**P](
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Ask for the password first, unless it was given a moment ago. A script is told in words."""

    @wraps(view)
    def asked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if is_proved(request):
            return view(request, *args, **kwargs)
        if "application/json" in request.headers.get("Accept", ""):
            raise ProofWanted
        after = request.get_full_path() if request.method == "GET" else reverse("accounts:security")
        return redirect(f"{reverse('accounts:prove')}?{urlencode({'next': after})}")

    return asked
