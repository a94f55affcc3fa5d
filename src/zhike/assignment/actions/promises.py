"""Writes of promises: begun, kept, ended, and told up the ladder once they are broken.

What begins, keeps or ends one happens in the transaction of what brings it about, set-wise. Only the ladder goes by the
clock; each of its steps is counted in the row of the promise, in the transaction that tells people of it, so that a
clock that jumps, or two workers at once, tell everybody once.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction

from zhike.accounts.policy import require
from zhike.accounts.queries import company_zone
from zhike.assignment.ladder import LADDER, chain
from zhike.assignment.models import Promise, PromiseTerms
from zhike.assignment.promises import BY_US, sla_of, terms
from zhike.assignment.working_days import after_hours
from zhike.audit.actions import record
from zhike.base.clock import now
from zhike.base.doors import Door
from zhike.base.errors import Conflict
from zhike.base.inputs import Invalid
from zhike.classification.models import Notification, Placement
from zhike.classification.rules import rulebook

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, time

    from zhike.accounts.models import User
    from zhike.classification.follow_up import Entered
    from zhike.classification.rules import Rulebook
    from zhike.timeline.models import Event

CHUNK = 500
# Beyond this a beginning lies in the future: the clock ran ahead when it was written.
AHEAD = timedelta(minutes=2)
# No longer than this lies between what a step of an import tells and what begins by it.
STEP = timedelta(minutes=5)
MOST_HOURS = 720

_START = """
INSERT INTO assignment_promise (customer_id, dimension, class_key, hours, started_at, due_at, steps, next_at)
SELECT t.customer, t.dimension, t.class_key, t.hours, %s, t.due, 0, t.due
  FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::int[], %s::timestamptz[])
    AS t (customer, dimension, class_key, hours, due)
  JOIN customers_customer c ON c.id = t.customer AND c.deleted_at IS NULL AND c.erased_at IS NULL
ON CONFLICT (customer_id, dimension) WHERE kept_at IS NULL AND ended_at IS NULL DO NOTHING
"""

# Every promise of these customers beside the first contact since it began that nobody has voided.
_SETTLE = """
WITH found AS (
    SELECT p.id, e.id AS event, e.occurred_at AS at
      FROM assignment_promise p
      LEFT JOIN LATERAL (
          SELECT e.id, e.occurred_at FROM timeline_event e
           WHERE e.customer_id = p.customer_id AND e.kind = ANY(%s) AND e.occurred_at >= p.started_at
             AND NOT EXISTS (SELECT FROM timeline_event v WHERE v.voids_id = e.id)
           ORDER BY e.occurred_at, e.id LIMIT 1) e ON true
     WHERE p.customer_id = ANY(%s) AND p.ended_at IS NULL AND p.kept_by IS DISTINCT FROM e.id
)
UPDATE assignment_promise p
   SET kept_at = f.at, kept_by = f.event,
       next_at = CASE WHEN f.event IS NULL AND p.steps < %s THEN p.due_at END
  FROM found f
 WHERE p.id = f.id
   AND (f.event IS NOT NULL OR NOT EXISTS (
        SELECT FROM assignment_promise o WHERE o.customer_id = p.customer_id AND o.dimension = p.dimension
           AND o.kept_at IS NULL AND o.ended_at IS NULL AND o.id <> p.id))
"""


_TAKE_BACK = """
UPDATE assignment_promise p SET ended_at = %s, next_at = NULL
 WHERE p.customer_id = ANY(%s) AND p.kept_at IS NULL AND p.ended_at IS NULL AND p.started_at >= %s
   AND EXISTS (SELECT FROM timeline_event e
                WHERE e.customer_id = p.customer_id AND e.kind = 'owner.changed' AND e.source = %s
                  AND p.started_at BETWEEN e.recorded_at AND e.recorded_at + make_interval(secs => %s))
