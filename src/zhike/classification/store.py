"""How placements are written: only what changed, and one `class.changed` event for each change."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, cast

from django.db import connection
from psycopg.types.json import Jsonb

from zhike.classification.facts import stored_values
from zhike.classification.follow_up import follow_up
from zhike.core.dates import add_days, day_start, local_day
from zhike.core.facts import Ref, value_to_json
from zhike.timeline.actions import copy_events
from zhike.timeline.rows import Row

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from zhike.classification.rules import Rulebook
    from zhike.core.facts import Value
    from zhike.core.history import Fixed


CONTACTED = Ref("metric.days_since_contact_made")
CREATED = Ref("metric.days_since_created")


class Standing(NamedTuple):
    """What is stored of one customer in one dimension; the flip in whole seconds since 1970, `since` as ISO."""

    class_key: str
    computed_key: str
    source: str
    next_flip_at: int | None
    next_key: str
    undetermined: bool
    since: str


class Decision(NamedTuple):
    """What holds for one customer in one dimension, what the rules say, and when time alone changes either.

    `next_key`: the class in effect then. `undetermined`: the class is the default only for want of data.
    """

    dimension: str
    class_key: str
    computed_key: str
    source: str
    next_day: date | None
    next_key: str
    undetermined: bool


class Placed(NamedTuple):
    """What was found out about one customer. `changes_on`: when time alone changes a stored value."""

    customer: int
    values: Mapping[Ref, Value]
    decisions: Sequence[Decision]
    changes_on: date | None


class Why(StrEnum):
    """What made customers be placed: decides who is told."""

    EVENT = "event"
    CLOCK = "clock"
    RULES = "rules"
    BULK = "bulk"


class Occasion(NamedTuple):
    """As of which day customers are placed, when that is written down, and why.

    `cause` is the event that brought it about, `actor` whoever wrote that down. `recomputed` names
    what changed the past: ``late``, ``voided``, ``edited``, ``merged``, ``parted`` or ``rules``.
    """

    as_of: date
    at: datetime
    zone: ZoneInfo
    why: Why = Why.BULK
    cause: int | None = None
    actor: int | None = None
    recomputed: str = ""

    def midnight(self, day: date | None) -> datetime | None:
        """Return the instant at which a local day begins."""
        return None if day is None else day_start(day, self.zone)

    @property
    def occurred_at(self) -> datetime:
        """Return when a change came about: now, or with the day on which the clock should have brought it."""
        return self.at if local_day(self.at, self.zone) == self.as_of else day_start(self.as_of, self.zone)

    @property
    def is_told(self) -> bool:
        """Say whether people hear of what changes: not of history that is being written, nor of each move by new rules."""
        return self.why in {Why.EVENT, Why.CLOCK}


class Change(NamedTuple):
    """A row of placements to write; `old` is the class left and `old_since` its first day, empty when there was none."""

    customer: int
    dimension: str
    class_key: str
    computed_key: str
    source: str
    version: int
    undetermined: bool
    reason: Mapping[str, object]
    flip: datetime | None
    next_key: str
    falls: bool
    old: str
    old_since: str

    @property
    def is_move(self) -> bool:
        return self.old not in {"", self.class_key}

    @property
    def waits(self) -> bool:
        """Say whether the rules give another class that has to wait for a person."""
        return self.source == "rule" and self.class_key != self.computed_key


type FactsRow = tuple[int, str, date, datetime, datetime | None, int | None, date | None]
type Standings = Mapping[tuple[int, str], Standing]

# Of a placement, what decides whether it has to be written again, and since when it stands.
STANDING = (
    "class_key, computed_key, source, extract(epoch FROM next_flip_at)::bigint, next_key, undetermined, since::text"
)


def reason(rules: Rulebook, decision: Decision, values: Mapping[Ref, Value], as_of: date) -> dict[str, object]:
    """Return the values that the scheme saw: enough to write the explanation again."""
    seen = {name: value_to_json(values[ref]) for name, ref in rules.reads[decision.dimension]}
    return {"as_of": as_of.isoformat(), "values": seen}


def source_of(fixed: Fixed | None, as_of: date) -> str:
    """Return who decides a class: a person as long as what they fixed holds, else the rules."""
    return "person" if fixed is not None and fixed.holds(as_of) else "rule"


def changes_of(placed: Placed, standings: Standings, rules: Rulebook, occasion: Occasion) -> list[Change]:
    """Return the placements of one customer that have to be written."""
    found: list[Change] = []
    for decision in placed.decisions:
        old = standings.get((placed.customer, decision.dimension))
        flip = occasion.midnight(decision.next_day)
        seconds = int(flip.timestamp()) if flip else None
        _, class_key, computed_key, source, _, next_key, undetermined = decision
        if old and old[:-1] == (class_key, computed_key, source, seconds, next_key, undetermined):
            continue
        found.append(
            Change(
                customer=placed.customer,
                dimension=decision.dimension,
                class_key=class_key,
                computed_key=computed_key,
                source=source,
                version=rules.versions[decision.dimension].pk,
                undetermined=undetermined,
                reason=reason(rules, decision, placed.values, occasion.as_of),
                flip=flip,
                next_key=next_key,
                falls=bool(next_key) and rules.scheme(decision.dimension).is_demotion(class_key, next_key),
                old=old.class_key if old else "",
                old_since=old.since if old else "",
            )
        )
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
    silent = placed.values[CONTACTED] if placed.values[CONTACTED] is not None else placed.values[CREATED]
    return every, add_days(as_of, every - cast("int", silent or 0))


def facts_row(placed: Placed, rules: Rulebook, occasion: Occasion) -> FactsRow:
    """Return one customer's facts in the order of FACTS_COLUMNS."""
    as_of = occasion.as_of
    stored = json.dumps(stored_values(rules, placed.values, as_of))
    flip = next_flip(placed, occasion)
    return (placed.customer, stored, as_of, occasion.at, flip, *contact_due(placed, rules, as_of))


