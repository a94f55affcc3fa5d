"""The figures of the month, each against the same days of the month before.

They add up hundreds of thousands of events, so the page does not wait for them: it asks for them
once it is there.

What was taken back is counted apart and subtracted: it is little, and the rest can then be read
from an index alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count, Sum
from django.utils.translation import gettext_lazy as _

from zhike.accounts.policy import visible
from zhike.base.errors import current_language
from zhike.base.templatetags.zhike import number
from zhike.core.dates import add_months, period_start
from zhike.core.metrics import METRICS
from zhike.core.money import brief_money, format_money
from zhike.customers.models import Customer
from zhike.timeline.models import Event
from zhike.timeline.queries import voided

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from django.db.models import QuerySet

    from zhike.accounts.models import User

MONTHS = 8
ORDER, REFUND = "order.placed", "order.refunded"
CONTACTS = METRICS["contacts_made"].kinds
LABELS = (_("本月成交额"), _("本月订单"), _("本月新客户"), _("本月主动联系"))


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of this month so far, the difference to last month by this day, the months before."""

    label: str
    value: str
    exact: str
    months: Sequence[int]
    change: str
    direction: int


class Total(NamedTuple):
    """How many there were in a month, and what they came to."""

    size: int = 0
    amount: int = 0


type Totals = dict[tuple[date, str], Total]


class Span(NamedTuple):
    """The months that are shown, the last of them up to today, and the day of last month like today."""

    months: Sequence[date]
    today: date
    by_now: date

    @classmethod
    def until(cls, today: date) -> Span:
        month = period_start(today, "month", 0)
        return cls([add_months(month, back) for back in range(1 - MONTHS, 1)], today, add_months(today, -1))


def month_figures(user: User, *, mine: bool, today: date, currency: str) -> list[Figure]:
    """Return revenue, orders, customers who are new, and how often we were in touch."""
    span = Span.until(today)
    events = visible(user, Event).filter(kind__in=[ORDER, REFUND, *CONTACTS])
    known = visible(user, Customer)
    if mine:
        events, known = events.filter(customer__owner=user), known.filter(owner=user)
    whole, partly = _totals(events, span)

    def brief(amount: int) -> str:
        return brief_money(amount, currency, current_language()) if amount else "0"

    def counted(read: Callable[[Totals, date], int]) -> tuple[list[int], int]:
        return [read(whole, month) for month in span.months], read(partly, span.months[-2])

    revenue, orders, newcomers, contacts = (str(label) for label in LABELS)
    return [
        _figure(revenue, *counted(_revenue), brief, exact=lambda amount: format_money(amount, currency)),
        _figure(orders, *counted(_orders), number),
        _figure(newcomers, *_new_customers(known, span), number),
        _figure(contacts, *counted(_contacts), number),
    ]


def _totals(events: QuerySet[Event], span: Span) -> tuple[Totals, Totals]:
    """Return (month, kind) → total of whole months, and of months up to the day that it is now.

    The database adds up days, in which the index is sorted; the days are added up here.
    """
    events = events.filter(day__range=(span.months[0], span.today)).order_by()
    whole: Totals = {}
    partly: Totals = {}
    for sign, rows in ((1, events), (-1, events.filter(pk__in=voided()))):
        days = rows.values_list("kind", "day").annotate(size=Count("*"), amount=Sum("base_amount"))
        for kind, day, size, amount in days:
            month = day.replace(day=1)
            _add(whole, (month, kind), sign * size, sign * (amount or 0))
            if day <= span.by_now:
                _add(partly, (month, kind), sign * size, sign * (amount or 0))
    return whole, partly


def _add(totals: Totals, key: tuple[date, str], size: int, amount: int) -> None:
    before = totals.get(key, Total())
    totals[key] = Total(before.size + size, before.amount + amount)


def _revenue(totals: Totals, month: date) -> int:
    return totals.get((month, ORDER), Total()).amount - totals.get((month, REFUND), Total()).amount


def _orders(totals: Totals, month: date) -> int:
    return totals.get((month, ORDER), Total()).size


def _contacts(totals: Totals, month: date) -> int:
    return sum(totals.get((month, kind), Total()).size for kind in CONTACTS)


def _new_customers(customers: QuerySet[Customer], span: Span) -> tuple[list[int], int]:
    """Return how many records began in each month, and last month by the day like today."""
    began = customers.filter(created_on__range=(span.months[0], span.today)).order_by()
    by_month = dict.fromkeys(span.months, 0)
    by_now = 0
    for day, size in began.values_list("created_on").annotate(n=Count("*")):
        month = day.replace(day=1)
        by_month[month] += size
        if month == span.months[-2] and day <= span.by_now:
            by_now += size
    return list(by_month.values()), by_now


def _figure(
    label: str,
    months: Sequence[int],
    before: int,
    write: Callable[[int], str],
    *,
    exact: Callable[[int], str] = number,
) -> Figure:
    difference = months[-1] - before
    return Figure(
        label=label,
        value=write(months[-1]),
        exact=exact(months[-1]),
        months=months,
        change=write(abs(difference)) if difference else "",
        direction=(difference > 0) - (difference < 0),
    )