"""

# --- Begun and ended ---


def follow_classes(entered: Sequence[Entered], rules: Rulebook, *, is_told: bool) -> None:
    """End what a class owed that was left, and begin what one owes that was entered.

    History that is being written, and everybody being placed by new rules, begin nothing.
    """
    owed = sla_of(rules)
    if not owed:
        return  # what was promised before the rules stopped doing so is ended with the clock
    left = [one for one in entered if one.old]
    if left:
        _end(left)
    if is_told:
        begun = [(one.customer, one.dimension, one.class_key) for one in entered]
        _start([one for one in begun if one[1:] in owed], owed)


def follow_owners(ids: Sequence[int]) -> None:
    """Begin what the classes of these customers owe, since somebody new is to be in touch with them.

    What is open goes on: the customer has waited since it began, whoever was to answer.
    """
    owed = sla_of(rulebook())
    if owed:
        dimensions = {dimension for dimension, _ in owed}
        placed = Placement.objects.filter(customer__in=ids, dimension__in=dimensions, customer__owner__isnull=False)
        rows = placed.values_list("customer", "dimension", "class_key").order_by("customer", "dimension")
        _start([one for one in rows if one[1:] in owed], owed)


def take_back(ids: Iterable[int], *, since: datetime) -> None:
    """End what is owed to these customers because a file gave them to somebody since then: it was taken back.

    What was open before the file goes on, and so does what a class that was entered later owes.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_BACK, [now(), list(ids), since, str(Door.IMPORT), STEP.total_seconds()])


def _end(left: Sequence[Entered]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE assignment_promise p SET ended_at = %s, next_at = NULL "
            "FROM unnest(%s::bigint[], %s::text[]) AS t (customer, dimension) "
            "WHERE p.customer_id = t.customer AND p.dimension = t.dimension AND p.kept_at IS NULL AND p.ended_at IS NULL",
            [now(), [one.customer for one in left], [one.dimension for one in left]],
        )


