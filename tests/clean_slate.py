"""The database as migrations leave it, given back to every test after one that commits.

Django empties every table for that and has the types of contents and the rights written anew, which takes longer than most
tests; here only the tables that hold other rows are written to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

_TABLES = """
    SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
        AND relname <> 'django_migrations' ORDER BY relname
"""
# What so many bytes of deleted rows would slow down is cleared of them.
_BLOAT = 2**20

# Table → its columns, and its rows as COPY gives them; of those that hold any.
_slate: dict[str, tuple[str, bytes]] = {}


def remember() -> None:
    """Take what the database holds now for its clean state."""
    from django.db import connection

    with connection.cursor() as cursor:
        for table in sorted(_filled(cursor, _tables(cursor))):
            columns = _columns(cursor, table)
            _slate[table] = columns, _rows(cursor, table, columns)


def is_clean() -> bool:
    """Tell whether the database holds what it did at first."""
    from django.db import connection

    with connection.cursor() as cursor:
        return _filled(cursor, _tables(cursor)) == set(_slate) and not any(map(_has_changed(cursor), _slate))


def clean() -> None:
    """Put the clean state back, once nobody else writes any more."""
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        with transaction.atomic():
            tables = _tables(cursor)
            cursor.execute(f"LOCK TABLE {', '.join(map(_quoted, tables))} IN ACCESS EXCLUSIVE MODE")
            cursor.execute("SET LOCAL session_replication_role = replica")
            changed = _filled(cursor, tables) - set(_slate) | set(filter(_has_changed(cursor), _slate))
            cursor.execute("".join(f"DELETE FROM {_quoted(table)};" for table in sorted(changed)) or "SELECT")
            for table in changed & set(_slate):
                columns, rows = _slate[table]
                with cursor.copy(f"COPY {_quoted(table)} ({columns}) FROM STDIN") as copy:
                    copy.write(rows)
        for table in changed:
            cursor.execute("SELECT pg_relation_size(%s::regclass)", [_quoted(table)])
            if cursor.fetchone()[0] > _BLOAT:
                cursor.execute(f"VACUUM {_quoted(table)}")


def _tables(cursor: CursorWrapper) -> list[str]:
    cursor.execute(_TABLES)
    return [table for (table,) in cursor.fetchall()]


def _filled(cursor: CursorWrapper, tables: list[str]) -> set[str]:
    cursor.execute(
        " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM {_quoted(table)})" for table in tables)
    )
    return {table for (table,) in cursor.fetchall()}


def _has_changed(cursor: CursorWrapper):
    def has_changed(table: str) -> bool:
        columns, rows = _slate[table]
        return _rows(cursor, table, columns) != rows

    return has_changed


def _columns(cursor: CursorWrapper, table: str) -> str:
    cursor.execute(
        "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
        [_quoted(table)],
    )
    return cursor.fetchone()[0]


def _rows(cursor: CursorWrapper, table: str, columns: str) -> bytes:
    with cursor.copy(f"COPY {_quoted(table)} ({columns}) TO STDOUT") as copy:
        return b"".join(copy)


def _quoted(table: str) -> str:
    return f'"{table}"'
