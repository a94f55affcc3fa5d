"""Damping: a class that has to hold for days before a customer enters it.

The class of a day follows from the classes of the days before and from nothing else, so the past
can be told again: it is the class of the latest run of days that lasted as long as its class
demands. A record begins in the class of its first day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.core.dates import add_days

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

type Runs = list[tuple[date, str]]


def damp(runs: Runs, hold_days: Callable[[str], int], *, from_the_start: bool) -> Runs:
    """Return the classes in effect for runs of days that came out as one class each.

    `runs` are (first day, class), oldest first, the last without an end. Unless they begin where
    the record does, the answer begins only on the day on which the first class is certain; it may
    be empty.
    """
    found: Runs = []
    for index, (day, key) in enumerate(runs):
        if found and found[-1][1] == key:
            continue
        entered = day if index == 0 and from_the_start else add_days(day, hold_days(key) - 1)
        if index + 1 == len(runs) or entered < runs[index + 1][0]:
            found.append((entered, key))
    return found
