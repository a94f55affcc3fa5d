"""What is handed in to be recorded, and the checked row that is stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, NamedTuple

from psycopg.types.json import Jsonb

from zhike.base.currencies import codes
from zhike.base.inputs import Invalid, amount, day, line
from zhike.core.dates import add_days, local_day
from zhike.timeline.rates import RateBook
from zhike.timeline.schema import clean_data, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

# Clocks differ and zones do; a day later than tomorrow is a mistake, not an event.
DAYS_AHEAD = 1

COLUMNS = [
    "customer_id",
    "contact_id",
    "kind",
    "occurred_at",
    "day",
    "recorded_at",
    "actor_id",
    "channel",
    "source",
    "amount",
    "currency",
    "base_amount",
    "subject_type",
    "subject_id",
    "data",
    "key",
    "voids_id",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event to be recorded. `amount` is in minor units of `currency` (empty: the company's)."""

    customer_id: int
    kind: str
    occurred_at: datetime
    contact_id: int | None = None
    actor_id: int | None = None
    channel: str = ""
    source: str = ""
    amount: int | None = None
    currency: str = ""
    base_amount: int | None = None
    subject_type: str = ""
    subject_id: str = ""
    data: Mapping[str, object] = field(default_factory=dict)
    key: str = ""
    voids_id: int | None = None


class Setting(NamedTuple):
    """Where and when events are recorded."""

    zone: ZoneInfo
    currency: str
    now: datetime
    rates: RateBook | None = None


class Row(NamedTuple):
    """One row of the table, in the order of COLUMNS."""

    customer_id: int
    contact_id: int | None
    kind: str
    occurred_at: datetime
    day: date
    recorded_at: datetime
    actor_id: int | None
    channel: str
    source: str
    amount: int | None
    currency: str
    base_amount: int | None
    subject_type: str
    subject_id: str
    data: Jsonb
    key: str
    voids_id: int | None


def checked(event: NewEvent, setting: Setting) -> Row:
    """Return the row to store, or raise `Invalid` with the sentence for a person."""
    kind = kind_of(event.kind)
    day_of_event = _day(event.occurred_at, setting)
    given, currency, base = _money(event, day_of_event, setting)
    return Row(
        customer_id=event.customer_id,
        contact_id=event.contact_id,
        kind=kind.key,
        occurred_at=event.occurred_at,
        day=day_of_event,
        recorded_at=setting.now,
        actor_id=event.actor_id,
        channel=line(event.channel, "channel", 32),
        source=line(event.source, "source", 64),
        amount=given,
        currency=currency,
        base_amount=base,
        subject_type=line(event.subject_type, "subject", 32),
        subject_id=line(event.subject_id, "subject", 64),
        data=Jsonb(clean_data(kind, event.data)),
        key=line(event.key, "key", 200),
        voids_id=event.voids_id,
    )


def _day(instant: datetime, setting: Setting) -> date:
    if instant.tzinfo is None:
        message = "an event's instant has a zone"
        raise TypeError(message)
    try:
        found = day(local_day(instant.astimezone(UTC), setting.zone), "occurred_at")
    except OverflowError:
        found = None
    last = add_days(local_day(setting.now, setting.zone), DAYS_AHEAD)
    if found is None or found > last:
        raise Invalid(
            f"时间 {instant:%Y-%m-%d %H:%M} 还没有到",
            f"the time {instant:%Y-%m-%d %H:%M} lies in the future",
            path="occurred_at",
        )
    return found


def _money(event: NewEvent, day: date, setting: Setting) -> tuple[int | None, str, int | None]:
    """Return amount, currency and amount in the company's currency."""
    if event.amount is None:
        return None, "", None
    given = amount(event.amount, "amount")
    if given < 0:
        raise Invalid(
            "金额不能为负；退款请记为 order.refunded",
            "an amount is not negative; record a refund as order.refunded",
            path="amount",
        )
    currency = event.currency.upper() or setting.currency
    if currency == setting.currency:
        return given, currency, given
    if currency not in codes():
        shown = currency[:12]
        raise Invalid(f"没有 {shown} 这种币种", f"there is no currency {shown}", path="currency")
    if event.base_amount is not None:
        return given, currency, amount(event.base_amount, "base_amount")
    book = setting.rates or RateBook(setting.currency)
    return given, currency, amount(book.base_amount(given, currency, day), "base_amount")
