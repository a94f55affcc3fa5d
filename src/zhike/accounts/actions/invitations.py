"""Writes of invitations: a link that makes one address one person, with the role and team chosen for it."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.hashers import make_password
from django.db import transaction

from zhike.accounts.actions import clean_email
from zhike.accounts.actions.passwords import LinkSpent, checked_password
from zhike.accounts.models import Invitation, Team, User
from zhike.accounts.policy import require
from zhike.accounts.queries import assignable_roles
from zhike.base.clock import now
from zhike.base.errors import Conflict, Forbidden, NotFound
from zhike.base.inputs import line
from zhike.base.secrets import fingerprint

if TYPE_CHECKING:
    from datetime import datetime

LIFE = timedelta(hours=1)
TOKEN_BYTES = 32


@transaction.atomic
def invite(*, email: str, name: str, role: str, team: Team | None, by: User) -> tuple[Invitation, str]:
    """Invite an address; return the invitation and the token of its link, which is told this once.

    An address that is invited already gets the new name, role and team, and the former link ends.
    """
    require(by, "create", User)
    address = clean_email(email)
    if role not in dict(assignable_roles(by)):
        raise Forbidden("你不能给这个角色", "You may not give this role")
    if User.objects.filter(email=address).exists():
        raise Conflict(f"{address} 已经是成员", f"{address} is a member already")
    token, moment = secrets.token_urlsafe(TOKEN_BYTES), now()
    columns = {
        "name": line(name, "name", 100, required=True),
        "role": role,
        "team": team,
        "language": by.language,
        "invited_by": by,
        "created_at": moment,
        **_drawn(token, moment),
    }
    made, _ = Invitation.objects.update_or_create(email=address, defaults=columns)
    return made, token


@transaction.atomic
def renew_invitation(*, pk: int, by: User | None) -> tuple[Invitation, str]:
    """Draw another link; the former one ends. `by=None` is the letter that carries it."""
    if by is not None:
        require(by, "create", User)
    found = Invitation.objects.select_for_update().filter(pk=pk).first()
    if found is None:
        raise NotFound
    token = secrets.token_urlsafe(TOKEN_BYTES)
    for column, value in _drawn(token, now()).items():
        setattr(found, column, value)
    found.save(update_fields=["digest", "expires_at"])
    return found, token


@transaction.atomic
def withdraw_invitation(*, pk: int, by: User) -> str:
    """Take an invitation back; return its address."""
    require(by, "create", User)
    found = Invitation.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound
    found.delete()
    return found.email


def invitation_of(token: str, *, lock: bool = False) -> Invitation:
    """Return the invitation whose link this is, or raise `LinkSpent`."""
    rows = Invitation.objects.filter(digest=fingerprint(token), expires_at__gt=now())
    found = (rows.select_for_update() if lock else rows).first()
    if found is None:
        raise LinkSpent
    return found


@transaction.atomic
def accept_invitation(*, token: str, name: str, password: str) -> User:
    """Make the person. Of two that use the link at once, one finds it spent."""
    found = invitation_of(token, lock=True)
    if User.objects.filter(email=found.email).exists():
        raise LinkSpent
    user = User(
        email=found.email,
        name=line(name, "name", 100, required=True),
        role=found.role,
        team_id=found.team_id,
        language=found.language,
    )
    user.password = make_password(checked_password(password, user))
    user.save(force_insert=True)
    found.delete()
    return user


def _drawn(token: str, moment: datetime) -> dict[str, object]:
    return {"digest": fingerprint(token), "expires_at": moment + LIFE}