def _start(wanted: Sequence[tuple[int, str, str]], owed: dict[tuple[str, str], int]) -> None:
    if not wanted:
        return
    at = now()
    due = {hours: due_at(at, hours) for hours in {owed[dimension, key] for _, dimension, key in wanted}}
    hours = [owed[dimension, key] for _, dimension, key in wanted]
    columns = [list(column) for column in zip(*wanted, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_START, [at, *columns, hours, [due[one] for one in hours]])


def due_at(start: datetime, hours: float, said: PromiseTerms | None = None) -> datetime:
    """Return when so many hours after a moment have passed, as the company counts them."""
    said = said or terms()
    if not said.working_hours or not hours:
        return start + timedelta(hours=hours)
    return after_hours(start, hours, opens=said.opens, closes=said.closes, zone=company_zone())


# --- Kept ---


def see_event(event: Event) -> None:
    """Let a contact that we made keep what is owed, and one that is voided keep nothing any more."""
    # Asked by hand: it runs for every contact, and mostly nothing is owed.
    if (event.kind in BY_US or event.kind == "event.voided") and _is_any("customer_id = %s", [event.customer_id]):
        settle([event.customer_id])


def see_events(ids: Iterable[int], *, recomputed: str = "") -> None:
    """Look again at what is owed to customers about whom something was written."""
    del recomputed
    if _is_any("true", []):
        settle(ids)


def _is_any(where: str, values: Sequence[int]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT FROM assignment_promise WHERE ended_at IS NULL AND {where})", values)  # noqa: S608  literals
        (found,) = cursor.fetchone() or (False,)
        return bool(found)


def settle(ids: Iterable[int]) -> None:
    """Bring the promises of these customers into step with their contacts."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, [list(BY_US), list(ids), LADDER])


# --- Broken ---


def tell_broken() -> int:
    """Tell people of broken promises, step by step up the ladder; return how many steps were told."""
    _end_unpromised()
    _correct_ahead()
    told, is_more = 0, True
    while is_more:
        steps, is_more = _tell_next()
        told += steps
    return told


def _end_unpromised() -> None:
    """End what is open of classes that promise nothing any more, since the rules have changed."""
    rows = Promise.objects.filter(kept_at=None, ended_at=None)
    still = sla_of(rulebook())
    for dimension, key in rows.order_by().values_list("dimension", "class_key").distinct():
        if (dimension, key) not in still:
            rows.filter(dimension=dimension, class_key=key).update(ended_at=now(), next_at=None)


@transaction.atomic
def _correct_ahead() -> None:
    """Begin anew now what began by a clock that ran ahead: it would be due too late, and no contact would keep it."""
    at = now()
    rows = Promise.objects.filter(kept_at=None, ended_at=None, started_at__gt=at + AHEAD).order_by("pk")
    said = terms()
    for promise in rows.select_for_update(skip_locked=True):
        promise.started_at = at
        promise.due_at = due_at(at, promise.hours, said)
        promise.next_at = promise.due_at if promise.steps < LADDER else None
        promise.save(update_fields=["started_at", "due_at", "next_at"])


@transaction.atomic
def _tell_next() -> tuple[int, bool]:
    """Tell of those that have waited longest; return how many steps were told, and whether there may be more."""
    at, said = now(), terms()
    due = Promise.objects.filter(next_at__lte=at, kept_at=None, ended_at=None).order_by("next_at", "pk")
    rows = list(due.select_related("customer__owner").select_for_update(of=("self",), skip_locked=True)[:CHUNK])
    chains: dict[int | None, list[list[int]]] = {}
    notifications: list[Notification] = []
    told = 0
    for promise in rows:
        customer = promise.customer
        if customer.deleted_at is not None or customer.erased_at is not None:
            promise.ended_at, promise.next_at = at, None
            continue
        moments = (0, said.leader_after, said.above_after)
        if customer.owner_id not in chains:
            chains[customer.owner_id] = chain(customer.owner)
        heard = chains[customer.owner_id]
        while promise.steps < LADDER:
            moment = due_at(promise.due_at, moments[promise.steps], said) if promise.steps else promise.due_at
            promise.next_at = moment
            if moment > at:
                break
            notifications += [_notification(promise, user, at) for user in heard[promise.steps]]
            promise.steps += 1
            promise.next_at = None
            told += 1
    Notification.objects.bulk_create(notifications)
    Promise.objects.bulk_update(rows, ["steps", "next_at", "ended_at"])
    return told, len(rows) == CHUNK


def _notification(promise: Promise, user: int, at: datetime) -> Notification:
    return Notification(
        user_id=user,
        kind=Notification.Kind.PROMISE,
        customer_id=promise.customer_id,
        dimension=promise.dimension,
        to_key=promise.class_key,
        text=promise.due_at.isoformat(),
        created_at=at,
    )


# --- How they are counted ---


@transaction.atomic
def set_terms(  # noqa: PLR0913  one keyword each
    *,
    working_hours: bool,
    opens: time,
    closes: time,
    leader_after: int,
    above_after: int,
    version: int,
    by: User,
) -> PromiseTerms:
    """Say how promises are counted from now on. What was promised is due when it was."""
    require(by, "change", PromiseTerms)
    PromiseTerms.objects.get_or_create(pk=1)
    found = PromiseTerms.objects.select_for_update().get(pk=1)
    if found.version != version:
        raise Conflict("刚被别人改过，再看一眼", "somebody has just changed this: look again")
    if closes <= opens:
        raise Invalid("下班要比上班晚", "closing comes after opening", path="closes")
    if not 0 <= leader_after <= above_after <= MOST_HOURS:
        raise Invalid("先告诉主管，再告诉主管的主管", "who leads hears first, then who leads those", path="above_after")
    found.working_hours, found.opens, found.closes = working_hours, opens, closes
    found.leader_after, found.above_after = leader_after, above_after
    found.version += 1
    found.changed_by = by
    found.save()
    record(
        "promises.changed", by=by, data={"fields": ["working_hours", "opens", "closes", "leader_after", "above_after"]}
    )
    return found
