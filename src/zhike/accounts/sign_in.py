"""Who someone is, by e-mail and password, and an end to guessing.

Failures are counted in the database, since several processes answer. The narrow count is of one
address trying one e-mail, so that nobody can lock a colleague out from elsewhere; the wide ones
stop a list of passwords or a list of people.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db.models import Q

from zhike.accounts.models import SignInFailure, User
from zhike.base import clock
from zhike.core.errors import ZhikeError

if TYPE_CHECKING:
    from django.http import HttpRequest

WINDOW = timedelta(minutes=15)
TRIES_PAIR = 8
TRIES_ADDRESS = 60
TRIES_EMAIL = 60


class SignInRefused(ZhikeError):
    """Wrong e-mail or wrong password: which of the two, only the owner knows."""

    code = "sign_in_refused"
    status = 422

    def __init__(self) -> None:
        super().__init__("邮箱或密码不对。", "The e-mail or the password is wrong.")


class TooManyTries(ZhikeError):
    """Guessing, or someone who should ask for a new password."""

    code = "too_many_tries"
    status = 429

    def __init__(self) -> None:
        super().__init__(
            "试的次数太多了，15 分钟后再试，或者请管理员重设密码。",
            "Too many tries. Wait 15 minutes, or ask an administrator for a new password.",
        )


def identify(*, email: str, password: str, address: str) -> User:
    """Return the person, or refuse. A refusal costs the same time whoever was named."""
    email = email.strip().casefold()
    recent = SignInFailure.objects.filter(at__gt=clock.now() - WINDOW)
    near = recent.filter(Q(email=email) | Q(address=address))
    if _too_many(list(near.values_list("email", "address")), email, address):
        raise TooManyTries
    user = User.objects.filter(email=email, is_active=True).first()
    if user is None:
        make_password(password)
    elif check_password(password, user.password):
        SignInFailure.objects.filter(Q(email=email, address=address) | Q(at__lt=clock.now() - WINDOW)).delete()
        return user
    SignInFailure.objects.create(email=email, address=address, at=clock.now())
    raise SignInRefused


def _too_many(pairs: list[tuple[str, str]], email: str, address: str) -> bool:
    return (
        pairs.count((email, address)) >= TRIES_PAIR
        or sum(by == address for _, by in pairs) >= TRIES_ADDRESS
        or sum(whose == email for whose, _ in pairs) >= TRIES_EMAIL
    )


def remote_address(request: HttpRequest) -> str:
    """Return where the request came from; behind a declared proxy, what the proxy says."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.SECURE_PROXY_SSL_HEADER else ""
    return (forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", ""))[:64]