def change_event(change: Change, rules: Rulebook, occasion: Occasion) -> Row:
    """Return the `class.changed` event of a move. `cause` is the event that brought it about.

    It tells all of the stretch that it ends: the class left, from its first day up to this one.
    """
    data: dict[str, object] = {
        "dimension": change.dimension,
        "from": change.old,
        "to": change.class_key,
        "since": change.old_since,
        "source": change.source,
        "version": rules.versions[change.dimension].number,
        "reason": change.reason,
    }
    if occasion.cause is not None:
        data["cause"] = occasion.cause
    if occasion.recomputed:
        data["recomputed"] = occasion.recomputed
    return Row(
        customer_id=change.customer,
        contact_id=None,
        kind="class.changed",
        occurred_at=occasion.occurred_at,
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
    "values" = excluded."values", as_of = excluded.as_of, placed_at = excluded.placed_at,
    next_flip_at = excluded.next_flip_at,
    contact_every = excluded.contact_every, contact_due_on = excluded.contact_due_on
"""


def put_facts(source: str) -> str:
    """Return the statement that writes the facts of customers whom nobody else touches meanwhile: their rows are locked.

    What stands already is left alone, which spares the table a new copy of every row; whoever moved is written in any
    case, so that `placed_at` tells of it. `source` has what FACTS_COLUMNS names, without the two times, and `is_moved`.
    """
    return f"""
INSERT INTO classification_customerfacts AS p ({FACTS_COLUMNS})
SELECT customer_id, s."values", %(as_of)s, %(at)s, s.next_flip_at, s.contact_every, s.contact_due_on
  FROM ({source}) s
  LEFT JOIN classification_customerfacts f USING (customer_id)
 WHERE s.is_moved OR f.placed_at IS NULL OR f.placed_at > %(at)s
    OR (f."values", f.next_flip_at, f.contact_every, f.contact_due_on)
       IS DISTINCT FROM (s."values", s.next_flip_at, s.contact_every, s.contact_due_on)
{PUT_FACTS}
"""  # noqa: S608  literals


PUT_PLACEMENTS = """
ON CONFLICT (customer_id, dimension) DO UPDATE SET
    since = CASE WHEN p.class_key = excluded.class_key THEN p.since ELSE excluded.since END,
    class_key = excluded.class_key, computed_key = excluded.computed_key, source = excluded.source,
    version_id = excluded.version_id, undetermined = excluded.undetermined, reason = excluded.reason,
    next_flip_at = excluded.next_flip_at, next_key = excluded.next_key, falls = excluded.falls
"""

FACTS_COLUMNS = 'customer_id, "values", as_of, placed_at, next_flip_at, contact_every, contact_due_on'
# What a change says of a placement, beside whose it is and since when.
CHANGE_COLUMNS = (
    "dimension, class_key, computed_key, source, version_id, undetermined, reason, next_flip_at, next_key, falls"
)
CHANGE_TYPES = "text[], text[], text[], text[], bigint[], boolean[], jsonb[], timestamptz[], text[], boolean[]"

type ChangeRow = tuple[str, str, str, str, int, bool, str, datetime | None, str, bool]


def change_row(change: Change, said: str | None = None) -> ChangeRow:
    """Return a change in the order of CHANGE_COLUMNS. `said` is its reason, where it was written out already."""
    return (
        change.dimension,
        change.class_key,
        change.computed_key,
        change.source,
        change.version,
        change.undetermined,
        said or json.dumps(change.reason),
        change.flip,
        change.next_key,
        change.falls,
    )


def read_standings(ids: Iterable[int]) -> dict[tuple[int, str], Standing]:
    """Return what is stored of these customers."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT customer_id, dimension, {STANDING} FROM classification_placement "  # noqa: S608  literals
            "WHERE customer_id = ANY(%s)",
            [list(ids)],
        )
        return {(customer, dimension): Standing(*row) for customer, dimension, *row in cursor.fetchall()}


