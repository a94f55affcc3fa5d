"""Days as people type them. The day of the examples is Thursday, 19 November 2026."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.core.day_words import parse_day

THURSDAY = date(2026, 11, 19)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("今天", "2026-11-19"),
        ("明天下午", "2026-11-20"),
        ("明天下午 3 点半", "2026-11-20"),
        ("后天", "2026-11-21"),
        ("大后天", "2026-11-22"),
        ("昨天", "2026-11-18"),
        ("周四", "2026-11-19"),
        ("周三", "2026-11-25"),
        ("星期天", "2026-11-22"),
        ("本周五", "2026-11-20"),
        ("这周一", "2026-11-16"),
        ("下周三", "2026-11-25"),
        ("下周三上午", "2026-11-25"),
        ("下周三 10:00", "2026-11-25"),
        ("下下周一", "2026-11-30"),
        ("下个星期二", "2026-11-24"),
        ("上周五", "2026-11-13"),
        ("+3", "2026-11-22"),
        ("＋3", "2026-11-22"),
        ("+2周", "2026-12-03"),
        ("+2w", "2026-12-03"),
        ("3天后", "2026-11-22"),
        ("三天后", "2026-11-22"),
        ("十二天后", "2026-12-01"),
        ("两周后", "2026-12-03"),
        ("一个月后", "2026-12-19"),
        ("12-1", "2026-12-01"),
        ("12-1 15:00", "2026-12-01"),
        ("12/1", "2026-12-01"),
        ("12月1日", "2026-12-01"),
        ("1-5", "2027-01-05"),
        ("11-19", "2026-11-19"),
        ("2026-12-01", "2026-12-01"),
        ("2026年12月1日", "2026-12-01"),
        ("20261201", "2026-12-01"),
        ("25号", "2026-11-25"),
        ("5号", "2026-12-05"),
        ("下月5号", "2026-12-05"),
        ("月底", "2026-11-30"),
        ("下月底", "2026-12-31"),
        ("年底", "2026-12-31"),
        ("today", "2026-11-19"),
        ("Tomorrow afternoon", "2026-11-20"),
        ("tomorrow at 3pm", "2026-11-20"),
        ("Wed", "2026-11-25"),
        ("Wednesday", "2026-11-25"),
        ("next Wed", "2026-11-25"),
        ("next Tuesday", "2026-11-24"),
        ("this Friday", "2026-11-20"),
        ("in 3 days", "2026-11-22"),
        ("in 2 weeks", "2026-12-03"),
        ("Dec 1", "2026-12-01"),
        ("1 December", "2026-12-01"),
        ("end of month", "2026-11-30"),
    ],
)
def test_a_day_is_read(text, day):
    assert parse_day(text, THURSDAY) == date.fromisoformat(day)


@pytest.mark.parametrize(
    "text",
    ["", " ", "也许", "13-40", "2026-02-30", "31号以后再说", "+", "明天后天", "99999999", "十十天后", "下周八", "\0"],
)
def test_words_that_say_no_day_are_no_day(text):
    assert parse_day(text, THURSDAY) is None


def test_a_month_from_its_last_day_ends_on_the_last():
    assert parse_day("一个月后", date(2027, 1, 31)) == date(2027, 2, 28)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 6))
def test_a_weekday_alone_is_the_next_one_to_come(today, weekday):
    found = parse_day("周" + "一二三四五六日"[weekday], today)
    assert found is not None
    assert found.weekday() == weekday
    assert today <= found < today + timedelta(days=7)


@given(st.text(max_size=60), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_whatever_is_typed_is_answered(text, today):
    assert isinstance(parse_day(text, today), date | None)
