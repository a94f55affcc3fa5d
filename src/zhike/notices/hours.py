"""Quiet hours, and when a person's digest is due: by the clock on the wall where they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import time, tzinfo


def is_quiet(at: time, start: time | None, end: time | None) -> bool:
    """Say whether a time of day lies in quiet hours: their first minute does, their last is the one before `end`.

    Where they begin later than they end they go across midnight. Without a beginning or an end there are none.
    """
    if start is None or end is None:
        return False
    return start <= at < end if start < end else at >= start or at < end


def quiet_ends(moment: datetime, start: time | None, end: time | None, zone: tzinfo) -> datetime:
    """Return when something that came up at a moment may be told, in UTC: at once, or when quiet hours end.

    A clock that is put forward over their end lets it through with the hour that it has then.
    """
    local = moment.astimezone(zone)
    if end is None or not is_quiet(local.time(), start, end):
        return moment.astimezone(UTC)
    day = local.date() if local.time() < end else local.date() + timedelta(days=1)
    return datetime.combine(day, end, zone).astimezone(UTC)
