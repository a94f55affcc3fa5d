"""The past day that a page is asked to show: `?as_of=2026-05-01`."""

from __future__ import annotations

from datetime import date

from zhike.base.inputs import FIRST_DAY
from zhike.core.errors import ZhikeError

AS_OF = "as_of"


class DayError(ZhikeError):
    """A day that no page can show."""

    code = "bad_day"
    status = 400


def read_past_day(text: str, *, today: date, name: str = AS_OF) -> date | None:
    """Return the day that is asked for; None for today, and where none is."""
    if not text:
        return None
    day = read_day(text, name=name)
    if day > today:
        raise DayError(
            f"{day.isoformat()} 还没有到，请选一个过去的日子。",
            f"{day.isoformat()} has not come yet. Choose a past day.",
        )
    return None if day == today else day


def read_day(text: str, *, name: str) -> date:
    """Read a day as it is written in an address."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if day < FIRST_DAY:
        shown = text[:20]
        raise DayError(
            f"{name} 要写成 2026-05-01 这样的日期，这里是「{shown}」。",
            f"{name} is a date such as 2026-05-01, not {shown}.",
        )
    return day
