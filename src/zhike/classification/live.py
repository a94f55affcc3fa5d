"""One customer, placed in the transaction of the event that moved them.

The customer's row is locked by whoever recorded the event, so two events at once are placed one
after the other, and the second sees the first. Statements: one that reads all there is, one for
the facts, and only where a class moved two more.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple, cast
from zoneinfo import ZoneInfo

from django.db import connection
from psycopg.types.json import Jsonb

from zhike.accounts.models import Company
from zhike.base.clock import now
from zhike.classification.facts import (
    EVENTS_SQL,
    events_from_json,
    metric_values,
    next_value_change,
    stored_values,
)
from zhike.classification.rules import rulebook_of
from zhike.classification.store import Decision, Standing, change_data, local_midnight, reason
from zhike.core.dates import local_day
from zhike.core.facts import Ref
from zhike.core.history import History
from zhike.core.projection import Projection
from zhike.core.schemes import is_undetermined
from zhike.customers.facts import field_values
from zhike.timeline.rows import COLUMNS

if TYPE_CHECKING:
    from datetime import date, datetime

    from zhike.classification.rules import Key, Rulebook
    from zhike.core.facts import Value
    from zhike.customers.models import Customer
    from zhike.timeline.models import Event

_READ = f"""
SELECT (SELECT array_agg(current_id ORDER BY position, id) FROM classification_scheme WHERE current_id IS NOT NULL),
       (SELECT array_agg(id ORDER BY id) FROM customers_customfield),
       (SELECT timezone FROM accounts_company WHERE id = 1),
       (SELECT json_object_agg(dimension, json_build_array(class_key, version_id, extract(epoch FROM next_flip_at)::bigint,
               coalesce((reason->>'undetermined')::boolean, false)))
          FROM classification_placement WHERE customer_id = %(customer)s),
       ({EVENTS_SQL})
"""  # noqa: S608  names from literal tables

_WRITE_FACTS = """
INSERT INTO classification_customerfacts (customer_id, "values", as_of, next_flip_at) VALUES (%s, %s::jsonb, %s, %s)
ON CONFLICT (customer_id) DO UPDATE SET "values" = excluded."values", as_of = excluded.as_of, next_flip_at = excluded.next_flip_at
"""

_WRITE_PLACEMENTS = """
INSERT INTO classification_placement
       (customer_id, dimension, class_key, since, source, version_id, reason, next_flip_at)
SELECT %s, dimension, class_key, %s, 'rule', version_id, reason, next_flip_at
  FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::jsonb[], %s::timestamptz[])
       AS t (dimension, class_key, version_id, reason, next_flip_at)
ON CONFLICT (customer_id, dimension) DO UPDATE SET
       since = CASE WHEN classification_placement.class_key = excluded.class_key
                    THEN classification_placement.since ELSE excluded.since END,
       reason = excluded.reason, class_key = excluded.class_key, source = excluded.source, version_id = excluded.version_id,
       next_flip_at = excluded.next_flip_at
"""

_NAMES = ", ".join(COLUMNS)
_WRITE_CHANGES = f"""
INSERT INTO timeline_event ({_NAMES})
SELECT %s, NULL, 'class.changed', %s, %s, %s, NULL, '', '', NULL, '', NULL, '', '', data, '', NULL
  FROM unnest(%s::jsonb[]) AS t (data)
"""  # noqa: S608  names from a literal tuple


class _State(NamedTuple):
    """What the one reading statement returns."""

    rules: Rulebook
    standings: dict[str, Standing]
    history: History


def place_after_event(event: Event) -> None:
    """Place the event's customer again, in the caller's transaction and under the caller's lock."""
    place_customer(event.customer, moment=event.recorded_at, cause=event.pk)


def place_customer(customer: Customer, *, moment: datetime | None = None, cause: int | None = None) -> None:
    """Place one customer, whose row the caller has locked and whose owner is loaded."""
    moment = moment or now()
    state = _read(customer)
    if not state.rules.schemes:
        return
    as_of = local_day(moment, state.history.zone)
    values, decisions = decide(state.rules, state.history, as_of)
    _write_facts(customer.pk, state, decisions, as_of)
    _write_placements(customer.pk, state, decisions, values, as_of, moment, cause)


def decide(rules: Rulebook, history: History, as_of: date) -> tuple[dict[Ref, Value], list[Decision]]:
    """Return the facts of the day with every class, and the decision in each dimension."""
    facts = history.facts(rules.schemes, as_of)
    projection = Projection(history, rules.schemes, as_of)
    decisions = []
    for scheme in rules.schemes:
        change = projection.next_change(scheme.dimension)
        class_key = cast("str", facts[Ref(f"class.{scheme.dimension}")])
        undetermined = is_undetermined(scheme, class_key, facts)
        decisions.append(Decision(scheme.dimension, class_key, change[0] if change else None, undetermined))
    return dict(facts.values()), decisions


def _read(customer: Customer) -> _State:
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"customer": customer.pk})
        versions, own, zone, standings, events = cast(
            "tuple[list[int] | None, list[int] | None, str | None, dict[str, tuple[str, int, int | None, bool]] | None, list[list[object]] | None]",
            cursor.fetchone(),
        )
    key: Key = (tuple(versions or ()), tuple(own or ()))
    rules = rulebook_of(key)
    history = History(field_values(customer, rules.own), events_from_json(events), ZoneInfo(zone or Company().timezone))
    return _State(rules, {dimension: Standing(*row) for dimension, row in (standings or {}).items()}, history)


def _write_facts(customer: int, state: _State, decisions: list[Decision], as_of: date) -> None:
    rules, history = state.rules, state.history
    values = stored_values(metric_values(history, rules.metrics, as_of), as_of)
    days = [decision.next_day for decision in decisions if decision.next_day is not None]
    changed = next_value_change(history, rules.metrics, as_of)
    flip = min([*days, changed] if changed else days, default=None)
    with connection.cursor() as cursor:
        cursor.execute(_WRITE_FACTS, [customer, json.dumps(values), as_of, local_midnight(flip, history.zone)])


def _write_placements(  # noqa: PLR0913  one statement's worth
    customer: int,
    state: _State,
    decisions: list[Decision],
    values: dict[Ref, Value],
    as_of: date,
    moment: datetime,
    cause: int | None,
) -> None:
    rules, zone = state.rules, state.history.zone
    written: list[tuple[str, str, int, Jsonb, datetime | None]] = []
    changes: list[Jsonb] = []
    for decision in decisions:
        old = state.standings.get(decision.dimension)
        flip = local_midnight(decision.next_day, zone)
        version = rules.versions[decision.dimension].pk
        if old == Standing(decision.class_key, version, int(flip.timestamp()) if flip else None, decision.undetermined):
            continue
        why = reason(rules.scheme(decision.dimension), values, as_of, undetermined=decision.undetermined)
        written.append((decision.dimension, decision.class_key, version, Jsonb(why), flip))
        if old is not None and old.class_key != decision.class_key:
            data = change_data(decision.dimension, old.class_key, decision.class_key, rules, why, cause)
            changes.append(Jsonb(data))
    with connection.cursor() as cursor:
        if written:
            cursor.execute(_WRITE_PLACEMENTS, [customer, as_of, *map(list, zip(*written, strict=True))])
        if changes:
            cursor.execute(_WRITE_CHANGES, [customer, moment, as_of, moment, changes])
