"""Quiet hours by the clock on the wall: within a day and across midnight, in any zone, on days of changing clocks."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from zhike.notices.hours import is_quiet, quiet_ends

SHANGHAI, PARIS, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Paris"), ZoneInfo("America/New_York")
NIGHT = (time(21), time(8))
NOON = (time(12), time(13, 30))


@pytest.mark.parametrize(
    ("hours", "quiet", "loud"),
    [
        (NIGHT, ["21:00", "23:59", "00:00", "07:59"], ["08:00", "12:00", "20:59"]),
        (NOON, ["12:00", "13:29"], ["11:59", "13:30", "00:00", "23:59"]),
        ((time(0), time(6)), ["00:00", "05:59"], ["06:00", "23:59"]),
        ((time(22), time(0)), ["22:00", "23:59"], ["00:00", "21:59"]),
        ((None, None), [], ["00:00", "12:00", "23:59"]),
    ],
)
def test_the_first_minute_is_quiet_and_the_last_is_the_one_before_the_end(hours, quiet, loud):
    assert [is_quiet(time.fromisoformat(at), *hours) for at in quiet] == [True] * len(quiet)
    assert [is_quiet(time.fromisoformat(at), *hours) for at in loud] == [False] * len(loud)


@pytest.mark.parametrize(
    ("moment", "hours", "zone", "told"),
    [
        # 22:30 in Shanghai waits for 08:00 of the next day there; 02:30 for 08:00 of the same.
        ("2026-11-20T14:30", NIGHT, SHANGHAI, "2026-11-21T00:00"),
        ("2026-11-20T18:30", NIGHT, SHANGHAI, "2026-11-21T00:00"),
        ("2026-11-20T12:59", NIGHT, SHANGHAI, "2026-11-20T12:59"),
        # The same moment is an afternoon in Paris and a morning in New York.
        ("2026-11-20T14:30", NIGHT, PARIS, "2026-11-20T14:30"),
        ("2026-11-20T14:30", NIGHT, NEW_YORK, "2026-11-20T14:30"),
        ("2026-11-20T11:15", NOON, PARIS, "2026-11-20T12:30"),
        ("2026-12-31T23:30", NIGHT, PARIS, "2027-01-01T07:00"),
        # Clocks go back in the night: 08:00 is nine hours after 00:00, and forward: seven.
        ("2026-10-24T22:00", NIGHT, PARIS, "2026-10-25T07:00"),
        ("2026-03-28T23:00", NIGHT, PARIS, "2026-03-29T06:00"),
        # 02:15 does not come that night; whoever is told at 02:30 is told at 03:30.
        ("2026-03-29T00:50", (time(1), time(2, 30)), PARIS, "2026-03-29T01:30"),
    ],
)
def test_what_comes_in_quiet_hours_is_told_when_they_end(moment, hours, zone, told):
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert quiet_ends(at, *hours, zone) == datetime.fromisoformat(told).replace(tzinfo=UTC)
