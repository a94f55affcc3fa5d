"""The secret link by which a calendar program reads one's tasks: drawn, drawn anew, ended."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.db import transaction

from zhike.base.clock import now
from zhike.base.secrets import fingerprint
from zhike.followups.models import CalendarFeed

if TYPE_CHECKING:
    from zhike.accounts.models import User

TOKEN_BYTES = 32


@transaction.atomic
def open_feed(*, by: User) -> str:
    """Draw a new link for oneself, which ends the one before; return its token, which nobody can read again."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    CalendarFeed.objects.update_or_create(user=by, defaults={"digest": fingerprint(token), "created_at": now()})
    return token


def close_feed(*, by: User) -> None:
    """End the link: whoever has it reads nothing any more."""
    CalendarFeed.objects.filter(user=by).delete()
