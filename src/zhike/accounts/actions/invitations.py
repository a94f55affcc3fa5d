"""Writes of invitations: a link that makes one address one person, with the role and team chosen for it."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.hashers import make_password
from django.db import transaction

from zhike.accounts.actions import clean_email, find_role
from zhike.accounts.actions.passwords import LinkSpent, checked_password
from zhike.accounts.models import Invitation, Team, User
from zhike.accounts.policy import require
from zhike.accounts.roles import require_grantable
from zhike.audit.actions import record
from zhike.base.clock import now
from zhike.base.errors import Conflict, NotFound
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
    given = find_role(role)
    require_grantable(by, given.key)
    if User.objects.filter(email=address).exists():
        raise Conflict(f"{address} 已经是成员", f"{address} is a member already")
    token, moment = secrets.token_urlsafe(TOKEN_BYTES), now()
    columns = {
        "name": line(name, "name", 100, required=True),
        "role": given,
        "team": team,
        "language": by.language,
        "invited_by": by,
        "created_at": moment,
        **_drawn(token, moment),
    }
    made, _ = Invitation.objects.update_or_create(email=address, defaults=columns)
    data = {"role": given.key, "team": team.pk if team else None}
    record("user.invited", by=by, subject=("accounts.Invitation", made.pk), data=data)
    return made, token


@transaction.atomic
def renew_invitation(*, pk: int, by: User | None) -> tuple[Invitation, str]:
    """Draw another link; the former one ends. `by=None` is the letter that carries it."""
    if by is not None:
        require(by, "create", User)
    found = Invitation.objects.select_for_update().filter(pk=pk).first()
    if found is None:
        raise NotFound
    if by is not None:
        require_grantable(by, found.role_id)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    for column, value in _drawn(token, now()).items():
        setattr(found, column, value)
    found.save(update_fields=["digest", "expires_at"])
    if by is not None:
        record("invitation.renewed", by=by, subject=found)
    return found, token


@transaction.atomic
def withdraw_invitation(*, pk: int, by: User) -> str:
    """Take an invitation back; return its address."""
    require(by, "create", User)
    found = Invitation.objects.select_for_update().filter(pk=pk).first()
    if found is None:
        raise NotFound
    data = {"role": found.role_id, "team": found.team_id}
    record("invitation.withdrawn", by=by, subject=found, data=data)
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
        role_id=found.role_id,
        team_id=found.team_id,
        language=found.language,
    )
    user.password = make_password(checked_password(password, user))
    user.save(force_insert=True)
    found.delete()
    record("user.added", by=user, subject=user, data={"role": user.role_key, "team": user.team_id})
    return user


def _drawn(token: str, moment: datetime) -> dict[str, object]:
    return {"digest": fingerprint(token), "expires_at": moment + LIFE}
