"""Whose calendar a secret link shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.base.errors import NotFound
from zhike.base.secrets import fingerprint
from zhike.followups.models import CalendarFeed

if TYPE_CHECKING:
    from zhike.accounts.models import User


def feed_of(user: User) -> CalendarFeed | None:
    return CalendarFeed.objects.filter(user=user).first()


def person_of(token: str) -> User:
    """Return whose link it is. One that is wrong, was ended, or is of somebody deactivated is not found, all alike."""
    found = CalendarFeed.objects.filter(digest=fingerprint(token), user__is_active=True)
    feed = found.select_related("user__role", "user__team").first()
    if feed is None:
        raise NotFound
    return feed.user
