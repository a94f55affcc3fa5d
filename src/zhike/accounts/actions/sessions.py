"""Writes of sessions: ending them. Whoever was deleted here is nobody with the next request."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F

from zhike.accounts.models import Authenticator, Invitation, Session, SignInFailure, User
from zhike.accounts.roles import require_charge
from zhike.accounts.sign_in import WINDOW
from zhike.audit.actions import record
from zhike.base.clock import now
from zhike.base.errors import NotFound

if TYPE_CHECKING:
    from django.db.models import QuerySet

# Invitations that ran out are shown so long, to be renewed; an app that was never confirmed is begun anew.
INVITATIONS_SHOWN = timedelta(days=90)
SETUP_LASTS = timedelta(days=1)


@transaction.atomic
def end_session(*, user: User, row_key: str) -> None:
    """End one of one's own sessions."""
    if not Session.objects.filter(user=user, session_key=row_key).delete()[0]:
        raise NotFound
    record("session.ended", by=user, subject=user, data={"count": 1, "why": "own"})


@transaction.atomic
def end_other_sessions(*, user: User, keep: str) -> int:
    """End all of one's own sessions but this; return how many."""
    count = Session.objects.filter(user=user).exclude(session_key=keep).delete()[0]
    if count:
        record("session.ended", by=user, subject=user, data={"count": count, "why": "own"})
    return count


@transaction.atomic
def end_sessions(*, user: User, by: User) -> int:
    """End every session of a person; return how many there were."""
    require_charge(by, user)
    count = end_all(user)
    record("session.ended", by=by, subject=user, data={"count": count, "why": "admin"})
    return count


def end_all(user: User) -> int:
    """End every session, and any that is being begun: for whoever has decided that already."""
    User.objects.filter(pk=user.pk).update(session_version=F("session_version") + 1)
    return Session.objects.filter(user=user).delete()[0]


def clear_away() -> int:
    """Delete what has run out and what nobody finished; return how many sessions."""
    moment = now()
    SignInFailure.objects.filter(at__lt=moment - WINDOW).delete()
    Invitation.objects.filter(expires_at__lt=moment - INVITATIONS_SHOWN).delete()
    Authenticator.objects.filter(confirmed_at=None, created_at__lt=moment - SETUP_LASTS).delete()
    expired: QuerySet[Session] = Session.objects.filter(expire_date__lt=moment)
    return expired.delete()[0]
