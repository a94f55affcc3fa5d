"""Scenes that many tests look at: building them is most of what each test would cost.

`one_scene` builds once for a module whose tests all look at the same. `once` builds for the first test that asks,
and for the others writes the same rows again, which takes a tenth of the time.
"""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.clean_slate import is_clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from pytest_django.plugin import DjangoDbBlocker

# Pages say how long ago something was, so a scene may not grow old.
SECONDS = 60

_WRITES = """
    SELECT relname, pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)
        + pg_stat_get_xact_tuples_deleted(oid)
    FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""


@contextmanager
def one_scene(blocker: DjangoDbBlocker) -> Iterator[None]:
    """Build in a transaction around those of the tests, each of which takes back what it alone did.

    For a fixture of a module that also asks for `django_db_setup`; a test that commits cannot use it.
    """
    from django.db import transaction
    from django.test import override_settings

    around = transaction.atomic()
    around._from_testcase = True  # durable blocks may be inside of it, as inside of a test's own
    with blocker.unblock(), around:
        with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
            yield
        transaction.set_rollback(True)


@dataclass(frozen=True)
class _State:
    """A transaction, and how many rows it has written so far; no transaction before the first."""

    transaction: str | None
    writes: int


@dataclass(frozen=True)
class _Kept:
    """What was built, and all rows of the tables that were written to, as COPY gives them."""

    made: object
    tables: dict[str, bytes]
    since: float


type _Scenes = tuple[tuple[str, datetime | None], ...]

# By the scenes that stood before and its own, each with the time that the clock was told.
_kept: dict[_Scenes, _Kept] = {}
_standing: tuple[_Scenes, _State] = ((), _State(None, 0))


def once[T](name: str, build: Callable[[], T]) -> T:
    """Return what `build` returns, with what it writes in the database; one name stands for one thing to build.

    The rows of the first time are written again where the test has written nothing yet, or nothing but other such
    scenes; anywhere else it is built like the first time. So it is with a test that commits, for its first scene.
    """
    from django.conf import settings
    from django.db import connection, transaction

    if not connection.in_atomic_block:
        if not is_clean():
            return build()
        with transaction.atomic():
            return once(name, build)
    global _standing  # noqa: PLW0603  what the test that runs has written
    before = _state()
    stand = () if before.transaction is None else _standing[0] if before == _standing[1] else None
    if stand is None:
        return build()
    scenes = (*stand, (name, settings.ZHIKE_NOW))
    kept = _kept.get(scenes)
    if kept is None or (settings.ZHIKE_NOW is None and kept.since < time.monotonic() - SECONDS):
        for later in [one for one in _kept if one[: len(scenes)] == scenes]:
            del _kept[later]  # it stands on rows of other numbers
        counts = _writes()
        made = build()
        written = sorted(table for table, count in _writes().items() if count != counts.get(table, 0))
        _kept[scenes] = _Kept(deepcopy(made), _read(written), time.monotonic())
    else:
        _write(kept.tables)
        made = deepcopy(kept.made)
    _standing = scenes, _state()
    return made


def rules_in_force(pack: str | dict[str, Any] = "general") -> None:
    """Put the rules of a pack in force: a shipped one by its key, or one that a test has written."""
    from zhike.classification.actions.packs import install_pack

    def build() -> None:
        install_pack(pack=pack, by=None)

    once(f"rules of {json.dumps(pack, default=str)}", build)


def forget() -> None:
    """Build anew from now on: all tables were emptied, and what migrations had written has other numbers now."""
    from zhike.classification.rules import rulebook_of

    _kept.clear()
    rulebook_of.cache_clear()  # by the numbers of versions, which migrations back and forth give out again


def _state() -> _State:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id_if_assigned()::text")
        [number] = cursor.fetchone()
    return _State(number, sum(_writes().values()))


def _writes() -> dict[str, int]:
    """Return for each table how many rows were written, counted from any beginning before this transaction."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_WRITES)
        return dict(cursor.fetchall())


def _read(tables: list[str]) -> dict[str, bytes]:
    from django.db import connection

    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            with cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
                found[table] = b"".join(copy)
    return found


def _write(tables: dict[str, bytes]) -> None:
    """Have these tables hold these rows, without the triggers that watched over the first time."""
    from django.db import connection

    with connection.cursor() as cursor:
        emptied = "".join(f'DELETE FROM "{table}";' for table in tables)
        cursor.execute(f"SET LOCAL session_replication_role = replica; {emptied}")
        for table, rows in tables.items():
            if rows:
                with cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
                    copy.write(rows)
        cursor.execute("SET LOCAL session_replication_role = origin")
