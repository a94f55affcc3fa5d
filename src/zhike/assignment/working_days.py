"""Which days are worked: a person's weekdays, and the official holidays of China with the days that make up for them.

The calendar of a year is announced the autumn before; of years that are not known yet the weekdays alone are.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from chinese_calendar import get_holiday_detail

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, time
    from zoneinfo import ZoneInfo

_WEEK = frozenset({1, 2, 3, 4, 5})


def is_worked(day: date, weekdays: Collection[int], *, keeps_holidays: bool) -> bool:
    """Say whether a day is worked by whoever works on these weekdays (1 is Monday)."""
    said = official(day) if keeps_holidays else None
    return day.isoweekday() in weekdays if said is None else said


def official(day: date) -> bool | None:
    """Say whether everybody is free or works on a day by decree; None for an ordinary day."""
    try:
        is_free, name = get_holiday_detail(day)
    except NotImplementedError:
        return None  # announced by nobody yet
    return None if name is None else not is_free


def after_hours(moment: datetime, hours: float, *, opens: time, closes: time, zone: ZoneInfo) -> datetime:
    """Return when so many working hours after a moment have passed, in UTC.

    The week is worked from Monday to Friday, as the official calendar has it. What comes after hours begins to count
    when the next working day opens; a promise that comes out at the closing of a day is due then.
    """
    left = timedelta(hours=hours)
    local = moment.astimezone(zone)
    day = local.date()
    while True:
        if is_worked(day, _WEEK, keeps_holidays=True):
            # In UTC, so that a day with a change of clocks has the hours that it has.
            begins = max(datetime.combine(day, opens, zone).astimezone(UTC), moment.astimezone(UTC))
            ends = datetime.combine(day, closes, zone).astimezone(UTC)
            if ends - begins >= left and ends > begins:
                return begins + left
            left -= max(ends - begins, timedelta())
        day += timedelta(days=1)
