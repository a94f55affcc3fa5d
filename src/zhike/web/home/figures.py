"""The figures of the month, each against the same days of the month before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import BigIntegerField, Case, Count, F, Q, Sum, When
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
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from django.db.models import Aggregate

    from zhike.accounts.models import User

MONTHS = 8
CONTACTS = METRICS["contacts_made"].kinds
_TRADE = ("order.placed", "order.refunded")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of this month so far, the difference to last month by this day, the months before."""

    label: str
    value: str
    months: Sequence[int]
    change: str
    direction: int


class Series(NamedTuple):
    """A number for each month, and that of last month up to the day that it is now."""

    months: Sequence[int]
    before: int


def month_figures(user: User, *, mine: bool, today: date, currency: str) -> list[Figure]:
    """Return revenue, orders, customers who are new, and how often we were in touch."""
    events = visible(user, Event).filter(kind__in=[*_TRADE, *CONTACTS]).exclude(pk__in=voided())
    customers = visible(user, Customer)
    if mine:
        events, customers = events.filter(customer__owner=user), customers.filter(owner=user)
    refund = When(kind="order.refunded", then=-F("base_amount"))
    signed = Case(refund, default=F("base_amount"), output_field=BigIntegerField())
    counts = _by_month(
        events,
        "day",
        today,
        revenue=lambda of: Sum(signed, filter=Q(kind__in=_TRADE) & of),
        orders=lambda of: Count("pk", filter=Q(kind="order.placed") & of),
        contacts=lambda of: Count("pk", filter=Q(kind__in=CONTACTS) & of),
    )
    counts |= _by_month(customers, "created_on", today, created=lambda of: Count("pk", filter=of))
    return [
        _figure(gettext("本月成交额"), counts["revenue"], lambda amount: money(amount, currency)),
        _figure(gettext("本月订单"), counts["orders"], number),
        _figure(gettext("本月新客户"), counts["created"], number),
        _figure(gettext("本月主动联系"), counts["contacts"], number),
    ]


def _by_month(rows: object, column: str, today: date, **measures: Callable[[Q], Aggregate]) -> dict[str, Series]:
    """Aggregate the rows of the last months by month, in one query."""
    month = period_start(today, "month", 0)
    months = [add_months(month, back) for back in range(1 - MONTHS, 1)]
    so_far = Q(**{f"{column}__lte": add_months(today, -1)})
    within = rows.filter(**{f"{column}__gte": months[0], f"{column}__lte": today})  # type: ignore[attr-defined]
    grouped: Iterable[Mapping[str, object]] = (
        within.annotate(month=TruncMonth(column))
        .values("month")
        .annotate(
            **{name: measure(Q(**{f"{column}__isnull": False})) for name, measure in measures.items()},
            **{f"{name}_so_far": measure(so_far) for name, measure in measures.items()},
        )
        .order_by("month")
    )
    found = {row["month"]: row for row in grouped}

    def read(at: date, name: str) -> int:
        value = found.get(at, {}).get(name)
        return value if isinstance(value, int) else 0

    return {name: Series([read(at, name) for at in months], read(months[-2], f"{name}_so_far")) for name in measures}


def _figure(label: str, series: Series, write: Callable[[int], str]) -> Figure:
    difference = series.months[-1] - series.before
    return Figure(
        label=label,
        value=write(series.months[-1]),
        months=series.months,
        change=write(abs(difference)) if difference else "",
        direction=(difference > 0) - (difference < 0),
    )
