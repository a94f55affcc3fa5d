"""Who someone is, by e-mail and password, and an end to guessing.

Failures are counted in the database, since several processes answer. The narrow count is of one
address trying one e-mail, so that nobody can lock a colleague out from elsewhere; the wide ones
stop a list of passwords or a list of people. An address from which the person is signed in already
is not held to the count of strangers' tries, so whoever guesses from everywhere does not shut them out.

A try is counted before it is answered, and forgiven when it was right: many at once count each other.

What is refused stands in the audit log: whose door it was, where somebody has one, and never what was
typed. People type passwords into the wrong field, so of the name there is a keyed digest, by which tries
of the same name are seen to be that. A name that nobody has costs the same rows as one that somebody has.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

from zhike.accounts.models import Session, SignInFailure, User
from zhike.audit.actions import record
from zhike.audit.models import Entry
from zhike.base import clock
from zhike.core.errors import ZhikeError

if TYPE_CHECKING:
    from django.http import HttpRequest

WINDOW = timedelta(minutes=15)
TRIES_PAIR = 8
TRIES_ADDRESS = 40
TRIES_EMAIL = 40
NAME_SHOWN = 16


class SignInRefused(ZhikeError):
    """Wrong e-mail or wrong password: which of the two, only the owner knows."""

    code = "sign_in_refused"
    status = 422

    def __init__(self, zh: str = "邮箱或密码不对。", en: str = "The e-mail or the password is wrong.") -> None:
        super().__init__(zh, en)


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
    """Return the person, or refuse. A refusal costs the same time whoever was named.

    This is the password alone: `second_factors.has_second_factor` says whether more is asked for.
    """
    email = email.strip().casefold()
    attempt = count_try(email, address)
    user = User.objects.filter(email=email).first()
    if user is None or not user.is_active:
        make_password(password)
    elif check_password(password, user.password):
        attempt.delete()
        return user
    tell_refused("password", email=email, address=address, user=user)
    raise SignInRefused


def tell_refused(why: str, *, email: str, address: str, user: User | None) -> None:
    """Write down a try that was refused: `why` is what was wrong, a password, a code or a passkey."""
    data = {"why": why, "name": _name_code(email), "address": address}
    record("session.refused", by=None, subject=user, data=data)


def count_try(email: str, address: str) -> SignInFailure:
    """Count a try as failed, or raise `TooManyTries`; whoever finds it right deletes the row."""
    since = clock.now() - WINDOW
    attempt = SignInFailure.objects.create(email=email, address=address, at=clock.now())
    near = SignInFailure.objects.filter(Q(email=email) | Q(address=address), at__gt=since).exclude(pk=attempt.pk)
    pairs = list(near.values_list("email", "address"))
    if why := _too_many(pairs, email, address):
        attempt.delete()  # what is not answered tells a guesser nothing
        _tell_locked(why, email, address)
        raise TooManyTries
    return attempt


def forgive(*, email: str, address: str) -> None:
    """Forget the failures of somebody who is in, and those that no longer count."""
    SignInFailure.objects.filter(Q(email=email, address=address) | Q(at__lt=clock.now() - WINDOW)).delete()


def _too_many(pairs: list[tuple[str, str]], email: str, address: str) -> str:
    """Return what was tried too often: this name from this ``address``, names ``from`` it, or the ``name``."""
    if pairs.count((email, address)) >= TRIES_PAIR:
        return "address"
    if sum(by == address for _, by in pairs) >= TRIES_ADDRESS:
        return "from"
    is_name = "@" in email  # else it is nobody's: one address must not shut out all the others
    if is_name and sum(whose == email for whose, _ in pairs) >= TRIES_EMAIL and not _is_at_home(email, address):
        return "name"
    return ""


def _tell_locked(why: str, email: str, address: str) -> None:
    """Write a lock-out down once as long as it lasts: whoever goes on trying does not fill the log."""
    data = {"why": why, "name": _name_code(email), "address": address}
    known = {"address": ("name", "address"), "from": ("address",), "name": ("name",)}[why]
    told = Entry.objects.filter(action="session.locked", at__gt=Now() - WINDOW, data__why=why)
    if told.filter(**{f"data__{name}": data[name] for name in known}).exists():
        return
    record("session.locked", by=None, subject=User.objects.filter(email=email).first(), data=data)


def _name_code(email: str) -> str:
    return salted_hmac("zhike.accounts.sign_in", email, algorithm="sha256").hexdigest()[:NAME_SHOWN]


def _is_at_home(email: str, address: str) -> bool:
    """Say whether this person is signed in from there already."""
    return Session.objects.filter(user__email=email, address=address, expire_date__gt=clock.now()).exists()


def remote_address(request: HttpRequest) -> str:
    """Return where the request came from; behind a declared proxy, what the proxy says.

    The proxy adds its word at the end: whatever stands before it, anybody may have written.
    """
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.SECURE_PROXY_SSL_HEADER else ""
    return (forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", ""))[:64]
