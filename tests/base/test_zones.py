"""Moments as the person's clock has them, days as the company has them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from zhike.base.templatetags.zhike import clock_time, day, exact, moment
from zhike.base.zones import show_in, shown_zone

NOON = datetime(2026, 11, 19, 4, 0, tzinfo=UTC)  # in Shanghai
SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")


@pytest.fixture(autouse=True)
def company(settings):
    settings.ZHIKE_NOW = NOON
    with timezone.override(SHANGHAI):
        yield


def test_a_moment_is_read_on_ones_own_clock_and_calendar():
    assert (moment(NOON), exact(NOON), clock_time(NOON)) == ("今天 12:00", "2026-11-19 12:00", "12:00")
    with show_in(NEW_YORK):
        assert (moment(NOON), exact(NOON), clock_time(NOON)) == ("今天 23:00", "2026-11-18 23:00", "23:00")
        assert moment(NOON - timedelta(hours=24)) == "昨天 23:00"
        assert moment(NOON - timedelta(days=9)) == "11-09 周一"
    assert shown_zone() == SHANGHAI


def test_a_day_is_the_companys_wherever_one_is():
    with show_in(NEW_YORK):
        assert (day(date(2026, 11, 19)), day(date(2026, 11, 18))) == ("今天", "昨天")


def test_without_a_zone_of_ones_own_it_is_the_companys():
    with show_in(None):
        assert clock_time(NOON) == "12:00"
