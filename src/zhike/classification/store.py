"""How placements are written: only what changed, and one `class.changed` event for each change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple, cast

from django.db import connection
from psycopg.types.json import Jsonb

from zhike.classification.facts import stored_values
from zhike.core.dates import add_days, day_start
from zhike.core.facts import Ref, value_to_json
from zhike.timeline.actions import copy_events
from zhike.timeline.rows import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from zhike.classification.rules import Rulebook
    from zhike.core.facts import Value


_CONTACTED = Ref("metric.days_since_contact_made")
_CREATED = Ref("metric.days_since_created")


class Standing(NamedTuple):
    """What is stored of one customer in one dimension; the flip in whole seconds since 1970."""

    class_key: str
    version: int
    next_flip_at: int | None
    undetermined: bool


class Decision(NamedTuple):
    """What the rules say of one customer in one dimension, and when time alone changes it.

    `undetermined`: the class is the default only for want of data.
    """

    dimension: str
    class_key: str
    next_day: date | None
    undetermined: bool


class Placed(NamedTuple):
    """What was found out about one customer. `changes_on`: when time alone changes a stored value."""

    customer: int
    values: Mapping[Ref, Value]
    decisions: Sequence[Decision]
    changes_on: date | None


class Occasion(NamedTuple):
    """As of which day customers are placed, when that is written down, and which event caused it."""

    as_of: date
    at: datetime
    zone: ZoneInfo
    cause: int | None = None

    def midnight(self, day: date | None) -> datetime | None:
        """Return the instant at which a local day begins."""
        return None if day is None else day_start(day, self.zone)


class Change(NamedTuple):
    """A row of placements to write; `old` is the class left, empty when there was none."""

    customer: int
    dimension: str
    class_key: str
    version: int
    undetermined: bool
    reason: Mapping[str, object]
    flip: datetime | None
    old: str

    @property
    def is_move(self) -> bool:
        return self.old not in {"", self.class_key}


type FactsRow = tuple[int, str, date, datetime | None, int | None, date | None]
type Standings = Mapping[tuple[int, str], Standing]

# Of a placement, what decides whether it has to be written again.
STANDING = "class_key, version_id, extract(epoch FROM next_flip_at)::bigint, undetermined"


def reason(rules: Rulebook, decision: Decision, values: Mapping[Ref, Value], as_of: date) -> dict[str, object]:
    """Return the values that the scheme saw: enough to write the explanation again."""
    seen = {name: value_to_json(values[ref]) for name, ref in rules.reads[decision.dimension]}
    return {"as_of": as_of.isoformat(), "values": seen}


def changes_of(placed: Placed, standings: Standings, rules: Rulebook, occasion: Occasion) -> list[Change]:
    """Return the placements of one customer that have to be written."""
    found: list[Change] = []
    for decision in placed.decisions:
        where = placed.customer, decision.dimension
        old = standings.get(where)
        flip = occasion.midnight(decision.next_day)
        version = rules.versions[decision.dimension].pk
        seconds = int(flip.timestamp()) if flip else None
        if old == Standing(decision.class_key, version, seconds, decision.undetermined):
            continue
        why = reason(rules, decision, placed.values, occasion.as_of)
        before = old.class_key if old else ""
        found.append(Change(*where, decision.class_key, version, decision.undetermined, why, flip, before))
    return found


def next_flip(placed: Placed, occasion: Occasion) -> datetime | None:
    """Return when time alone changes a class or a stored value."""
    days = [*(decision.next_day for decision in placed.decisions), placed.changes_on]
    return occasion.midnight(min((day for day in days if day is not None), default=None))


def contact_due(placed: Placed, rules: Rulebook, as_of: date) -> tuple[int | None, date | None]:
    """Return the shortest cadence among the customer's classes and the day that it leads to.

    It counts from the last time that we were in touch, else from the day the record began.
    """
    owed = [rules.scheme(d.dimension).get(d.class_key).service.cadence_days for d in placed.decisions]
    every = min((days for days in owed if days is not None), default=None)
    if every is None:
        return None, None
    silent = placed.values[_CONTACTED] if placed.values[_CONTACTED] is not None else placed.values[_CREATED]
    return every, add_days(as_of, every - cast("int", silent or 0))


def facts_row(placed: Placed, rules: Rulebook, occasion: Occasion) -> FactsRow:
    """Return one customer's facts in the order of FACTS_COLUMNS."""
    as_of = occasion.as_of
    stored = json.dumps(stored_values(rules, placed.values, as_of))
    return (placed.customer, stored, as_of, next_flip(placed, occasion), *contact_due(placed, rules, as_of))


