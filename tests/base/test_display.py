"""How values look: amounts, days, names, chips."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone, translation

from tests.factories import SHANGHAI
from zhike.base.chips import Chip
from zhike.base.templatetags import zhike as display


@pytest.fixture(autouse=True)
def thursday(settings):
    settings.ZHIKE_NOW = datetime(2026, 11, 19, 1, 41, tzinfo=UTC)  # 09:41 in Shanghai
    with timezone.override(SHANGHAI), translation.override("zh-hans"):
        yield


@pytest.mark.parametrize(
    ("minor", "text"), [(48_620_000, "¥486,200"), (-48_620_050, "−¥486,200.50"), (0, "0"), (None, "—")]
)
def test_amounts(minor, text):
    assert display.money(minor) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("revenue of at least ¥1", "Revenue of at least ¥1"),
        ("((a and b) or c", "((A and b) or c"),
        ("", ""),
        ("近 30 天", "近 30 天"),
    ],
)
def test_sentences_begin_with_a_capital_letter(text, shown):
    assert display.sentence(text) == shown


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (date(2026, 11, 19), "今天", "Today"),
        (date(2026, 11, 18), "昨天", "Yesterday"),
        (date(2026, 11, 20), "明天", "Tomorrow"),
        (date(2026, 11, 27), "11-27 周五", "Fri 11-27"),
        (date(2026, 2, 3), "02-03 周二", "Tue 02-03"),
        (date(2025, 11, 20), "2025-11-20", "2025-11-20"),
        (None, "—", "—"),
    ],
)
def test_days(value, zh, en):
    assert display.day(value) == zh
    with translation.override("en"):
        assert display.day(value) == en


def test_the_turn_of_the_year_keeps_its_weekday_within_a_week(settings):
    settings.ZHIKE_NOW = datetime(2026, 12, 30, 4, tzinfo=UTC)
    assert display.day(date(2027, 1, 4)) == "01-04 周一"
    assert display.day(date(2027, 1, 14)) == "2027-01-14"


def test_moments_have_a_time_when_they_are_near():
    assert display.moment(datetime(2026, 11, 19, 2, 30, tzinfo=UTC)) == "今天 10:30"
    assert display.moment(datetime(2026, 11, 17, 16, 5, tzinfo=UTC)) == "昨天 00:05"
    assert display.moment(datetime(2026, 11, 13, 2, 30, tzinfo=UTC)) == "11-13 周五"


@pytest.mark.parametrize(
    ("days", "text"), [(0, "0 天"), (29, "29 天"), (31, "1 个月"), (365, "1 年"), (973, "2 年 7 个月")]
)
def test_durations(days, text):
    assert display.duration(days) == text


@pytest.mark.parametrize(
    ("name", "place", "letter"),
    [("上海梧桐里酒店", "上海", "梧"), ("上海", "上海", "上"), ("陈思远", "", "陈"), ("apple", "", "A"), ("", "", "?")],
)
def test_initials_leave_out_the_city(name, place, letter):
    assert display.initial(name, place) == letter


@pytest.mark.parametrize(("name", "given"), [("林晓雯", "晓雯"), ("王磊", "王磊"), ("Ann Lee", "Ann"), ("Bob", "Bob")])
def test_greetings_use_the_given_name(name, given):
    assert display.given_name(name) == given


@pytest.mark.parametrize(
    ("number", "masked"), [("+8613800138000", "138 **** 8000"), ("+862161234567", "21 **** 4567"), ("12345", "12345")]
)
def test_phones_are_masked(number, masked):
    assert display.masked_phone(number) == masked


def test_a_chip_says_its_dimension_and_who_set_it():
    drawn = display.chip(Chip("客户价值", "高价值", tone="gamboge", icon="filled/diamond", style="", source="manual"))
    assert 'title="客户价值：高价值（人工指定）"' in drawn
    assert "<script" not in display.chip(Chip("<script>", "<b>"))
    assert display.chip(None) == "—"


@pytest.mark.parametrize("name", ["no-such-icon", "../../secret", "filled/../x", ""])
def test_an_unknown_icon_is_a_tag(name):
    assert display.icon_shapes(name) == display.icon_shapes("tag")
