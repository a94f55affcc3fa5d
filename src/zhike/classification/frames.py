"""From the database to the engine's frames: customers with the fields that rules read, and their events."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.db import connection

from zhike.classification.facts import BOOKKEEPING, DATA_READ
from zhike.core.facts import FieldType, Ref
from zhike.core.history import Fixed
from zhike.core.metrics import METRICS, Fold
from zhike.customers.values import read
from zhike.engine.polars import typed_columns, typed_csv

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zhike.classification.rules import Rulebook
    from zhike.classification.store import Standing, Standings
    from zhike.core.facts import Value
    from zhike.core.schemes import Scheme
    from zhike.engine.polars import Frame

SCALE = 10_000

_CREATED_ON = Ref("customer.created_on")

# The column that holds a customer field, where it is not that of the same name.
_COLUMNS = {"owner": "u.email"}

# Data columns by what metrics do with them: numbers (with the digits they keep) and texts.
_NUMBERS = {m.value: 4 if m.fold is Fold.AVERAGE else 0 for m in METRICS.values() if m.value not in {"", "amount"}}
_TEXTS = sorted(set(DATA_READ) - set(_NUMBERS))

_QUIET = ", ".join(f"'{kind}'" for kind in BOOKKEEPING)
_DATA = ", ',', ".join(
    # Other kinds of events may keep any text under the same name.
    [
        f"CASE WHEN e.data->>'{key}' ~ '^-?[0-9]+([.][0-9]+)?$' "
        f"THEN trunc((e.data->>'{key}')::numeric * {10**digits})::bigint END"
        for key, digits in _NUMBERS.items()
    ]
    + [f"""'"' || replace(e.data->>'{key}', '"', '""') || '"'""" for key in _TEXTS]
)

# The rows of CSV in a hundred texts: rows that come one by one cost more than all that is done with them, and one text
# of all could outgrow what the database holds in a value.
_EVENTS = f"""
SELECT string_agg(concat(e.customer_id, ',', to_char(e.day, 'YYYY-MM-DD'), ',', e.kind, ',', coalesce(e.base_amount, 0), ',', {_DATA}), E'\n')
  FROM timeline_event e
 WHERE e.customer_id = ANY(%s) AND e.kind NOT IN ({_QUIET})
   AND NOT EXISTS (SELECT 1 FROM timeline_event v WHERE v.voids_id = e.id)
 GROUP BY mod(e.customer_id, 100)
"""  # noqa: S608  names from literal tables
_EVENT_COLUMNS = {
    "customer": FieldType.INTEGER,
    "day": FieldType.DATE,
    "kind": FieldType.TEXT,
    "amount": FieldType.INTEGER,
    **dict.fromkeys(_NUMBERS, FieldType.INTEGER),
    **dict.fromkeys(_TEXTS, FieldType.TEXT),
}


def people_frame(ids: Sequence[int], fields: Mapping[Ref, FieldType]) -> Frame:
    """Return the customers with the fields given, typed as the engine wants them."""
    wanted = {_CREATED_ON: FieldType.DATE, **fields}
    own = [ref for ref in wanted if ref.source == "custom"]
    plain = [ref for ref in wanted if ref.source == "customer"]
    columns = [_COLUMNS.get(ref.name, f"c.{ref.name}") for ref in plain]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c.id, c.custom::json, {', '.join(columns)} FROM customers_customer c "  # noqa: S608  names of fields
            "LEFT JOIN accounts_user u ON u.id = c.owner_id WHERE c.id = ANY(%s) AND c.deleted_at IS NULL ORDER BY c.id",  # in the bin nobody is placed
            [list(ids)],
        )
        rows = cursor.fetchall()
    found: dict[str, tuple[FieldType, Sequence[object]]] = {"customer": (FieldType.INTEGER, [row[0] for row in rows])}
    for index, ref in enumerate(plain, 2):
        type_ = wanted[ref]
        found[str(ref)] = (type_, [_plain(row[index], type_) for row in rows])
    for ref in own:
        found[str(ref)] = (wanted[ref], [_own(row[1], ref, wanted[ref]) for row in rows])
    return typed_columns(found)


def _plain(value: object, type_: FieldType) -> object:
    """Return a column's value; an empty text is missing."""
    return value if type_ is FieldType.SET else value or None


def _own(custom: Mapping[str, object], ref: Ref, type_: FieldType) -> object:
    return engine_value(read(custom.get(ref.name), type_), type_)


def engine_value(value: Value, type_: FieldType) -> object:
    """Return a value as the engine's frames hold it: decimals in ten-thousandths, sets as lists."""
    if type_ is FieldType.DECIMAL and value is not None:
        return int(cast("int", value) * SCALE)
    return sorted(cast("frozenset[str]", value)) if type_ is FieldType.SET else value


def events_frame(ids: Sequence[int]) -> Frame:
    """Return the events of the customers, without voided ones and our own bookkeeping."""
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, [list(ids)])
        return typed_csv("\n".join(text for (text,) in cursor.fetchall()).encode(), _EVENT_COLUMNS)


def read_fixed(ids: Sequence[int]) -> dict[tuple[int, str], Fixed]:
    """Return what people fixed of these customers, by customer and dimension."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT customer_id, dimension, class_key, expires_on FROM classification_override "
            "WHERE customer_id = ANY(%s) AND ended_at IS NULL",
            [list(ids)],
        )
        return {(customer, dimension): Fixed(key, until) for customer, dimension, key, until in cursor.fetchall()}


def decisions_frame(
    rules: Rulebook, ids: Sequence[int], fixed: Mapping[tuple[int, str], Fixed], standings: Standings
) -> Frame:
    """Return (customer) with what people fixed, and with the classes that stand where a change may wait."""
    columns: dict[str, tuple[FieldType, Sequence[object]]] = {"customer": (FieldType.INTEGER, list(ids))}
    for dimension in sorted({dimension for _, dimension in fixed}):
        found = [fixed.get((customer, dimension)) for customer in ids]
        columns[f"fixed.{dimension}"] = (FieldType.TEXT, [f.key if f else None for f in found])
        columns[f"until.{dimension}"] = (FieldType.DATE, [f.until if f else None for f in found])
    for scheme in waiting(rules):
        standing = [standings.get((customer, scheme.dimension)) for customer in ids]
        columns[f"standing.{scheme.dimension}"] = (FieldType.TEXT, [_standing(s) for s in standing])
    return typed_columns(columns)


def waiting(rules: Rulebook) -> list[Scheme]:
    """Return the schemes of which some change waits for a person."""
    return [s for s in rules.schemes if s.mode != "auto" or any(class_.demote != "now" for class_ in s.classes)]


def _standing(found: Standing | None) -> str | None:
    """Return the class that stands; one that a person set falls back to the rules when that is over."""
    return None if found is None or found.source == "person" else found.class_key