def change_event(change: Change, rules: Rulebook, occasion: Occasion) -> Row:
    """Return the `class.changed` event of a move. `cause` is the event that brought it about."""
    data: dict[str, object] = {
        "dimension": change.dimension,
        "from": change.old,
        "to": change.class_key,
        "source": "rule",
        "version": rules.versions[change.dimension].number,
        "reason": change.reason,
    }
    if occasion.cause is not None:
        data["cause"] = occasion.cause
    return Row(
        customer_id=change.customer,
        contact_id=None,
        kind="class.changed",
        occurred_at=occasion.at,
        day=occasion.as_of,
        recorded_at=occasion.at,
        actor_id=None,
        channel="",
        source="",
        amount=None,
        currency="",
        base_amount=None,
        subject_type="",
        subject_id="",
        data=Jsonb(data),
        key="",
        voids_id=None,
    )


PUT_FACTS = """
ON CONFLICT (customer_id) DO UPDATE SET
    "values" = excluded."values", as_of = excluded.as_of, next_flip_at = excluded.next_flip_at,
    contact_every = excluded.contact_every, contact_due_on = excluded.contact_due_on
"""

PUT_PLACEMENTS = """
ON CONFLICT (customer_id, dimension) DO UPDATE SET
    since = CASE WHEN p.class_key = excluded.class_key THEN p.since ELSE excluded.since END,
    class_key = excluded.class_key, source = excluded.source, version_id = excluded.version_id,
    undetermined = excluded.undetermined, reason = excluded.reason, next_flip_at = excluded.next_flip_at
"""

FACTS_COLUMNS = 'customer_id, "values", as_of, next_flip_at, contact_every, contact_due_on'
_PLACEMENT_COLUMNS = "customer_id, dimension, class_key, since, source, version_id, undetermined, reason, next_flip_at"


def read_standings(ids: Iterable[int]) -> dict[tuple[int, str], Standing]:
    """Return what is stored of these customers."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT customer_id, dimension, {STANDING} FROM classification_placement "  # noqa: S608  literals
            "WHERE customer_id = ANY(%s)",
            [list(ids)],
        )
        return {(customer, dimension): Standing(*row) for customer, dimension, *row in cursor.fetchall()}


def write_facts(placed: Iterable[Placed], rules: Rulebook, occasion: Occasion) -> None:
    """Write the facts of many customers."""
    rows = (facts_row(p, rules, occasion) for p in placed)
    _put("classification_customerfacts", FACTS_COLUMNS, rows, PUT_FACTS)


def write_changes(changes: Sequence[Change], rules: Rulebook, occasion: Occasion) -> None:
    """Write the placements of many customers and the events of those who moved."""
    since = occasion.as_of
    rows = (
        (c.customer, c.dimension, c.class_key, since, "rule", c.version, c.undetermined, json.dumps(c.reason), c.flip)
        for c in changes
    )
    _put("classification_placement", _PLACEMENT_COLUMNS, rows, PUT_PLACEMENTS)
    moves = [change_event(change, rules, occasion) for change in changes if change.is_move]
    if moves:
        copy_events(moves)


def _put(table: str, columns: str, rows: Iterable[tuple[object, ...]], conflict: str) -> None:
    """Insert rows by COPY, or update those that are there."""
    stage = f"new_{table}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE IF NOT EXISTS {stage} ON COMMIT DROP AS SELECT {columns} FROM {table} LIMIT 0"  # noqa: S608  literals
        )
        cursor.execute(f"TRUNCATE {stage}")
        with cursor.copy(f"COPY {stage} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(f"INSERT INTO {table} AS p ({columns}) SELECT {columns} FROM {stage} {conflict}")  # noqa: S608  literals