_FACTS_SOURCE = (
    "SELECT * FROM unnest(%(ids)s::bigint[], %(values)s::jsonb[], %(flips)s::timestamptz[], %(every)s::integer[], "
    "%(due)s::date[], %(moved)s::boolean[]) "
    'AS t (customer_id, "values", next_flip_at, contact_every, contact_due_on, is_moved)'
)
_WRITE_FACTS = put_facts(_FACTS_SOURCE)


def write_facts(placed: Sequence[Placed], moved: Collection[int], rules: Rulebook, occasion: Occasion) -> None:
    """Write the facts of some customers, where they are others now or the customer is among `moved`."""
    if not placed:
        return
    rows = [facts_row(one, rules, occasion) for one in placed]
    ids, values, _, _, flips, every, due = (list(column) for column in zip(*rows, strict=True))
    columns = {"ids": ids, "values": values, "flips": flips, "every": every, "due": due}
    columns["moved"] = [pk in moved for pk in ids]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE_FACTS, {**columns, "as_of": occasion.as_of, "at": occasion.at})


# Of so few rows the arrays are written faster than a table is made to copy them into.
_FEW_ROWS = 1_000
_PUT_FEW = f"""
INSERT INTO classification_placement AS p (since, customer_id, {CHANGE_COLUMNS})
SELECT %s, t.* FROM unnest(%s::bigint[], {", ".join(f"%s::{type_}" for type_ in CHANGE_TYPES.split(", "))}) AS t
{PUT_PLACEMENTS}
"""  # noqa: S608  literals


def write_changes(changes: Sequence[Change], rules: Rulebook, occasion: Occasion) -> None:
    """Write the placements of many customers, the events of those who moved, and what follows from it."""
    if not changes:
        return
    # The likes of each other share a reason, which is written out once.
    said = {id(change.reason): json.dumps(change.reason) for change in {id(c.reason): c for c in changes}.values()}
    rows = [(change.customer, *change_row(change, said[id(change.reason)])) for change in changes]
    if len(rows) <= _FEW_ROWS:
        with connection.cursor() as cursor:
            cursor.execute(_PUT_FEW, [occasion.as_of, *(list(column) for column in zip(*rows, strict=True))])
    else:
        _copy_placements(rows, occasion.as_of)
    moves = [change_event(change, rules, occasion) for change in changes if change.is_move]
    if moves:
        copy_events(moves)
    follow_up(changes, rules, occasion)


def _copy_placements(rows: Iterable[tuple[object, ...]], since: date) -> None:
    """Insert rows by COPY, or update those that are there."""
    stage, columns = "new_classification_placement", f"customer_id, {CHANGE_COLUMNS}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE IF NOT EXISTS {stage} ON COMMIT DROP AS "  # noqa: S608  literals
            f"SELECT {columns} FROM classification_placement LIMIT 0"
        )
        cursor.execute(f"TRUNCATE {stage}")
        with cursor.copy(f"COPY {stage} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            f"INSERT INTO classification_placement AS p (since, {columns}) "  # noqa: S608  literals
            f"SELECT %s, {columns} FROM {stage} {PUT_PLACEMENTS}",
            [since],
        )
