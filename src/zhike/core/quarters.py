"""Quarters of the calendar year, written ``2026-Q3``, and periods of whole days."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from zhike.core.dates import add_days, period_start
from zhike.core.errors import ZhikeError

_NAME = re.compile(r"((?:19|20|21)\d\d)-Q([1-4])")


class PeriodError(ZhikeError):
    """A period that cannot be read."""

    code = "bad_period"
    status = 400


class Period(NamedTuple):
    """Whole days, both ends among them."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> date:
        """The day before: who stands in a class at its end stands there when the period begins."""
        return add_days(self.first, -1)

    @classmethod
    def until(cls, last: date, days: int) -> Period:
        """Return the period of so many days that ends with a day."""
        return cls(add_days(last, 1 - days), last)


class Quarter(NamedTuple):
    """Three months of a year, as the calendar has them."""

    first: date

    @classmethod
    def of(cls, day: date) -> Quarter:
        """Return the quarter that holds a day."""
        return cls(period_start(day, "quarter", 0))

    @classmethod
    def parse(cls, name: str) -> Quarter:
        """Read what `str` writes. Raises `PeriodError`."""
        found = _NAME.fullmatch(name)
        if found is None:
            raise PeriodError(
                f"季度写成 2026-Q3 这样，{name[:20]} 不行",
                f"a quarter is written 2026-Q3; {name[:20]} is not",
            )
        return cls(date(int(found[1]), 3 * int(found[2]) - 2, 1))

    def __str__(self) -> str:
        return f"{self.first.year:04}-Q{self.number}"

    @property
    def number(self) -> int:
        return (self.first.month + 2) // 3

    @property
    def period(self) -> Period:
        return Period(self.first, add_days(self.away(1).first, -1))

    def away(self, count: int) -> Quarter:
        """Return the quarter so many quarters later, earlier when negative."""
        return Quarter(period_start(self.first, "quarter", count))
