"""One embedded PostgreSQL for the whole run, one database for each worker, and no network.

The server starts with the first test that wants a database, so the tests of core and engine need none.
"""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
import socket
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests import clean_slate
from tests.scenes import forget
from zhike.base.postgres import Postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.plugin import DjangoDbBlocker

HOMES = "zhike-tests-"
TEMPLATE = "template_zhike"
# Nothing here outlives the run, so nothing has to reach the disk.
HASTE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "autovacuum": "off",
    "jit": "off",
    "max_connections": "300",  # fifty who claim at once, in each worker
}

# Set before Django reads its settings; the workers inherit it from the process that starts them.
if "PYTEST_XDIST_WORKER" not in os.environ:
    for name in [name for name in os.environ if name.startswith(("ZHIKE_", "DATABASE_URL"))]:
        del os.environ[name]
    os.environ["ZHIKE_HOME"] = tempfile.mkdtemp(prefix=HOMES, dir="/tmp")  # short, for the socket
    os.environ["DJANGO_SETTINGS_MODULE"] = "zhike.config.settings"
HOME = Path(os.environ["ZHIKE_HOME"])


# The machine's speed is not what the examples are about.
settings.register_profile("zhike", deadline=None, max_examples=50)
settings.load_profile("zhike")


def pytest_configure(config: pytest.Config) -> None:
    import django

    django.setup()
    if not hasattr(config, "workerinput"):
        _sweep()


def pytest_collection_finish() -> None:
    """Let the collector look no more at what stays until the end: modules, models and 8,000 tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        _remove(HOME)


def _sweep() -> None:
    """Remove what a killed run left behind: homes whose server nobody uses any more."""
    for home in Path("/tmp").glob(f"{HOMES}*"):
        users = home / "postgres.users"
        if not users.exists() or home == HOME:
            continue
        with users.open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
        _remove(home)


def _remove(home: Path) -> None:
    server = Postgres(home / "postgres")
    if server.is_running:
        with server:
            pass  # the last one to leave stops it
    shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Let one worker at a time pass."""
    with (HOME / name).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Copy this worker's database from a template that the first worker migrates."""
    from django.core.management import call_command
    from django.db import connection
    from django.test import TransactionTestCase

    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with Postgres(HOME / "postgres", settings=HASTE), django_db_blocker.unblock():
        with _alone("template.lock"):
            if _create_database(TEMPLATE, copy_of="template0"):
                connection.settings_dict["NAME"] = TEMPLATE
                _keep_an_assessment()
                call_command("migrate", interactive=False, verbosity=0)
                _let_be_emptied()
                connection.close()
            _create_database(f"zhike_{worker}", copy_of=TEMPLATE)
        connection.settings_dict["NAME"] = f"zhike_{worker}"
        _keep_an_assessment()
        clean_slate.remember()
        connection.close()
        patch = pytest.MonkeyPatch()
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: clean_slate.clean())
        yield
        patch.undo()
        connection.close()


def _keep_an_assessment() -> None:
    """Have the company of the tests allow that persons are classified, also after a test that empties all tables."""
    from django.apps import apps as everything
    from django.db.models.signals import post_migrate

    def keep(*, apps=everything, **_: object) -> None:
        forget()
        if ("privacy", "assessment") not in {(m._meta.app_label, m._meta.model_name) for m in apps.get_models()}:
            return
        from zhike.privacy.models import Assessment

        words = {"purpose": "一", "necessity": "二", "impact": "三", "measures": "四", "filed_at": "2026-01-01T00:00Z"}
        Assessment.objects.get_or_create(number=1, defaults=words)

    config = everything.get_app_config("privacy")
    post_migrate.connect(keep, sender=config, weak=False, dispatch_uid="tests.assessment")


def _let_be_emptied() -> None:
    """Let a test that commits empty all tables after it; whether they refuse is for a test of its own."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_not_emptied")
        cursor.execute("ALTER TABLE timeline_event DISABLE TRIGGER timeline_not_emptied")


def _create_database(name: str, *, copy_of: str) -> bool:
    """Create the database if there is none yet; tell whether it was created."""
    import psycopg

    with psycopg.connect(host=str(HOME / "postgres"), user="zhike", dbname="postgres", autocommit=True) as server:
        found = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if not found:
            server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{copy_of}"')
    return not found


@pytest.fixture(autouse=True)
def quick_passwords(request: pytest.FixtureRequest) -> None:
    """Spend no time on hashing, except where hashing is what the test is about."""
    if "django_db_setup" in request.fixturenames:
        settings = request.getfixturevalue("settings")
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def everyone_begins_in_the_default_language() -> None:
    """Undo what a request of the test before left in this thread: a server begins each request anew."""
    from django.utils import translation

    translation.deactivate()


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Refuse every connection that leaves this machine."""
    patch = pytest.MonkeyPatch()
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: object) -> None:
        is_local = self.family == socket.AF_UNIX or (
            isinstance(address, tuple) and address[0] in {"127.0.0.1", "::1", "localhost"}
        )
        assert is_local, f"a test wants to reach {address}"
        connect(self, address)  # type: ignore[arg-type]

    patch.setattr(socket.socket, "connect", connect_here)
    yield
    patch.undo()
