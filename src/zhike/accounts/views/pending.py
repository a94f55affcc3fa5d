"""Somebody whose password was right and who has yet to prove the second factor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.crypto import constant_time_compare

from zhike.accounts.models import User
from zhike.base import clock

if TYPE_CHECKING:
    from django.http import HttpRequest

KEY = "_pending"
LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Pending:
    """Kept in the session, which is nobody's yet: good for ten minutes and for the password that was given."""

    user: User
    after: str

    @classmethod
    def keep(cls, request: HttpRequest, user: User, after: str) -> None:
        request.session.cycle_key()
        request.session[KEY] = {
            "user": user.pk,
            "hash": user.get_session_auth_hash(),
            "at": int(clock.now().timestamp()),
            "after": after,
        }

    @classmethod
    def of(cls, request: HttpRequest) -> Pending | None:
        found = request.session.get(KEY)
        if found is None or clock.now().timestamp() - found["at"] > LASTS.total_seconds():
            return None
        user = User.objects.filter(pk=found["user"], is_active=True).first()
        if user is None or not constant_time_compare(found["hash"], user.get_session_auth_hash()):
            return None
        return cls(user, found["after"])

    @staticmethod
    def forget(request: HttpRequest) -> None:
        request.session.pop(KEY, None)
