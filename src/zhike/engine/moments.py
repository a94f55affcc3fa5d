"""Dates and times as people write them: ISO, YYYYMMDD, YYYY/M/D, with or without a time.

A time without an offset is the company's. This is the reading of one text; `polars.days` reads
millions of the commonest layouts and leaves the rest to it.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from zhike.core.dates import day_start, local_day
from zhike.core.text import Text, fold

# For days that are days wherever they are read: birthdays.
UTC_ZONE = ZoneInfo("UTC")

# Years outside are placeholders and slips of the keyboard (0001, 9999), not moments in a customer's life.
FIRST_YEAR, LAST_YEAR = 1900, 2100

NOT_A_DATE = Text("不是日期（应如 2026-03-31）", "not a date (expected as in 2026-03-31)")
OUTSIDE = Text("年份不在 1900 至 2100 之间", "the year is not between 1900 and 2100")

_DATE = (
    r"(?P<year>\d{4})(?:(?P<sep>[-/.])(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})|年(?P<m>\d{1,2})月(?P<d>\d{1,2})日)"
)
_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?"
_WRITTEN = re.compile(rf"{_DATE}(?:(?:t|\s+){_TIME}\s*(?P<offset>z|[+-]\d{{2}}:?\d{{2}})?)?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:t?(\d{2})(\d{2})(\d{2})?(z)?)?", re.ASCII)


def parse_moment(text: str) -> date | datetime | None:
    """Read a day, a local time (naive) or an instant (aware); `None` when it is none of them."""
    text = fold(text)
    try:
        if found := _WRITTEN.fullmatch(text):
            return _written(found)
        if found := _COMPACT.fullmatch(text):
            return _compact(found)
    except ValueError:
        return None  # the 31st of February, 25 o'clock
    return None


def day_of(moment: date | datetime, zone: ZoneInfo) -> date:
    """Return the calendar day of a moment in the company's zone."""
    if not isinstance(moment, datetime):
        return moment
    try:
        return moment.date() if moment.tzinfo is None else local_day(moment, zone)
    except OverflowError:  # at either end of the calendar the zone has no such day
        return moment.date()


def instant_of(moment: date | datetime, zone: ZoneInfo) -> datetime:
    """Return the instant in UTC; a day without a time begins at its local midnight."""
    if not isinstance(moment, datetime):
        return day_start(moment, zone)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def fault_of(day: date | None) -> Text | None:
    """Say what is wrong with a day that was read, if anything."""
    if day is None:
        return NOT_A_DATE
    return None if FIRST_YEAR <= day.year <= LAST_YEAR else OUTSIDE


def _written(found: re.Match[str]) -> date | datetime:
    day = date(int(found["year"]), int(found["month"] or found["m"]), int(found["day"] or found["d"]))
    if found["hour"] is None:
        return day
    second = int(found["second"] or 0)
    micro = int((found["part"] or "0")[:6].ljust(6, "0"))
    moment = datetime(day.year, day.month, day.day, int(found["hour"]), int(found["minute"]), second, micro)  # noqa: DTZ001  local
    return moment.replace(tzinfo=_offset(found["offset"])) if found["offset"] else moment


def _compact(found: re.Match[str]) -> date | datetime:
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    if found[4] is None:
        return date(year, month, day)
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC if found[7] else None)


def _offset(text: str) -> timezone:
    if text == "z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))
