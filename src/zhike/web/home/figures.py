"""The figures of the month, each against the same days of the month before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext

from zhike.accounts.policy import visible
from zhike.base.templatetags.zhike import money, number
from zhike.core.dates import add_months, period_start
from zhike.core.metrics import METRICS
from zhike.timeline.models import Event

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from zhike.accounts.models import User

MONTHS = 8
CONTACTS = METRICS["contacts_made"].kinds


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of this month so far, the difference to last month by this day, the months before."""

    label: str
    value: str
    months: Sequence[int]
    change: str
    direction: int


def month_figures(user: User, *, mine: bool, today: date, currency: str) -> list[Figure]:
    """Return revenue, orders, customers who are new, and how often we were in touch."""
    month = period_start(today, "month", 0)
    by_now = add_months(today, -1)
    rows = _months(user, mine=mine, since=add_months(month, 1 - MONTHS), today=today, by_now=by_now)
    months = [add_months(month, back) for back in range(1 - MONTHS, 1)]
    labels = {
        "revenue": gettext("本月成交额"),
        "orders": gettext("本月订单"),
        "created": gettext("本月新客户"),
        "contacts": gettext("本月主动联系"),
    }
    return [_figure(label, name, months, rows, currency) for name, label in labels.items()]


def _months(
    user: User, *, mine: bool, since: date, today: date, by_now: date
) -> Mapping[date, Mapping[str, int | None]]:
    events = visible(user, Event).filter(day__gte=since, day__lte=today, voided_by=None)
    if mine:
        events = events.filter(customer__owner=user)
    orders, refunds = Q(kind="order.placed"), Q(kind="order.refunded")
    so_far = Q(day__lte=by_now)
    parts = {
        "revenue": (Sum, "base_amount", orders),
        "refunds": (Sum, "base_amount", refunds),
        "orders": (Count, "pk", orders),
        "created": (Count, "pk", Q(kind="customer.created")),
        "contacts": (Count, "pk", Q(kind__in=CONTACTS)),
    }
    whole = {name: fold(column, filter=kinds) for name, (fold, column, kinds) in parts.items()}
    partly = {f"{name}_so_far": fold(column, filter=kinds & so_far) for name, (fold, column, kinds) in parts.items()}
    kinds = ["order.placed", "order.refunded", "customer.created", *CONTACTS]
    counted = events.filter(kind__in=kinds).annotate(month=TruncMonth("day")).values("month").order_by("month")
    return {row["month"]: row for row in counted.annotate(**whole, **partly)}


def _figure(
    label: str, name: str, months: Sequence[date], rows: Mapping[date, Mapping[str, int | None]], currency: str
) -> Figure:
    def read(month: date, suffix: str = "") -> int:
        row = rows.get(month, {})
        value = row.get(f"{name}{suffix}") or 0
        return value - (row.get(f"refunds{suffix}") or 0) if name == "revenue" else value

    values = [read(month) for month in months]
    now, before = values[-1], read(months[-2], "_so_far")
    difference = now - before
    amount = money(abs(difference), currency) if name == "revenue" else number(abs(difference))
    return Figure(
        label=label,
        value=money(now, currency) if name == "revenue" else number(now),
        months=values,
        change=amount if difference else "",
        direction=(difference > 0) - (difference < 0),
    )
