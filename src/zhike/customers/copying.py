"""Customers written by COPY, thousands in a breath: the columns as they stand, and nothing that follows from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection
from psycopg.types.json import Jsonb

from zhike.customers.models import Customer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COLUMNS = [column.attname for column in Customer._meta.concrete_fields if column.attname != "id"]
_JSON = frozenset({"custom", "custom_folded"})
_NAMES = ", ".join(COLUMNS)


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
                copy.write_row([pk, *(_stored(name, row[name]) for name in COLUMNS)])
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
                copy.write_row([customer.pk, *(_stored(name, getattr(customer, name)) for name in COLUMNS)])
        cursor.execute(f"UPDATE customers_customer c SET {settings} FROM changed_customer s WHERE c.id = s.id")  # noqa: S608  names of columns


def _stored(name: str, value: object) -> object:
    return Jsonb(value) if name in _JSON else value
