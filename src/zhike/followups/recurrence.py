"""When a task comes again: rules of RFC 5545 (`FREQ=WEEKLY;BYDAY=MO`), read by python-dateutil."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from dateutil.rrule import rrulestr

from zhike.base.inputs import Invalid

if TYPE_CHECKING:
    from datetime import date

_PARTS = frozenset({"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "UNTIL", "WKST"})
_FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_DAY = len("20260603")
# Whoever means something rarer than that means no repetition.
MOST_INTERVAL = 366


def clean(text: str, day: date) -> str:
    """Return a rule as it is kept, or say what is wrong with it. `day` is the first on which the task is due.

    How often is not counted (`COUNT`): each task is followed by the next one, and none of them knows the first.
    """
    given = text.strip().upper().removeprefix("RRULE:")
    if not given:
        return ""
    parts = dict(part.partition("=")[::2] for part in given.split(";"))
    last = parts.get("UNTIL", "20990101")
    is_known = len(last) == _DAY and last.isdigit() and parts.keys() <= _PARTS and parts.get("FREQ") in _FREQUENCIES
    interval = parts.get("INTERVAL", "1")
    if not is_known or not interval.isdigit() or not 1 <= int(interval) <= MOST_INTERVAL:
        raise _unreadable()
    try:
        following = next_day(given, day, day)
    except (ValueError, TypeError, OverflowError):
        raise _unreadable() from None
    if following is None:
        raise Invalid("按这个规则不会再有下一次", "by this rule it never comes again", path="recurrence")
    return given


def next_day(rule: str, day: date, today: date) -> date | None:
    """Return the first day after `day` on which the rule has it again, that is not past; None when it has ended."""
    start = datetime.combine(day, time())
    from_ = datetime.combine(max(day, today - timedelta(days=1)), time())
    found: datetime | None = rrulestr(rule, dtstart=start).after(from_)
    return None if found is None else found.date()


def _unreadable() -> Invalid:
    return Invalid(
        "重复规则看不懂，例如每周一：FREQ=WEEKLY;BYDAY=MO",
        "the repetition cannot be read; every Monday, say, is FREQ=WEEKLY;BYDAY=MO",
        path="recurrence",
    )
