"""Break a use case off at each place where what it leaves behind could differ.

A read leaves nothing, so the reads in a row stand for one another, and what breaks between two writes is found by
breaking after the first: a use case is broken before each run of reads and after each write.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
import pytest
from django.apps import apps
from django.db import OperationalError, connection, transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# What begins with SELECT and writes nevertheless: the functions of the queue.
WRITES = "procrastinate_"


class Break(NamedTuple):
    """The statement at which a use case breaks off, counted from 1, and whether the database has done it."""

    number: int
    after: bool


class Fails:
    """Breaks the connection at one statement, COPY among them; without a place it breaks none and takes notes."""

    def __init__(self, where: Break | None) -> None:
        self.where = where
        self.reads: list[bool] = []

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            return execute(sql, params, many, context)
        self.reads.append(sql.startswith("SELECT") and WRITES not in sql)
        if self._is_at(after=False):
            raise OperationalError(f"broken before: {sql[:60]}")
        result = execute(sql, params, many, context)
        if self._is_at(after=True):
            raise OperationalError(f"broken after: {sql[:60]}")
        return result

    def copy(self, run: Callable[[], Any]) -> Any:
        """Break before rows are copied: what they become is seen at the next statement."""
        self.reads.append(False)
        if self.where is not None and len(self.reads) == self.where.number:
            raise OperationalError("broken before a COPY")
        return run()

    def _is_at(self, *, after: bool) -> bool:
        return self.where == Break(len(self.reads), after)

    def breaks(self) -> list[Break]:
        """Return the places that stand for all."""
        found = []
        was_read = False
        for number, is_read in enumerate(self.reads, start=1):
            if number == 1 or (is_read and not was_read):
                found.append(Break(number, after=False))
            if not is_read:
                found.append(Break(number, after=True))
            was_read = is_read
        return found


@contextmanager
def failing(where: Break | None) -> Iterator[Fails]:
    """Let the database fail there."""
    fails, patch = Fails(where), pytest.MonkeyPatch()
    original = psycopg.Cursor.copy

    def copy_(self: psycopg.Cursor[Any], *given: Any, **named: Any) -> Any:
        return fails.copy(lambda: original(self, *given, **named))

    patch.setattr(psycopg.Cursor, "copy", copy_)
    try:
        with connection.execute_wrapper(fails):
            yield fails
    finally:
        patch.undo()


def counted() -> Any:
    """Let nothing fail, and take notes of every statement."""
    return failing(None)


@contextmanager
def rolled_back() -> Iterator[None]:
    """Leave no trace of what is done inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


TABLES = sorted(
    model._meta.db_table for model in apps.get_models() if model.__module__.startswith("zhike.") and model._meta.managed
)


def everything() -> list[tuple[str, str]]:
    """Return a digest of every table."""
    parts = [
        f"SELECT '{table}', coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {table} t"
        for table in TABLES
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return sorted(cursor.fetchall())  # which table is answered first is the database's choice
