"""One customer, placed in the transaction of the event that moved them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zhike.timeline.models import Event


def place_after_event(event: Event) -> None:
    """Place the event's customer again."""
