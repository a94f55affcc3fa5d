"""The facts of customers: what is stored of them, and how one customer's history is read."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, cast

from django.db import connection

from zhike.core.dates import add_days
from zhike.core.events import Event
from zhike.core.facts import Facts, FieldType, value_from_json, value_to_json
from zhike.core.folds import in_window
from zhike.core.history import Fixed, History
from zhike.core.metrics import METRICS
from zhike.customers.facts import field_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from zhike.classification.rules import Rulebook
    from zhike.core.conditions.nodes import Test
    from zhike.core.facts import Field, Ref, Value
    from zhike.customers.models import Customer

    type _Rows = list[list[object]] | None
    type _HistoryRow = tuple[int, _Rows, Mapping[str, Sequence[str | None]] | None, Mapping[str, str] | None]

# Written by the program about its own records: no sign of life from the customer.
BOOKKEEPING = (
    "class.changed",
    "class.overridden",
    "owner.changed",
    "customer.created",
    "customer.updated",
    "contact.added",
    "contact.updated",
    "customer.merged",
    "customer.parted",
    "customer.deleted",
    "customer.restored",
    "event.voided",
)

# Of an event's data, metrics read these columns only.
DATA_READ = tuple(
    sorted({m.where[0] for m in METRICS.values() if m.where} | {m.value for m in METRICS.values()} - {"", "amount"})
)

_DATA = ", ".join(f"'{key}', e.data->'{key}'" for key in DATA_READ)
_QUIET = ", ".join(f"'{kind}'" for kind in BOOKKEEPING)

# One customer's events for metrics, as one JSON array: kind, day as a number, amount, data.
EVENTS_SQL = f"""
SELECT json_agg(json_build_array(e.kind, e.day - DATE '0001-01-01' + 1, e.base_amount,
       CASE WHEN e.data ?| ARRAY[{", ".join(f"'{key}'" for key in DATA_READ)}]
            THEN jsonb_strip_nulls(jsonb_build_object({_DATA})) END))
  FROM timeline_event e
 WHERE e.customer_id = %(customer)s AND e.kind NOT IN ({_QUIET})
   AND NOT EXISTS (SELECT 1 FROM timeline_event v WHERE v.voids_id = e.id)
"""  # noqa: S608  names from literal tables


def events_from_json(rows: Iterable[list[object]] | None) -> list[Event]:
    """Return the core's events for the array that EVENTS_SQL makes."""
    return [
        Event(
            cast("str", kind),
            date.fromordinal(cast("int", day)),
            cast("int | None", amount) or 0,
            cast("Mapping[str, object] | None", data) or {},
        )
        for kind, day, amount, data in rows or ()
    ]


# What people fixed of one customer: dimension → [class, the first day on which it holds no longer].
FIXED_SQL = """
SELECT json_object_agg(o.dimension, json_build_array(o.class_key, o.expires_on))
  FROM classification_override o WHERE o.customer_id = %(customer)s AND o.ended_at IS NULL
"""


def fixed_from_json(rows: Mapping[str, Sequence[str | None]] | None) -> dict[str, Fixed]:
    """Return the core's fixed classes for the object that FIXED_SQL makes."""
    return {
        dimension: Fixed(cast("str", key), date.fromisoformat(until) if until else None)
        for dimension, (key, until) in (rows or {}).items()
    }


_HISTORIES = f"""
SELECT c.id, ({EVENTS_SQL}), ({FIXED_SQL}),
       (SELECT json_object_agg(dimension, class_key)
          FROM classification_placement WHERE customer_id = %(customer)s AND source <> 'person')
  FROM customers_customer c WHERE c.id = ANY(%(customers)s)
""".replace("%(customer)s", "c.id")  # noqa: S608  literals


def load_history(customer: Customer, rules: Rulebook, zone: ZoneInfo) -> History:
    """Return everything known of one customer. The owner must be loaded with it."""
    return load_histories([customer], rules, zone)[customer.pk]


def load_histories(customers: Iterable[Customer], rules: Rulebook, zone: ZoneInfo) -> dict[int, History]:
    """Return everything known of some customers, in one query. Their owners must be loaded with them."""
    by_id = {customer.pk: customer for customer in customers}
    found: dict[int, History] = {}
    with connection.cursor() as cursor:
        cursor.execute(_HISTORIES, {"customers": list(by_id)})
        for pk, events, fixed, standing in cast("list[_HistoryRow]", cursor.fetchall()):
            values = field_values(by_id[pk], rules.own)
            found[pk] = History(
                values, events_from_json(events), zone, fixed=fixed_from_json(fixed), standing=standing or {}
            )
    return found


def stored_values(rules: Rulebook, values: Mapping[Ref, Value], as_of: date) -> dict[str, object]:
    """Return metric values as CustomerFacts keeps them: without missing ones, days-since as the day."""
    found: dict[str, object] = {}
    for name, ref, is_days_since in rules.stored:
        value = values[ref]
        if value is not None:
            day = as_of - timedelta(days=cast("int", value)) if is_days_since else None
            found[name] = day.isoformat() if day else value_to_json(value)
    return found


def read_stored(stored: Mapping[str, object], ref: Ref, as_of: date) -> Value:
    """Return one metric from what CustomerFacts keeps, as it reads on `as_of`."""
    raw = stored.get(str(ref))
    metric = METRICS[ref.name]
    if metric.is_days_since:
        return None if raw is None else (as_of - date.fromisoformat(str(raw))).days
    return value_from_json(raw, metric.type)


def stored_facts(
    customer: Customer, tests: Iterable[Test], own: Iterable[Field], *, as_of: date, zone: ZoneInfo
) -> Facts:
    """Return what some tests read of a customer, from what is stored.

    The owner, the facts and the placements must be loaded with the customer.
    """
    fields = field_values(customer, own)
    placed = {placement.dimension: placement.class_key for placement in customer.placements.all()}
    values: dict[Ref, Value] = {}
    for test in tests:
        match test.ref.source:
            case "metric":
                values[test.ref] = read_stored(customer.facts.values, test.ref, as_of)
            case "class":
                values[test.ref] = placed.get(test.ref.name)
            case _:
                missing = frozenset[str]() if test.type is FieldType.SET else None
                values[test.ref] = fields.get(test.ref, missing)
    return Facts(values, as_of=as_of, zone=zone)


def next_value_change(history: History, refs: Iterable[Ref], as_of: date) -> date | None:
    """Return the first day on which time alone changes a stored value.

    That is when the oldest event leaves a window, or one that is dated ahead comes to count.
    """
    days: list[date] = [min(ahead)] if (ahead := [e.day for e in history.events if e.day > as_of]) else []
    for ref in refs:
        if ref.days is None:
            continue
        items = in_window(history.contributions(ref.name), as_of, ref.days)
        if items:
            days.append(add_days(items[0].day, ref.days))
    return min(days, default=None)
