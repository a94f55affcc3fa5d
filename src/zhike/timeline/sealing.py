"""The timeline, sealed stretch by stretch into the audit log.

An entry for each event would make all writers wait for one another. Instead a stretch of finished ids is
digested now and then, and the digest goes into the chain. Whoever must rewrite events, for an erasure or a
merge, does it inside `rewriting`, which digests the stretches again and says why.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from django.db import connection, transaction

from zhike.audit.actions import record
from zhike.audit.models import Entry
from zhike.timeline.models import Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

STRETCH = 20_000
# How long sealing waits for writers that were there before it; else it comes again later.
PATIENCE = 20.0
_PAUSE = 0.2

_UTC = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')"""
_TEXT = (
    f"jsonb_build_array(id, customer_id, contact_id, kind, {_UTC.format('occurred_at')}, day, "
    f"{_UTC.format('recorded_at')}, actor_id, channel, source, amount, currency, base_amount, subject_type, "
    "subject_id, data, key, voids_id)::text"
)
_DIGEST = (
    f"SELECT count(*), encode(sha256(convert_to(coalesce(string_agg("  # noqa: S608  our own columns
    f"encode(sha256(convert_to({_TEXT}, 'UTF8')), 'hex'), '' ORDER BY id), ''), 'UTF8')), 'hex') "
    "FROM timeline_event WHERE id BETWEEN %s AND %s"
)
_WRITERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND backend_xid IS NOT NULL AND xact_start <= %s"
)
_SEALED, _AGAIN = "timeline.sealed", "timeline.resealed"


class Seal(NamedTuple):
    """A stretch of ids, how many events are in it, and their digest."""

    first: int
    last: int
    size: int
    digest: str
    intact: bool = True  # whether it was what it had been when it was last rewritten


class Sealed(NamedTuple):
    """What a check of all seals has found."""

    stretches: int
    events: int
    last: int
    broken: Seal | None


def seal_timeline(*, patience: float = PATIENCE) -> int:
    """Seal the events that are there and finished; return how many. Nothing when writers go on for too long."""
    bound = _finished(patience)
    sealed = 0
    while True:
        with transaction.atomic():
            _alone()
            first = _sealed_up_to() + 1
            ids = Event.objects.filter(pk__gte=first, pk__lte=bound).order_by("pk").values_list("pk", flat=True)
            stretch = list(ids[:STRETCH])
            if not stretch:
                return sealed
            last = stretch[-1]
            seal = _read(first, last)
            record(_SEALED, by=None, subject=("timeline.Event", f"{first}-{last}"), data=_data(seal))
            sealed += seal.size


@contextmanager
def rewriting(customers: Iterable[int], *, why: str) -> Iterator[None]:
    """Let the block change events of these customers, which else the database refuses. In a transaction."""
    _alone()
    ids = list(customers)
    touched = Event.objects.filter(customer__in=ids).order_by("pk").values_list("pk", flat=True)
    seals = _seals_of(list(touched))
    intact = {seal.first: seal.intact and _read(seal.first, seal.last)[:4] == seal[:4] for seal in seals}
    _allow("on")
    yield
    _allow("")
    for seal in seals:
        data = {**_data(_read(seal.first, seal.last)), "intact": intact[seal.first], "why": why}
        record(_AGAIN, by=None, subject=("timeline.Event", f"{seal.first}-{seal.last}"), data=data)


def check_seals() -> Sealed:
    """Digest every sealed stretch again, and name the first that is not as it was sealed."""
    events = last = 0
    seals = _seals()
    for seal in seals:
        found = _read(seal.first, seal.last)
        if seal.first != last + 1 or not seal.intact or found[:4] != seal[:4]:
            return Sealed(len(seals), events, last, seal)
        events, last = events + seal.size, seal.last
    return Sealed(len(seals), events, last, None)


def _finished(patience: float) -> int:
    """Return an id up to which no event can come any more: whoever might write one has ended."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0), clock_timestamp() FROM timeline_event")
        bound, moment = cursor.fetchone()
        until = time.monotonic() + patience
        while True:
            cursor.execute(_WRITERS, [moment])
            (writers,) = cursor.fetchone()
            if not writers:
                return int(bound)
            if time.monotonic() >= until:
                return 0
            time.sleep(_PAUSE)


def _alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('zhike.seal'))")


def _allow(word: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('zhike.rewrite', %s, true)", [word])


def _sealed_up_to() -> int:
    last = Entry.objects.filter(action=_SEALED).order_by("-pk").values_list("data", flat=True).first()
    return int(last["last"]) if last else 0


def _seals() -> list[Seal]:
    """Return each stretch as it was last sealed, in the order of ids."""
    found: dict[int, Seal] = {}
    rows = Entry.objects.filter(action__in=[_SEALED, _AGAIN]).order_by("pk").values_list("data", flat=True)
    for data in rows.iterator():
        before = found.get(data["first"])
        intact = data.get("intact", True) and (before is None or before.intact)
        found[data["first"]] = Seal(data["first"], data["last"], data["count"], data["digest"], intact)
    return [found[first] for first in sorted(found)]


def _seals_of(ids: list[int]) -> list[Seal]:
    """Return the stretches that hold one of these ids, which are in order."""
    return [seal for seal in _seals() if bisect_left(ids, seal.first) < bisect_left(ids, seal.last + 1)]


def _read(first: int, last: int) -> Seal:
    with connection.cursor() as cursor:
        cursor.execute(_DIGEST, [first, last])
        count, digest = cursor.fetchone()
    return Seal(first, last, count, digest)


def _data(seal: Seal) -> dict[str, object]:
    return {"first": seal.first, "last": seal.last, "count": seal.size, "digest": seal.digest}
