"""Which rate holds on a day: the one of the latest day on or before."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from zhike.base.inputs import Invalid
from zhike.core.money import converted
from zhike.timeline.models import ExchangeRate

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from django.db.models import QuerySet


class RateBook:
    """The rates into one currency; those of a foreign currency are read when it is first met."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._known: dict[str, tuple[list[date], list[Decimal]]] = {}

    def rate(self, currency: str, day: date) -> Decimal | None:
        """Return what one unit is worth on a day, or None when nobody has said."""
        days, rates = self._of(currency)
        at = bisect_right(days, day)
        return rates[at - 1] if at else None

    def base_amount(self, minor: int, currency: str, day: date) -> int:
        """Return the amount in the base currency, or say which rate is missing."""
        rate = self.rate(currency, day)
        if rate is None:
            raise Invalid(
                f"没有 {currency} 在 {day.isoformat()} 的汇率，先到「设置 → 汇率」添加这一天或更早的",
                f"there is no rate of {currency} for {day.isoformat()}: add one for that day or before under "
                "Settings → Exchange rates",
                path="currency",
            )
        return converted(minor, rate, currency, self._base)

    def _of(self, currency: str) -> tuple[list[date], list[Decimal]]:
        if currency not in self._known:
            rows = ExchangeRate.objects.filter(base=self._base, currency=currency).order_by("day", "pk")
            by_day = dict(rows.values_list("day", "rate"))  # the last written of a day counts
            self._known[currency] = (list(by_day), list(by_day.values()))
        return self._known[currency]


def next_day(rate: ExchangeRate) -> date | None:
    """Return the day on which the next rate takes over."""
    later = ExchangeRate.objects.filter(base=rate.base, currency=rate.currency, day__gt=rate.day)
    return later.order_by("day").values_list("day", flat=True).first()


def in_force(rate: ExchangeRate) -> bool:
    """Say whether no later row has corrected this one."""
    same_day = ExchangeRate.objects.filter(base=rate.base, currency=rate.currency, day=rate.day)
    return not same_day.filter(pk__gt=rate.pk).exists()


def all_rates(base: str) -> QuerySet[ExchangeRate]:
    """Return the rates into a currency, by currency, the newest day first."""
    rows = ExchangeRate.objects.filter(base=base).select_related("by")
    return rows.order_by("currency", "-day", "-pk")
