"""Writes to the timeline: the only ones there are, each under the lock that `locks` describes."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import batched
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from zhike.accounts.policy import require
from zhike.accounts.queries import company
from zhike.base.clock import now
from zhike.base.inputs import Invalid
from zhike.core.dates import local_day
from zhike.timeline.locks import customer_model, lock_customer, lock_customers
from zhike.timeline.models import Event
from zhike.timeline.rates import RateBook
from zhike.timeline.rows import COLUMNS, NewEvent, Row, Setting, checked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from django.db.backends.utils import CursorWrapper

    from zhike.accounts.models import User
    from zhike.customers.models import Customer

    type Progress = Callable[[int, int], None]

CHUNK = 20_000

_NAMES = ", ".join(COLUMNS)
_ONCE = "ON CONFLICT (source, key) WHERE NOT key = '' DO NOTHING"
_MARKS = ", ".join(["%s"] * len(COLUMNS))
_INSERT = f"INSERT INTO timeline_event ({_NAMES}) VALUES ({_MARKS}) {_ONCE} RETURNING id"  # noqa: S608
_STAGE = f"CREATE TEMP TABLE IF NOT EXISTS new_event ON COMMIT DROP AS SELECT {_NAMES} FROM timeline_event LIMIT 0"  # noqa: S608
_MOVE = f"INSERT INTO timeline_event ({_NAMES}) SELECT {_NAMES} FROM new_event {_ONCE} RETURNING customer_id, day, key"  # noqa: S608


class Identified(Protocol):
    """A saved row."""

    pk: int


@transaction.atomic
def record(  # noqa: PLR0913  one keyword each
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
        cursor.execute(_INSERT, cast("list[str]", list(row)))  # django-stubs does not know Jsonb
        inserted = cursor.fetchone()
    if inserted is None:
        return _recorded_before(row)
    event = _event(inserted[0], row, locked)
    for hook in settings.ZHIKE_ON_EVENT:
        import_string(hook)(event)
    return event


@transaction.atomic
def void(event: Event, *, by: User | None, reason: str = "", replaced: bool = False) -> Event:
    """Take an event back: it stays, and no metric counts it any more.

    `replaced`: another one stands in its place, and pages show that one alone.
    """
    if by is not None:
        require(by, "create", Event(customer=event.customer))
    if event.kind == "event.voided" or Event.objects.filter(voids=event).exists():
        raise Invalid("这条记录已经撤销", "this entry is voided already")
    return record(
        event.customer,
        "event.voided",
        by=by,
        voids=event,
        data={"reason": reason, **({"replaced": True} if replaced else {})},
    )


def record_many(
    events: Iterable[NewEvent], *, by: User | None, place: bool = True, progress: Progress | None = None
) -> int:
    """Record events of any number of customers set-wise; return how many were new.

    What was recorded before under the same (source, key) is left out. `place=False` leaves the
    placing to the caller, who has more to write first.
    """
    setting = bulk_setting()
    rows = [checked(event, setting) for event in events]
    return store_rows(rows, by=by, place=place, progress=progress).new


@dataclass(slots=True)
class Stored:
    """How many rows were new, the keys of those, of whom they are, and whose past they changed."""

    new: int = 0
    keys: list[str] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    late: set[int] = field(default_factory=set)


@transaction.atomic
def store_rows(rows: Sequence[Row], *, by: User | None, place: bool = True, progress: Progress | None = None) -> Stored:
    """Store rows that were checked, as `record_many` does."""
    if by is not None:
        require(by, "import", customer_model())
    lock_customers({row.customer_id for row in rows})
    setting = bulk_setting()
    today = local_day(setting.now, setting.zone)
    stored, done = Stored(), 0
    for chunk in batched(rows, CHUNK):
        copied = copy_events(chunk)
        stored.new += len(copied)
        stored.keys += [row.key for row in copied]
        stored.touched.update(row.customer for row in copied)
        stored.late.update(row.customer for row in copied if row.day < today)
        done += len(chunk)
        if progress is not None:
            progress(done, len(rows))
    if place:
        place_set_wise(stored.late, recomputed="late")
        place_set_wise(stored.touched - stored.late)
    return stored


def place_set_wise(customers: Iterable[int], *, recomputed: str = "") -> None:
    """Let those who listen to bulk writes see the customers that were written about.

    `recomputed` says what changed the past of these customers: ``late`` events, an ``edited`` record.
    """
    ids = sorted(customers)
    for hook in settings.ZHIKE_ON_EVENTS if ids else ():
        import_string(hook)(ids, recomputed=recomputed)


def insert_events(rows: Sequence[Row]) -> None:
    """Insert a few rows that nobody has recorded before."""
    if rows:
        marks = ", ".join([f"({_MARKS})"] * len(rows))
        with connection.cursor() as cursor:
            values = cast("list[str]", [value for row in rows for value in row])
            cursor.execute(f"INSERT INTO timeline_event ({_NAMES}) VALUES {marks}", values)  # noqa: S608


class Copied(NamedTuple):
    """Whose event was inserted, of which day, and what it is known by, if by anything."""

    customer: int
    day: date
    key: str


def copy_events(rows: Sequence[Row]) -> list[Copied]:
    """Insert rows that are new and return of whom and of which day each of them is."""
    with connection.cursor() as cursor:
        if not any(row.key for row in rows):
            # Without a key nothing was recorded before.
            _copy(cursor, "timeline_event", rows)
            return [Copied(row.customer_id, row.day, row.key) for row in rows]
        cursor.execute(_STAGE)
        cursor.execute("TRUNCATE new_event")
        _copy(cursor, "new_event", rows)
        cursor.execute(_MOVE)
        return [Copied(*row) for row in cursor.fetchall()]


def _copy(cursor: CursorWrapper, table: str, rows: Iterable[Row]) -> None:
    with cursor.copy(f"COPY {table} ({_NAMES}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def bulk_setting() -> Setting:
    """Return where and when events are recorded."""
    found = company()
    return Setting(found.zone, found.currency, now(), RateBook(found.currency))


def _recorded_before(row: Row) -> Event:
    event = Event.objects.get(source=row.source, key=row.key)
    if event.customer_id != row.customer_id:
        raise Invalid(
            f"编号 {row.key} 已用于另一位客户的事件",
            f"the key {row.key} belongs to an event of another customer",
            path="key",
        )
    event.is_repeat = True
    return event


def _event(pk: int, row: Row, customer: Customer) -> Event:
    event = Event(pk=pk, **(row._asdict() | {"data": row.data.obj}))
    event.customer = customer
    event._state.adding = False
    event._state.db = "default"
    return event
