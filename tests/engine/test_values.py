"""Dates, amounts, types and guarded cells, one value at a time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.core.facts import FieldType
from zhike.engine import polars
from zhike.engine.amounts import parse_amount
from zhike.engine.customers import convert, infer
from zhike.engine.moments import day_of, fault_of, instant_of, parse_moment
from zhike.engine.safe import as_cell, from_cell

SHANGHAI, LONDON = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/London")

EVER = (datetime(1900, 1, 1), datetime(2100, 12, 31))  # noqa: DTZ001  local times, as people write them
DAYS = [
    ("2026-03-01", date(2026, 3, 1)),
    ("20260301", date(2026, 3, 1)),
    ("2026/3/1", date(2026, 3, 1)),
    ("2026/03/01 08:30", date(2026, 3, 1)),
    ("2026-03-01T23:59:59", date(2026, 3, 1)),
    ("2026-03-01 08:30:00.123", date(2026, 3, 1)),
    (" 2026-03-01 ", date(2026, 3, 1)),
    ("２０２６-03-01", date(2026, 3, 1)),
    ("2026年3月1日", date(2026, 3, 1)),
    ("2026-03-01T16:00:00Z", date(2026, 3, 2)),
    ("2026-03-02T00:30:00+09:00", date(2026, 3, 1)),
    ("20260301T083000", date(2026, 3, 1)),
]
NO_DAYS = [
    "",
    "2026-02-29",
    "2026-13-01",
    "2026-3",
    "01/03/2026",
    "2026-03/01",
    "2026-03-01 24:00",
    "2026-03-01T",
    "45991",
    "abc",
]


@pytest.mark.parametrize(("text", "day"), DAYS)
def test_a_day_is_read_in_the_companys_zone(text, day):
    moment = parse_moment(text)
    assert moment is not None
    assert day_of(moment, SHANGHAI) == day


@pytest.mark.parametrize("text", NO_DAYS)
def test_what_is_no_date_is_none(text):
    assert parse_moment(text) is None


@pytest.mark.parametrize("text", [text for text, _ in DAYS] + NO_DAYS[1:])
@pytest.mark.parametrize("zone", [SHANGHAI, LONDON])
def test_a_column_is_read_as_each_of_its_texts_or_left_for_a_closer_look(text, zone):
    frame = polars.moments(polars.text_rows({"at": [text]}, [2]), "at", zone, instants=True)
    day, instant = frame["day"].to_list()[0], frame["occurred_at"].to_list()[0]
    moment = parse_moment(text)
    if day is not None:
        assert day == day_of(moment, zone)
        assert instant == instant_of(moment, zone)
    assert moment is not None or day is None


@given(st.datetimes(*EVER), st.sampled_from(polars.LAYOUTS))
def test_every_layout_is_read_at_once(moment, layout):
    text = moment.replace(microsecond=0).strftime(layout.format.replace("%.f", ".5").replace("%z", "+08:00"))
    text = text if moment.year >= 1000 else text.zfill(4)
    frame = polars.moments(polars.text_rows({"at": [text]}, [2]), "at", SHANGHAI, instants=True)
    assert frame["day"].to_list() == [day_of(parse_moment(text), SHANGHAI)]
    assert frame["occurred_at"].to_list() == [instant_of(parse_moment(text), SHANGHAI)]


def test_an_hour_that_a_clock_change_skips_or_repeats_has_its_day():
    assert day_of(parse_moment("2026-03-29 01:30"), LONDON) == date(2026, 3, 29)
    assert instant_of(parse_moment("2026-10-25 01:30"), LONDON) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_year_far_off_is_a_fault():
    assert fault_of(date(9999, 1, 1)).zh == "年份不在 1900 至 2100 之间"
    assert fault_of(date(2100, 12, 31)) is None


AMOUNTS = [
    ("139.12", 2, 13912),
    ("-0.01", 2, -1),
    ("100", 2, 10000),
    ("100", 0, 100),
    ("¥1,234.50", 2, 123450),
    ("-¥1,234", 2, -123400),
    ("１２３", 0, 123),
    ("12.50", 1, 125),
    ("22.200000000000003", 2, 2220),
    ("1e3", 2, 100000),
    ("649.00 ", 2, 64900),
    (".5", 2, 50),
]
FAULTS = [
    ("1" + "0" * 30, 0, "the amount is too large"),
    ("1e30", 2, "the amount is too large"),
    ("1.005", 2, "the amount has more than 2 decimals"),
    ("nan", 2, "the amount is not a number"),
    ("Infinity", 2, "the amount is not a number"),
    ("1,23", 2, "the amount is not a number"),
    ("12 34", 2, "the amount is not a number"),
    ("--5", 2, "the amount is not a number"),
]


@pytest.mark.parametrize(("text", "digits", "minor"), AMOUNTS)
def test_an_amount_is_exact(text, digits, minor):
    assert parse_amount(text, digits) == (minor, None)


@pytest.mark.parametrize(("text", "digits", "fault"), FAULTS)
def test_an_amount_that_is_none_says_why(text, digits, fault):
    assert parse_amount(text, digits).fault.en == fault


def test_a_fraction_of_the_smallest_unit_points_to_the_option():
    assert "--unit major" in parse_amount("12.5", 0).fault.zh


@given(
    st.one_of(st.decimals(allow_nan=True, allow_infinity=True).map(str), st.text(max_size=8)), st.sampled_from([0, 2])
)
def test_a_column_of_amounts_is_read_as_each_text_or_left_for_a_closer_look(text, digits):
    found = polars.whole_numbers(polars.text_rows({"a": [text]}, [2]), "a", digits, into="n")["n"].to_list()[0]
    if found is not None:
        assert parse_amount(text, digits).minor == found


INFERRED = [
    (["1", "-20", "0"], FieldType.INTEGER),
    (["01", "2"], FieldType.TEXT),
    (["1" * 16], FieldType.TEXT),
    (["1.5", "2"], FieldType.DECIMAL),
    (["00.11"], FieldType.TEXT),
    (["2026-03-01"], FieldType.DATE),
    (["2026-02-30"], FieldType.TEXT),
    (["20260301"], FieldType.INTEGER),
    (["true", "False"], FieldType.BOOL),
    (["yes", "no"], FieldType.TEXT),
    (["1", "x"], FieldType.TEXT),
    ([], FieldType.TEXT),
]


@pytest.mark.parametrize(("values", "type_"), INFERRED)
def test_a_columns_type_follows_from_all_its_values(values, type_):
    assert infer(values) is type_


def test_decimals_are_whole_ten_thousandths_rounded_half_up():
    texts = ["0.3", "1.00005", "-1.00005", "-0.00004", "7"]
    assert [convert(text, FieldType.DECIMAL) for text in texts] == [3000, 10001, -10000, 0, 70000]


@given(st.text())
def test_a_guarded_cell_comes_back_as_it_was(text):
    assert from_cell(as_cell(text)) == text


@pytest.mark.parametrize("text", ["=1+1", "+8613800138000", "-5+3", "@SUM(A1)", "\t=1", "＝1", "'=1"])
def test_no_cell_begins_as_a_formula_does(text):
    assert as_cell(text) == f"'{text}"


def test_plain_numbers_and_words_stay_as_they_are():
    assert [as_cell(text) for text in ("-5", "12.50", "-0.1", "梧桐里", "")] == ["-5", "12.50", "-0.1", "梧桐里", ""]
