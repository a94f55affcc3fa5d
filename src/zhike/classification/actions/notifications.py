"""Writes: what a person has read, and what they want to hear of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.base.clock import now
from zhike.classification.actions.overrides import known_class
from zhike.classification.models import Notification, NotificationChoice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zhike.accounts.models import User


def mark_read(*, user: User, ids: Iterable[int] | None = None) -> int:
    """Mark these of the person's notifications as read, or all; return how many were not."""
    unread = Notification.objects.filter(user=user, read_at=None)
    if ids is not None:
        unread = unread.filter(pk__in=list(ids))
    return unread.update(read_at=now())


def choose_notification(*, user: User, dimension: str, class_key: str, wanted: bool) -> NotificationChoice:
    """Hear, or no longer hear, of customers who enter a class."""
    known_class(dimension, class_key)
    choice, _ = NotificationChoice.objects.update_or_create(
        user=user, dimension=dimension, class_key=class_key, defaults={"wanted": wanted}
    )
    return choice
