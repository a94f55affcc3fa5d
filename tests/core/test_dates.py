from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from zhike.core import dates
from zhike.core.conditions.nodes import All, InPeriod, Span, Test
from zhike.core.conditions.resolve import resolve
from zhike.core.facts import FieldType, Ref

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
SEEN = Ref("custom.seen_at")


@pytest.mark.parametrize(
    ("_case", "day", "months", "expected"),
    [
        ("clamped to February", date(2026, 3, 31), -1, date(2026, 2, 28)),
        ("clamped to a leap February", date(2024, 3, 31), -1, date(2024, 2, 29)),
        ("over New Year", date(2026, 1, 15), -2, date(2025, 11, 15)),
        ("a year from 29 February", date(2024, 2, 29), 12, date(2025, 2, 28)),
        ("before the calendar", date(1, 1, 1), -1, date(1, 1, 1)),
        ("beyond the calendar", date(9999, 12, 31), 1, date(9999, 12, 31)),
    ],
)
def test_months_are_calendar_months(_case, day, months, expected):
    assert dates.add_months(day, months) == expected


@pytest.mark.parametrize(
    ("period", "offset", "expected"),
    [
        ("week", 0, date(2026, 3, 30)),
        ("week", -1, date(2026, 3, 23)),
        ("month", 0, date(2026, 3, 1)),
        ("quarter", 0, date(2026, 1, 1)),
        ("quarter", 1, date(2026, 4, 1)),
        ("quarter", -1, date(2025, 10, 1)),
        ("year", -1, date(2025, 1, 1)),
    ],
)
def test_periods_begin_where_people_say(period, offset, expected):
    assert dates.period_start(date(2026, 3, 31), period, offset) == expected


@pytest.mark.parametrize(
    ("_case", "zone", "day", "expected"),
    [
        ("no clock change", SHANGHAI, date(2026, 3, 31), datetime(2026, 3, 30, 16, tzinfo=UTC)),
        ("the day of the change in spring", BERLIN, date(2026, 3, 29), datetime(2026, 3, 28, 23, tzinfo=UTC)),
        ("the day after it", BERLIN, date(2026, 3, 30), datetime(2026, 3, 29, 22, tzinfo=UTC)),
        ("the day after autumn's", BERLIN, date(2026, 10, 26), datetime(2026, 10, 25, 23, tzinfo=UTC)),
        (
            "midnight that does not exist",
            ZoneInfo("America/Santiago"),
            date(2026, 9, 6),
            datetime(2026, 9, 6, 4, tzinfo=UTC),
        ),
    ],
)
def test_a_day_begins_at_local_midnight(_case, zone, day, expected):
    assert dates.day_start(day, zone) == expected
    assert dates.local_day(expected, zone) == day


def test_relative_instants_become_half_open_utc_bounds():
    test = Test(SEEN, FieldType.DATETIME, "in_last", Span(2, "days"))
    assert resolve(test, date(2026, 3, 30), BERLIN) == All(
        (
            Test(SEEN, FieldType.DATETIME, "gte", datetime(2026, 3, 28, 23, tzinfo=UTC)),
            Test(SEEN, FieldType.DATETIME, "lt", datetime(2026, 3, 30, 22, tzinfo=UTC)),
        )
    )


def test_a_calendar_period_becomes_its_bounds():
    test = Test(Ref("custom.since"), FieldType.DATE, "in_period", InPeriod("month", -1))
    assert resolve(test, date(2026, 3, 31), SHANGHAI) == All(
        (
            Test(Ref("custom.since"), FieldType.DATE, "gte", date(2026, 2, 1)),
            Test(Ref("custom.since"), FieldType.DATE, "lt", date(2026, 3, 1)),
        )
    )


@pytest.mark.parametrize(
    ("as_of", "days", "expected"),
    [
        (date(2026, 2, 27), 1, {227, 228, 229}),
        (date(2028, 2, 27), 1, {227, 228}),
        (date(2028, 2, 28), 1, {228, 229}),
        (date(2026, 12, 31), 1, {1231, 101}),
    ],
)
def test_anniversaries_are_month_and_day(as_of, days, expected):
    assert dates.anniversary_days(as_of, days) == expected
