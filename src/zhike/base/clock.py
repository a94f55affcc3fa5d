"""What time it is. Nothing else in the program asks the computer."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


def now() -> datetime:
    """Return the present instant in UTC, or the one that ZHIKE_NOW fixes."""
    fixed: datetime | None = settings.ZHIKE_NOW
    return fixed or datetime.now(UTC)


def today(zone: ZoneInfo) -> date:
    """Return the calendar day that it is in `zone`."""
    return now().astimezone(zone).date()
