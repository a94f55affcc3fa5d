"""The figures of the month, each against the same days of the month before.

What was taken back is counted apart and subtracted: it is little, and the rest can then be read
from an index alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import BooleanField, Count, ExpressionWrapper, Q, Sum
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext

from zhike.accounts.policy import visible
from zhike.base.templatetags.zhike import money, number
from zhike.core.dates import add_months, period_start
from zhike.core.metrics import METRICS
from zhike.customers.models import Customer
from zhike.timeline.models import Event
from zhike.timeline.queries import voided

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from django.db.models import Expression, QuerySet

    from zhike.accounts.models import User

MONTHS = 8
ORDER, REFUND = "order.placed", "order.refunded"
CONTACTS = METRICS["contacts_made"].kinds


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of this month so far, the difference to last month by this day, the months before."""

    label: str
    value: str
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
    customers = visible(user, Customer)
    if mine:
        events, customers = events.filter(customer__owner=user), customers.filter(owner=user)
    whole, partly = _totals(events, span)

    def figure(label: str, read: Callable[[Totals, date], int], write: Callable[[int], str]) -> Figure:
        return _figure(label, [read(whole, month) for month in span.months], read(partly, span.months[-2]), write)

    return [
        figure(gettext("本月成交额"), _revenue, lambda amount: money(amount, currency)),
        figure(gettext("本月订单"), _orders, number),
        _figure(gettext("本月新客户"), *_new_customers(customers, span), number),
        figure(gettext("本月主动联系"), _contacts, number),
    ]


def _totals(events: QuerySet[Event], span: Span) -> tuple[Totals, Totals]:
    """Return (month, kind) → total of whole months, and of months up to the day that it is now."""
    events = events.filter(day__range=(span.months[0], span.today))
    whole: Totals = {}
    partly: Totals = {}
    for sign, rows in ((1, events), (-1, events.filter(pk__in=voided()))):
        parts = rows.annotate(month=TruncMonth("day"), early=_by_now("day", span)).order_by()
        grouped = parts.values_list("month", "kind", "early").annotate(size=Count("*"), amount=Sum("base_amount"))
        for month, kind, early, size, amount in grouped:
            _add(whole, (month, kind), sign * size, sign * (amount or 0))
            if early:
                _add(partly, (month, kind), sign * size, sign * (amount or 0))
    return whole, partly


def _by_now(column: str, span: Span) -> Expression:
    """Say whether a row of last month or earlier lies before the day like today."""
    return ExpressionWrapper(Q(**{f"{column}__lte": span.by_now}), output_field=BooleanField())


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
    parts = began.annotate(month=TruncMonth("created_on"), early=_by_now("created_on", span))
    found = {(month, early): size for month, early, size in parts.values_list("month", "early").annotate(n=Count("*"))}
    by_month = [found.get((month, True), 0) + found.get((month, False), 0) for month in span.months]
    return by_month, found.get((span.months[-2], True), 0)


def _figure(label: str, months: Sequence[int], before: int, write: Callable[[int], str]) -> Figure:
    difference = months[-1] - before
    return Figure(
        label=label,
        value=write(months[-1]),
        months=months,
        change=write(abs(difference)) if difference else "",
        direction=(difference > 0) - (difference < 0),
    )
