"""Calendar arithmetic. A day is a day of the company's time zone; nothing here reads a clock."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

type Unit = Literal["days", "weeks", "months", "years"]
type Period = Literal["week", "month", "quarter", "year"]

# Where arithmetic would leave the calendar it stops at its ends.
FIRST_DAY = date.min
LAST_DAY = date.max


def add_days(day: date, days: int) -> date:
    """Return `day` plus `days`, stopping at the ends of the calendar."""
    ordinal = day.toordinal() + days
    if ordinal < 1:
        return FIRST_DAY
    return date.fromordinal(ordinal) if ordinal <= LAST_DAY.toordinal() else LAST_DAY


def add_months(day: date, months: int) -> date:
    """Return the same day of another month, clamped: 31 March − 1 month is 28 February."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if year < FIRST_DAY.year:
        return FIRST_DAY
    if year > LAST_DAY.year:
        return LAST_DAY
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def shift(day: date, count: int, unit: Unit) -> date:
    """Return `day` moved by `count` units, backwards when negative."""
    match unit:
        case "days":
            return add_days(day, count)
        case "weeks":
            return add_days(day, 7 * count)
        case "months":
            return add_months(day, count)
        case "years":
            return add_months(day, 12 * count)


def period_start(day: date, period: Period, offset: int) -> date:
    """Return the first day of the period `offset` periods from the one that holds `day`."""
    match period:
        case "week":
            return add_days(day, -day.weekday() + 7 * offset)
        case "month":
            return add_months(day.replace(day=1), offset)
        case "quarter":
            return add_months(day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1), 3 * offset)
        case "year":
            return add_months(day.replace(month=1, day=1), 12 * offset)


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """Return the UTC instant at which the local day begins.

    Where a clock change skips midnight, the offset before the change applies (fold 0), which
    gives the first instant of that day that exists.
    """
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """Return the calendar day of an aware instant in the company's zone."""
    return instant.astimezone(zone).date()


def month_day(day: date) -> int:
    """Return month × 100 + day, the part of a date that comes back every year."""
    return day.month * 100 + day.day


def anniversary_days(as_of: date, days: int) -> frozenset[int]:
    """Return the `month_day` values that have their day within 0 … `days` days of `as_of`.

    29 February falls on the 28th in years that have no 29th.
    """
    found: set[int] = set()
    for ahead in range(min(days, 366) + 1):
        day = add_days(as_of, ahead)
        found.add(month_day(day))
        if day.month == 2 and day.day == 28 and not calendar.isleap(day.year):  # noqa: PLR2004
            found.add(229)
    return frozenset(found)
