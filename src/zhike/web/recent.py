"""Whom a person opened last: numbers in a cookie of theirs, which nobody else's search reads and no table keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from django.http import HttpResponse

    from zhike.web.request import Request

COOKIE = "zhike_recent"
KEPT = 12
_AGE = 30 * 24 * 3600
_MOST_DIGITS = 18


def recent(request: Request) -> list[int]:
    """Return the customers that this person opened in this browser, the last first."""
    user, _, numbers = request.COOKIES.get(COOKIE, "").partition(":")
    if user != str(request.user.pk):
        return []
    known = [number for number in numbers.split(".") if number.isascii() and number.isdigit()]
    return [int(number) for number in known[:KEPT] if len(number) <= _MOST_DIGITS]


def remember(request: Request, response: HttpResponse, customer: int) -> HttpResponse:
    """Put a customer before those that were opened earlier."""
    others = [pk for pk in recent(request) if pk != customer]
    numbers = ".".join(map(str, [customer, *others][:KEPT]))
    response.set_cookie(
        COOKIE,
        f"{request.user.pk}:{numbers}",
        max_age=_AGE,
        httponly=True,
        samesite="Lax",
        secure=bool(settings.SESSION_COOKIE_SECURE),
    )
    return response
