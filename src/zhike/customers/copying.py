"""Customers and what hangs on them written by COPY, thousands in a breath: the columns as they stand, nothing more."""

from __future__ import annotations

from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any

from django.db import connection
from psycopg.types.json import Jsonb

from zhike.customers.models import Customer, Reach, SearchText

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

COLUMNS = [column.attname for column in Customer._meta.concrete_fields if column.attname != "id"]
_LISTS = [COLUMNS.index(name) for name in ("tags", "tags_folded")]
_DOCUMENTS = [COLUMNS.index(name) for name in ("custom", "custom_folded")]
_values_in = itemgetter(*COLUMNS)
_values_of = attrgetter(*COLUMNS)
_NAMES = ", ".join(COLUMNS)
_REACH = ("customer_id", "contact_id", "kind", "value", "state", "label", "position")
_SEARCHED = tuple(field.name for field in SearchText._meta.concrete_fields if not field.primary_key)


def insert_customers(rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert customers, each with all of `COLUMNS`, and return their ids in the same order."""
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('customers_customer', 'id')) FROM generate_series(1, %s)",
            [len(rows)],
        )
        ids = [pk for (pk,) in cursor.fetchall()]
        with cursor.copy(f"COPY customers_customer (id, {_NAMES}) FROM STDIN") as copy:
            for pk, row in zip(ids, rows, strict=True):
                copy.write_row([pk, *_stored(_values_in(row))])
    return ids


def update_customers(customers: Sequence[Customer]) -> None:
    """Write all columns of customers that were changed in memory."""
    if not customers:
        return
    settings = ", ".join(f"{name} = s.{name}" for name in COLUMNS if name != "created_at")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE IF NOT EXISTS changed_customer (LIKE customers_customer) ON COMMIT DROP")
        cursor.execute("TRUNCATE changed_customer")
        with cursor.copy(f"COPY changed_customer (id, {_NAMES}) FROM STDIN") as copy:
            for customer in customers:
                copy.write_row([customer.pk, *_stored(_values_of(customer))])
        cursor.execute(f"UPDATE customers_customer c SET {settings} FROM changed_customer s WHERE c.id = s.id")  # noqa: S608  names of columns


def insert_reaches(rows: Sequence[Sequence[object]]) -> None:
    """Insert ways to reach people that nobody has written yet, each in the order of `_REACH`."""
    if rows:
        _copy(Reach._meta.db_table, _REACH, rows)


def replace_searched(ids: Sequence[int], found: Iterable[Mapping[str, str | list[int]]]) -> None:
    """Write what customers are found by in the place of what was there. Their rows are locked by the caller."""
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM customers_searchtext WHERE customer_id = ANY(%s)", [list(ids)])
    written = ([pk, *(_listed(columns[name]) for name in _SEARCHED)] for pk, columns in zip(ids, found, strict=True))
    _copy(SearchText._meta.db_table, ("customer_id", *_SEARCHED), written)


def _copy(table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _listed(value: str | list[int]) -> str:
    """Return a text as it is, numbers as the database writes a list: a driver that asks each for its type is slow."""
    return value if isinstance(value, str) else f"{{{','.join(map(str, value))}}}"


def _stored(values: Sequence[Any]) -> list[Any]:
    """Return values in the order of `COLUMNS` as the database reads them: what is empty of lists and documents as text."""
    stored = list(values)
    for at in _LISTS:
        stored[at] = stored[at] or "{}"
    for at in _DOCUMENTS:
        stored[at] = Jsonb(stored[at]) if stored[at] else "{}"
    return stored
