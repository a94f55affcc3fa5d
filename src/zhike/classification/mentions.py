"""Tells colleagues that somebody spoke to them, in the transaction that writes it down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.accounts.models import User
from zhike.classification.models import Notification

if TYPE_CHECKING:
    from zhike.timeline.models import Event

# As much of it as tells whether to open it.
EXCERPT = 200


def tell_mentioned(event: Event) -> None:
    """Write a notification for each colleague whom the event names: those who see the customer."""
    people = _people(event.data.get("mentions"))
    if not people:
        return
    text = str(event.data.get("text", ""))
    shown = text if len(text) <= EXCERPT else f"{text[:EXCERPT]}…"
    author = event.actor.name if event.actor else ""
    Notification.objects.bulk_create(
        Notification(
            user_id=person,
            kind=Notification.Kind.MENTIONED,
            customer_id=event.customer_id,
            text=f"{author}：{shown}",
            created_at=event.recorded_at,
        )
        for person in people
    )


def _people(mentions: object) -> list[int]:
    """Return whom the event names. Other systems may send anything under that name: what is nobody is left out."""
    named = {one for one in mentions if isinstance(one, int)} if isinstance(mentions, list) else set()
    return list(User.objects.filter(pk__in=named, is_active=True).order_by("pk").values_list("pk", flat=True))
