"""One customer, placed in the transaction of the event that moved them.

The customer's row is locked by whoever recorded the event, so two events at once are placed one
after the other, and the second sees the first. Statements: one that reads all there is, one for
the facts, and only where a class moved two more.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple, cast

from django.db import connection

from zhike.accounts.models import Company
from zhike.base.clock import now
from zhike.classification.facts import EVENTS_SQL, events_from_json, next_value_change
from zhike.classification.rules import rulebook_of
from zhike.classification.store import (
    FACTS_COLUMNS,
    PUT_FACTS,
    PUT_PLACEMENTS,
    STANDING,
    Decision,
    Occasion,
    Placed,
    Standing,
    change_event,
    changes_of,
    facts_row,
)
from zhike.core.dates import local_day
from zhike.core.facts import Ref
from zhike.core.history import History
from zhike.core.projection import Projection
from zhike.core.schemes import is_undetermined
from zhike.customers.facts import field_values
from zhike.timeline.actions import insert_events

if TYPE_CHECKING:
    from datetime import date, datetime

    from zhike.classification.rules import Rulebook
    from zhike.classification.store import Standings
    from zhike.customers.models import Customer
    from zhike.timeline.models import Event

_READ = f"""
SELECT (SELECT array_agg(current_id ORDER BY position, id) FROM classification_scheme
         WHERE current_id IS NOT NULL),
       (SELECT array_agg(id ORDER BY id) FROM customers_customfield),
       (SELECT timezone FROM accounts_company WHERE id = 1),
       (SELECT json_object_agg(dimension, json_build_array({STANDING}))
          FROM classification_placement WHERE customer_id = %(customer)s),
       ({EVENTS_SQL})
"""  # noqa: S608  names from literal tables

_WRITE_FACTS = f"""
INSERT INTO classification_customerfacts ({FACTS_COLUMNS})
VALUES (%s, %s::jsonb, %s, %s, %s, %s) {PUT_FACTS}
"""  # noqa: S608  literals

_WRITE_PLACEMENTS = f"""
INSERT INTO classification_placement AS p
       (customer_id, dimension, class_key, since, source, version_id, undetermined, reason, next_flip_at)
SELECT %s, dimension, class_key, %s, 'rule', version_id, undetermined, reason, next_flip_at
  FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::boolean[], %s::jsonb[], %s::timestamptz[])
       AS t (dimension, class_key, version_id, undetermined, reason, next_flip_at)
{PUT_PLACEMENTS}
"""  # noqa: S608  literals


type _Row = tuple[
    list[int] | None,
    list[int] | None,
    str | None,
    dict[str, tuple[str, int, int | None, bool]] | None,
    list[list[object]] | None,
]


class _State(NamedTuple):
    """What the one reading statement returns."""

    rules: Rulebook
    standings: Standings
    history: History


def place_after_event(event: Event) -> None:
    """Place the event's customer again, in the caller's transaction and under the caller's lock."""
    place_customer(event.customer, moment=event.recorded_at, cause=event.pk)


def place_customer(customer: Customer, *, moment: datetime | None = None, cause: int | None = None) -> None:
    """Place one customer, whose row the caller has locked and whose owner is loaded."""
    at = moment or now()
    state = _read(customer)
    if not state.rules.schemes:
        return
    zone = state.history.zone
    occasion = Occasion(local_day(at, zone), at, zone, cause)
    placed = decide(customer.pk, state.rules, state.history, occasion.as_of)
    _write(placed, state, occasion)


def decide(customer: int, rules: Rulebook, history: History, as_of: date) -> Placed:
    """Return one customer's facts, and in each dimension the class and when time alone changes it."""
    facts = history.facts(rules.schemes, as_of)
    projection = Projection(history, rules.schemes, as_of)
    decisions = []
    for scheme in rules.schemes:
        change = projection.next_change(scheme.dimension)
        class_key = cast("str", facts[Ref(f"class.{scheme.dimension}")])
        undetermined = is_undetermined(scheme, class_key, facts)
        decisions.append(Decision(scheme.dimension, class_key, change[0] if change else None, undetermined))
    values = dict(facts.values())
    values |= {ref: history.value(ref, type_, as_of) for ref, type_ in rules.metrics.items() if ref not in values}
    return Placed(customer, values, decisions, next_value_change(history, rules.metrics, as_of))


def _read(customer: Customer) -> _State:
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"customer": customer.pk})
        row = cast("_Row", cursor.fetchone())
    versions, own, zone, standings, events = row
    rules = rulebook_of((tuple(versions or ()), tuple(own or ())))
    history = History(field_values(customer, rules.own), events_from_json(events), Company(timezone=zone or "").zone)
    found = {(customer.pk, dimension): Standing(*row) for dimension, row in (standings or {}).items()}
    return _State(rules, found, history)


def _write(placed: Placed, state: _State, occasion: Occasion) -> None:
    rules, as_of = state.rules, occasion.as_of
    changes = changes_of(placed, state.standings, rules, occasion)
    moves = [change for change in changes if change.is_move]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE_FACTS, facts_row(placed, rules, occasion))
        if changes:
            rows = [
                (c.dimension, c.class_key, c.version, c.undetermined, json.dumps(c.reason), c.flip) for c in changes
            ]
            columns = [list(column) for column in zip(*rows, strict=True)]
            cursor.execute(_WRITE_PLACEMENTS, [placed.customer, as_of, *columns])
    insert_events([change_event(change, rules, occasion) for change in moves])
