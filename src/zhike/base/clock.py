"""What time it is. Nothing else in the program asks the computer."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

_told: ContextVar[datetime | None] = ContextVar("_told", default=None)


def now() -> datetime:
    """Return the present instant in UTC, or the one that ZHIKE_NOW fixes."""
    fixed: datetime | None = _told.get() or settings.ZHIKE_NOW
    return fixed or datetime.now(UTC)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let it be that moment for as long as the block runs: to tell the past through actions of the present."""
    token = _told.set(moment)
    try:
        yield
    finally:
        _told.reset(token)


def today(zone: ZoneInfo) -> date:
    """Return the calendar day that it is in `zone`."""
    return now().astimezone(zone).date()
