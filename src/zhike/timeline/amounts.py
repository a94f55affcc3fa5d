"""Writes of exchange rates, and of the amounts that a corrected rate makes others.

The timeline is append-only: an amount that reads otherwise now is voided, with the rate as the reason, and
recorded again beside it. So what was told at the time stays, and whoever looks sees why it changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef

from zhike.accounts.policy import require
from zhike.accounts.queries import company
from zhike.base.clock import now
from zhike.base.currencies import codes
from zhike.base.errors import Conflict
from zhike.base.inputs import Invalid, day, line
from zhike.core.money import converted
from zhike.timeline.actions import bulk_setting, copy_events, place_set_wise
from zhike.timeline.locks import lock_customers
from zhike.timeline.models import Event, ExchangeRate
from zhike.timeline.rates import in_force, next_day
from zhike.timeline.rows import NewEvent, checked

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date

    from django.db.models import QuerySet

    from zhike.accounts.models import User

NOTE_MAX = 200
SOURCE = "rates"
_LARGEST = Decimal(10) ** 9
_SMALLEST = Decimal("0.00000001")


@transaction.atomic
def set_rate(*, currency: str, from_day: date, rate: object, note: str = "", by: User | None) -> ExchangeRate:
    """Write down what a currency is worth from a day on. For a day that has a rate, the new one counts."""
    if by is not None:
        require(by, "change", ExchangeRate)
    base = company().currency
    code = currency.strip().upper()
    if code not in codes():
        raise Invalid(f"没有 {code[:12]} 这种币种", f"there is no currency {code[:12]}", path="currency")
    if code == base:
        raise Invalid(f"{base} 就是公司的币种", f"{base} is the company's own currency", path="currency")
    return ExchangeRate.objects.create(
        currency=code,
        base=base,
        day=day(from_day, "day"),
        rate=_number(rate),
        note=line(note, "note", NOTE_MAX),
        by=by,
        created_at=now(),
    )


def _number(raw: object) -> Decimal:
    try:
        number = Decimal(str(raw).strip())
    except InvalidOperation:
        number = Decimal(0)
    if not number.is_finite() or not _SMALLEST <= number < _LARGEST:
        raise Invalid("汇率是大于 0 的数，例如 7.2", "a rate is a number above 0 such as 7.2", path="rate")
    return number.quantize(_SMALLEST)


@dataclass(frozen=True, slots=True)
class Restatement:
    """The amounts that a rate makes others: how many, of how many customers, and their sum before and after."""

    events: int
    customers: int
    before: int
    after: int


def restated(rate: ExchangeRate, of: Collection[int] | None = None) -> Restatement:
    """Return what would change if the amounts of a rate's days were worked out by it."""
    count = before = after = 0
    customers: set[int] = set()
    for event, amount in _differing(rate, of):
        count += 1
        customers.add(event.customer_id)
        before += event.base_amount or 0
        after += amount
    return Restatement(count, len(customers), before, after)


def _differing(rate: ExchangeRate, of: Collection[int] | None) -> Iterator[tuple[Event, int]]:
    """Yield the events of a rate's days whose amount in the company's currency is another by it."""
    if not in_force(rate):
        return
    for event in _of_its_days(rate, of).iterator(chunk_size=2000):
        amount = converted(event.amount or 0, rate.rate, rate.currency, rate.base)
        if amount != event.base_amount:
            yield event, amount


def _of_its_days(rate: ExchangeRate, of: Collection[int] | None = None) -> QuerySet[Event]:
    events = Event.objects.filter(currency=rate.currency, amount__isnull=False, day__gte=rate.day)
    if until := next_day(rate):
        events = events.filter(day__lt=until)
    if of is not None:
        events = events.filter(customer_id__in=of)
    return events.exclude(Exists(Event.objects.filter(voids=OuterRef("pk")))).order_by("customer_id", "pk")


@transaction.atomic
def restate(rate: ExchangeRate, *, by: User | None, customers: Collection[int] | None = None) -> Restatement:
    """Void the amounts that a rate makes others, record them again by it, and place their customers.

    Of all, or of some `customers` alone.
    """
    if by is not None:
        require(by, "change", ExchangeRate)
    if not in_force(rate) or company().currency != rate.base:
        raise Conflict("这一天已经有更新的汇率", "there is a newer rate for this day")
    lock_customers(set(_of_its_days(rate, customers).values_list("customer_id", flat=True)))
    setting = bulk_setting()
    reason = f"{rate.currency} {rate.day.isoformat()} 起的汇率改为 {rate.rate.normalize():f}"
    rows = []
    found = restated(rate, customers)
    for event, amount in _differing(rate, customers):
        rows.append(
            checked(
                NewEvent(
                    customer_id=event.customer_id,
                    kind="event.voided",
                    occurred_at=setting.now,
                    actor_id=by.pk if by else None,
                    source=SOURCE,
                    data={"reason": reason},
                    voids_id=event.pk,
                ),
                setting,
            )
        )
        rows.append(checked(_again(event, amount, rate), setting))
    if rows:
        copy_events(rows)
        place_set_wise({row.customer_id for row in rows}, recomputed="rates")
    return found


def customers_of_days(rate: ExchangeRate, *, after: int, most: int) -> list[int]:
    """Return the next customers who have amounts in the days of a rate."""
    rows = _of_its_days(rate).filter(customer_id__gt=after).order_by("customer_id")
    return list(rows.values_list("customer_id", flat=True).distinct()[:most])


def _again(event: Event, amount: int, rate: ExchangeRate) -> NewEvent:
    return NewEvent(
        customer_id=event.customer_id,
        kind=event.kind,
        occurred_at=event.occurred_at,
        contact_id=event.contact_id,
        actor_id=event.actor_id,
        channel=event.channel,
        source=SOURCE,
        amount=event.amount,
        currency=event.currency,
        base_amount=amount,
        subject_type=event.subject_type,
        subject_id=event.subject_id,
        data=event.data,
        key=f"{event.pk}:{rate.pk}",
    )
