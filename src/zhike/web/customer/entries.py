"""What a timeline is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from zhike.base.chips import Chip
    from zhike.timeline.models import Event


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as people read it."""

    icon: str
    tone: str
    title: str
    facts: Sequence[str]
    text: str
    amount: str
    who: str
    at: datetime
    is_voided: bool
    dimension: str = ""
    before: Chip | None = None
    after: Chip | None = None
    evidence: str = ""
    cause: str = ""
    trail: Sequence[str] = ()
    pk: int = 0
    is_edited: bool = False
    may_edit: bool = False


def is_voided(event: Event) -> bool:
    """Say whether an event was taken back: the timeline is read with the answer."""
    return bool(getattr(event, "is_voided", False))
