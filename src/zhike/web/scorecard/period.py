"""The period of a page, as it stands in the address: ``?days=90``, ``?quarter=2026-Q3`` or ``?from=…&to=…``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from zhike.core.quarters import Period, PeriodError, Quarter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import QueryDict

DAYS = (30, 90, 180, 365)
USUAL = 90
LONGEST = 10 * 366


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the periods that are offered: what it is called, and how it stands in the address."""

    label: str
    query: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """The period that was asked for."""

    period: Period
    label: str
    query: str

    def choices(self, today: date) -> Sequence[Choice]:
        """Return the usual periods, and the quarters of now and before."""
        quarter = Quarter.of(today)
        found = [_last(days, today) for days in DAYS]
        found += [_quarter(quarter, today), _quarter(quarter.away(-1), today)]
        return [Choice(one.label, one.query, one.query == self.query) for one in found]


def read_period(query: QueryDict, today: date) -> Chosen:
    """Read the period from an address, or say what is wrong with it."""
    if query.get("from") or query.get("to"):
        return _between(query.get("from", ""), query.get("to", ""), today)
    if query.get("quarter"):
        return _quarter(Quarter.parse(query.get("quarter", "")), today)
    days = query.get("days") or str(USUAL)
    if not (days.isascii() and days.isdigit() and len(days) <= len(str(LONGEST)) and 1 <= int(days) <= LONGEST):
        raise PeriodError(
            f"天数要在 1 和 {LONGEST:,} 之间", f"the number of days must be between 1 and {LONGEST:,}", path="days"
        )
    return _last(int(days), today)


def quarter_period(quarter: Quarter, today: date) -> Period:
    """Return the days of a quarter up to today. Raises `PeriodError` when it has not begun."""
    period = quarter.period
    if period.first > today:
        raise PeriodError(f"{quarter} 还没有开始", f"{quarter} has not begun")
    return Period(period.first, min(period.last, today))


def quarter_label(quarter: Quarter) -> str:
    """2026 年第三季度"""
    return gettext("%(year)d 年第 %(number)d 季度") % {"year": quarter.first.year, "number": quarter.number}


def _last(days: int, today: date) -> Chosen:
    return Chosen(Period.until(today, days), gettext("近 %(days)d 天") % {"days": days}, f"days={days}")


def _quarter(quarter: Quarter, today: date) -> Chosen:
    return Chosen(quarter_period(quarter, today), quarter_label(quarter), f"quarter={quarter}")


def _between(first: str, last: str, today: date) -> Chosen:
    period = Period(_day(first, "from"), _day(last, "to"))
    if period.first > period.last:
        raise PeriodError("开始不能晚于结束", "the first day must not be after the last", path="from")
    if period.last > today:
        raise PeriodError("结束不能晚于今天", "the last day must not lie ahead", path="to")
    if period.days > LONGEST:
        raise PeriodError(f"最长 {LONGEST:,} 天", f"at most {LONGEST:,} days", path="from")
    label = gettext("%(first)s 到 %(last)s") % {"first": period.first, "last": period.last}
    return Chosen(period, label, f"from={period.first}&to={period.last}")


def _day(text: str, path: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if found.year < 1900:  # noqa: PLR2004  as `base.inputs` has it
        raise PeriodError(
            f"日期写成 2026-07-01 这样，{text[:20]} 不行", f"a day is written 2026-07-01; {text[:20]} is not", path=path
        )
    return found
