"""Writes to the timeline: the only ones there are.

Every event of a customer is written under a lock on that customer's row, taken before anything
is read; many customers are locked in the order of their ids. So two events at once for one
customer are placed one after the other, and nobody waits in a circle.
"""

from __future__ import annotations

from itertools import batched
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Subquery
from django.utils.module_loading import import_string

from zhike.accounts.models import Company
from zhike.accounts.policy import require, visible
from zhike.accounts.queries import company
from zhike.base.clock import now
from zhike.base.errors import NotFound
from zhike.base.inputs import Invalid
from zhike.timeline.models import Event
from zhike.timeline.rows import COLUMNS, NewEvent, Row, Setting, checked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from django.db.models import Model

    from zhike.accounts.models import User

    type Progress = Callable[[int, int], None]

CHUNK = 20_000

_NAMES = ", ".join(COLUMNS)
_INSERT = f"""
INSERT INTO timeline_event ({_NAMES}) VALUES ({", ".join(["%s"] * len(COLUMNS))})
ON CONFLICT (source, key) WHERE NOT key = '' DO NOTHING RETURNING id
"""


class Identified(Protocol):
    """A saved row."""

    pk: int


@transaction.atomic
def record(
    customer: Identified,
    kind: str,
    *,
    by: User | None,
    occurred_at: datetime | None = None,
    contact: Identified | None = None,
    channel: str = "",
    source: str = "",
    amount: int | None = None,
    currency: str = "",
    base_amount: int | None = None,
    subject: tuple[str, str] = ("", ""),
    data: Mapping[str, object] | None = None,
    key: str = "",
    voids: Event | None = None,
) -> Event:
    """Record one event and place the customer again, in one transaction.

    The same (source, key) twice gives the first event back and changes nothing.
    """
    moment = now()
    locked, setting = lock_customer(customer.pk, by=by, moment=moment)
    row = checked(
        NewEvent(
            customer_id=customer.pk,
            kind=kind,
            occurred_at=occurred_at or moment,
            contact_id=contact.pk if contact else None,
            actor_id=by.pk if by else None,
            channel=channel,
            source=source,
            amount=amount,
            currency=currency,
            base_amount=base_amount,
            subject_type=subject[0],
            subject_id=subject[1],
            data=data or {},
            key=key,
            voids_id=voids.pk if voids else None,
        ),
        setting,
    )
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, row)
        inserted = cursor.fetchone()
    if inserted is None:
        return _recorded_before(row)
    event = _event(inserted[0], row, locked)
    for hook in settings.ZHIKE_ON_EVENT:
        import_string(hook)(event)
    return event


def lock_customer(pk: int, *, by: User | None, moment: datetime) -> tuple[Model, Setting]:
    """Lock the customer that `by` may see, in the statement that also reads the company's zone."""
    model = _customer_model()
    rows = model._default_manager.all() if by is None else visible(by, model)
    company_row = Company.objects.filter(pk=1)
    found = (
        rows.filter(pk=pk)
        .select_related("owner")
        .defer("search_text", "search_grams")
        .annotate(
            _zone=Subquery(company_row.values("timezone")[:1]),
            _currency=Subquery(company_row.values("currency")[:1]),
        )
        .select_for_update(of=("self",), no_key=True)
        .first()
    )
    if found is None:
        raise NotFound
    zone, currency = found._zone or Company().timezone, found._currency or Company().currency  # type: ignore[attr-defined]
    return found, Setting(ZoneInfo(zone), currency, moment)


@transaction.atomic
def void(event: Event, *, by: User | None, reason: str = "") -> Event:
    """Take an event back: it stays, and no metric counts it any more."""
    if event.kind == "event.voided" or Event.objects.filter(voids=event).exists():
        raise Invalid("这条记录已经撤销", "this entry is voided already")
    return record(event.customer, "event.voided", by=by, voids=event, data={"reason": reason})


@transaction.atomic
def record_many(
    events: Iterable[NewEvent], *, by: User | None, place: bool = True, progress: Progress | None = None
) -> int:
    """Record events of any number of customers set-wise; return how many were new.

    What was recorded before under the same (source, key) is left out. `place=False` leaves the
    placing to the caller, who has more to write first.
    """
    if by is not None:
        require(by, "import", _customer_model())
    setting = _setting()
    rows = [checked(event, setting) for event in events]
    lock_customers({row.customer_id for row in rows})
    new = 0
    touched: set[int] = set()
    for chunk in batched(rows, CHUNK, strict=False):
        ids = copy_events(chunk)
        touched.update(ids)
        new += len(ids)
        if progress is not None:
            progress(new, len(rows))
    if place and touched:
        for hook in settings.ZHIKE_ON_EVENTS:
            import_string(hook)(sorted(touched))
    return new


def lock_customers(ids: Iterable[int]) -> None:
    """Lock customers in the order of their ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT 1 FROM customers_customer WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE) l",
            [sorted(ids)],
        )


def copy_events(rows: Sequence[Row]) -> list[int]:
    """Insert rows that are new and return the customer of each of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE IF NOT EXISTS new_event ON COMMIT DROP AS SELECT {_NAMES} FROM timeline_event LIMIT 0"
        )
        cursor.execute("TRUNCATE new_event")
        with cursor.copy(f"COPY new_event ({_NAMES}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            f"INSERT INTO timeline_event ({_NAMES}) SELECT {_NAMES} FROM new_event "
            "ON CONFLICT (source, key) WHERE NOT key = '' DO NOTHING RETURNING customer_id"
        )
        return [customer for (customer,) in cursor.fetchall()]


def _setting() -> Setting:
    found = company()
    return Setting(ZoneInfo(found.timezone), found.currency, now())


def _customer_model() -> type[Model]:
    model = Event._meta.get_field("customer").related_model
    assert isinstance(model, type)
    return model


def _recorded_before(row: Row) -> Event:
    event = Event.objects.get(source=row.source, key=row.key)
    if event.customer_id != row.customer_id:
        raise Invalid(
            f"编号 {row.key} 已用于另一位客户的事件",
            f"the key {row.key} belongs to an event of another customer",
            path="key",
        )
    return event


def _event(pk: int, row: Row, customer: Model) -> Event:
    event = Event(pk=pk, **row._replace(data=row.data.obj)._asdict())  # type: ignore[arg-type]
    event.customer = customer
    event._state.adding = False
    event._state.db = "default"
    return event
