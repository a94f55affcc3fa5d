"""What a customer would need again, from the rhythm of their past orders.

Of each product the days between orders give a gap: their median, of at least two orders on different days. The product
is needed again a gap after its last order. Told is the one whose day has come or comes within a fortnight, by the most
orders (the surest rhythm), then by the day that passed first. A product that was let pass three gaps has no rhythm any
more and is left out, unless nothing else remains.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

SOON_DAYS = 14
BROKEN_AFTER = 3
LEAST_GAP = 7  # what is ordered again within a week completes an order


# What an order says of several products, and how many of each: 「PP 棉滤芯 ×48、RO 膜 ×12」.
_BETWEEN = re.compile(r"[、，,;；]")
_HOW_MANY = re.compile(r"\s*[×xX*]\s*\d+\s*\w?$")


def products(title: str) -> list[str]:
    """Return the products that an order's title names, without how many of each."""
    named = (_HOW_MANY.sub("", part.strip()) for part in _BETWEEN.split(title))
    return list(dict.fromkeys(name for name in named if name))


class Bought(NamedTuple):
    """A product and a day on which it was ordered."""

    product: str
    day: date


@dataclass(frozen=True, slots=True)
class Need:
    """A product, how often it was ordered, the days between, and when it would be needed again."""

    product: str
    orders: int
    gap: int
    last: date
    due: date

    def days_over(self, today: date) -> int:
        """Return by how many days its day has passed; negative while it lies ahead."""
        return (today - self.due).days


def needs(bought: Iterable[Bought]) -> list[Need]:
    """Return each product with a rhythm."""
    days: dict[str, set[date]] = {}
    for product, day in bought:
        if product:
            days.setdefault(product, set()).add(day)
    found = []
    for product, ordered in days.items():
        known = sorted(ordered)
        gaps = [(later - earlier).days for earlier, later in pairwise(known) if (later - earlier).days >= LEAST_GAP]
        if gaps:
            gap = round(median(gaps))
            found.append(Need(product, len(known), gap, known[-1], known[-1] + timedelta(days=gap)))
    return found


def need_again(bought: Iterable[Bought], today: date) -> Need | None:
    """Return the product that is needed again, or soon; None without a rhythm."""
    due = [one for one in needs(bought) if one.due <= today + timedelta(days=SOON_DAYS)]
    alive = [one for one in due if one.days_over(today) <= (BROKEN_AFTER - 1) * one.gap]
    return min(alive or due, key=lambda one: (-one.orders, one.due, one.product), default=None)
