from __future__ import annotations

from datetime import date

import pytest

from zhike.core.quarters import Period, PeriodError, Quarter


@pytest.mark.parametrize(
    ("day", "name", "first", "last"),
    [
        (date(2026, 1, 1), "2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        (date(2026, 6, 30), "2026-Q2", date(2026, 4, 1), date(2026, 6, 30)),
        (date(2026, 8, 15), "2026-Q3", date(2026, 7, 1), date(2026, 9, 30)),
        (date(2026, 12, 31), "2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
    ],
)
def test_a_day_belongs_to_a_quarter_with_a_first_and_a_last_day(day, name, first, last):
    quarter = Quarter.of(day)
    assert str(quarter) == name
    assert quarter == Quarter.parse(name)
    assert quarter.period == Period(first, last)


def test_quarters_follow_each_other_over_the_turn_of_the_year():
    assert str(Quarter.parse("2026-Q1").away(-1)) == "2025-Q4"
    assert str(Quarter.parse("2026-Q4").away(1)) == "2027-Q1"


@pytest.mark.parametrize("name", ["2026-Q5", "2026-Q0", "2026Q1", "0000-Q1", "1899-Q4", "2026-Q1 ", ""])
def test_what_is_no_quarter_is_refused_in_words(name):
    with pytest.raises(PeriodError) as refused:
        Quarter.parse(name)
    assert refused.value.zh == f"季度写成 2026-Q3 这样，{name} 不行"


def test_a_period_counts_both_its_ends():
    period = Period.until(date(2026, 11, 20), 90)
    assert period == Period(date(2026, 8, 23), date(2026, 11, 20))
    assert (period.days, period.before) == (90, date(2026, 8, 22))
