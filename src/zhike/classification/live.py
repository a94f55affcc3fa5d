"""One customer, placed in the transaction of the event that moved them.

The customer's row is locked by whoever recorded the event, so two events at once are placed one
after the other, and the second sees the first. Statements: one that reads all there is, one for
the facts, and only where a class moved two more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from django.db import connection

from zhike.accounts.models import Company
from zhike.base.clock import now
from zhike.classification.by_hand import place_by_hand
from zhike.classification.facts import (
    EVENTS_SQL,
    FIXED_SQL,
    events_from_json,
    fixed_from_json,
    next_value_change,
)
from zhike.classification.follow_up import follow_up
from zhike.classification.rules import OWN_FIELD, rulebook_of
from zhike.classification.store import (
    CHANGE_COLUMNS,
    CHANGE_TYPES,
    FACTS_COLUMNS,
    PUT_FACTS,
    PUT_PLACEMENTS,
    STANDING,
    Decision,
    Occasion,
    Placed,
    Standing,
    Why,
    change_event,
    change_row,
    changes_of,
    facts_row,
    source_of,
)
from zhike.core.dates import local_day
from zhike.core.facts import Ref
from zhike.core.history import History
from zhike.core.schemes import is_undetermined
from zhike.customers.facts import field_values
from zhike.privacy.profiling import bar_of
from zhike.timeline.actions import insert_events

if TYPE_CHECKING:
    from datetime import date

    from zhike.accounts.models import User
    from zhike.classification.rules import Rulebook
    from zhike.classification.store import Standings
    from zhike.customers.models import Customer
    from zhike.timeline.models import Event

_READ = f"""
SELECT (SELECT array_agg(CASE WHEN is_paused THEN -current_id ELSE current_id END ORDER BY position, id)
          FROM classification_scheme WHERE current_id IS NOT NULL),
       (SELECT array_agg({OWN_FIELD} ORDER BY id) FROM customers_customfield),
       (SELECT array_agg(ref ORDER BY ref) FROM classification_keptmetric),
       (SELECT timezone FROM accounts_company WHERE id = 1),
       (SELECT json_object_agg(dimension, json_build_array({STANDING}))
          FROM classification_placement WHERE customer_id = %(customer)s),
       ({EVENTS_SQL}),
       ({FIXED_SQL}),
       EXISTS (SELECT FROM classification_review WHERE customer_id = %(customer)s AND state = 'open')
"""  # noqa: S608  names from literal tables

_WRITE_FACTS = f"""
INSERT INTO classification_customerfacts ({FACTS_COLUMNS})
VALUES (%s, %s::jsonb, %s, %s, %s, %s, %s) {PUT_FACTS}
"""  # noqa: S608  literals

_WRITE_PLACEMENTS = f"""
INSERT INTO classification_placement AS p (customer_id, since, {CHANGE_COLUMNS})
SELECT %s, %s, t.* FROM unnest({", ".join(f"%s::{type_}" for type_ in CHANGE_TYPES.split(", "))}) AS t
{PUT_PLACEMENTS}
"""  # noqa: S608  literals

# What changes the past of a customer, by the kind of event that does.
_RECOMPUTES = {
    "event.voided": "voided",
    "customer.updated": "edited",
    "owner.changed": "edited",
    "customer.merged": "merged",
    "customer.parted": "parted",
}


type _Row = tuple[
    list[int] | None,
    list[str] | None,
    list[str] | None,
    str | None,
    dict[str, tuple[str, str, str, int | None, str, bool, str]] | None,
    list[list[object]] | None,
    dict[str, list[str | None]] | None,
    bool,
]


class _State(NamedTuple):
    """What the one reading statement returns."""

    rules: Rulebook
    standings: Standings
    history: History
    is_anything_open: bool


def place_after_event(event: Event) -> None:
    """Place the event's customer again, in the caller's transaction and under the caller's lock."""
    state = _read(event.customer)
    at = event.recorded_at
    zone = state.history.zone
    today = local_day(at, zone)
    recomputed = _RECOMPUTES.get(event.kind) or ("late" if event.day < today else "")
    _place(event.customer, state, Occasion(today, at, zone, Why.EVENT, event.pk, event.actor_id, recomputed))


def place_customer(customer: Customer, *, accepted: str = "", by: User | None = None) -> None:
    """Place one customer, whose row the caller has locked and whose owner is loaded.

    In the dimension that is `accepted` what the rules say takes effect, even where it had to wait.
    """
    state, at = _read(customer), now()
    history, zone = state.history, state.history.zone
    if accepted:
        standing = {dimension: key for dimension, key in history.standing.items() if dimension != accepted}
        history = History(history.fields, history.events, zone, fixed=history.fixed, standing=standing)
    actor = by.pk if by else None
    occasion = Occasion(local_day(at, zone), at, zone, Why.EVENT, actor=actor)
    _place(customer, state._replace(history=history), occasion)


def _place(customer: Customer, state: _State, occasion: Occasion) -> None:
    if bar_of(customer):
        place_by_hand([customer.pk], state.rules, occasion)
    elif state.rules.schemes:
        placed = decide(customer.pk, state.rules, state.history, occasion.as_of)
        _write(placed, state, occasion)


def decide(customer: int, rules: Rulebook, history: History, as_of: date) -> Placed:
    """Return one customer's facts, and in each dimension the class and when time alone changes it."""
    facts, computed = history.placed(rules.schemes, as_of)
    projection = history.projection(rules.schemes, as_of)
    decisions = []
    for scheme in rules.schemes:
        dimension = scheme.dimension
        class_key = cast("str", facts[Ref(f"class.{dimension}")])
        turn = projection.next_turn(dimension)
        ahead = [key for day, key in projection.classes(dimension) if turn is not None and day <= turn]
        decisions.append(
            Decision(
                dimension=dimension,
                class_key=class_key,
                computed_key=computed[dimension],
                source=source_of(history.fixed.get(dimension), as_of),
                next_day=turn,
                next_key=ahead[-1] if ahead else "",
                undetermined=is_undetermined(scheme, class_key, facts),
            )
        )
    values = dict(facts.values())
    values |= {ref: history.value(ref, type_, as_of) for ref, type_ in rules.metrics.items() if ref not in values}
    return Placed(customer, values, decisions, next_value_change(history, rules.metrics, as_of))


def _read(customer: Customer) -> _State:
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"customer": customer.pk})
        row = cast("_Row", cursor.fetchone())
    versions, own, kept, zone, standings, events, fixed, is_reviewed = row
    rules = rulebook_of((tuple(versions or ()), tuple(own or ()), tuple(kept or ())))
    found = {(customer.pk, dimension): Standing(*row) for dimension, row in (standings or {}).items()}
    history = History(
        field_values(customer, rules.own),
        events_from_json(events),
        Company(timezone=zone or "").zone,
        fixed=fixed_from_json(fixed),
        standing={dimension: s.class_key for (_, dimension), s in found.items() if s.source != "person"},
    )
    return _State(rules, found, history, is_reviewed or bool(fixed))


def _write(placed: Placed, state: _State, occasion: Occasion) -> None:
    rules = state.rules
    changes = changes_of(placed, state.standings, rules, occasion)
    with connection.cursor() as cursor:
        cursor.execute(_WRITE_FACTS, facts_row(placed, rules, occasion))
        if changes:
            columns = [list(column) for column in zip(*map(change_row, changes), strict=True)]
            cursor.execute(_WRITE_PLACEMENTS, [placed.customer, occasion.as_of, *columns])
    insert_events([change_event(change, rules, occasion) for change in changes if change.is_move])
    if changes:
        follow_up(changes, rules, occasion, is_anything_open=state.is_anything_open)
