"""What a command needs before it can use models: Django, a running database, an up-to-date schema."""

from __future__ import annotations

import os
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from zhike.base.doors import Door, through
from zhike.base.logs import reason_of
from zhike.base.postgres import DatabaseUnavailable, Postgres
from zhike.cli.language import language
from zhike.core.errors import ZhikeError

if TYPE_CHECKING:
    from collections.abc import Iterator


class MigrationsPending(ZhikeError):
    """The program is newer than the database, or the database is empty."""

    code = "migrations_pending"
    status = 503


@contextmanager
def installation(*, migrated: bool = True) -> Iterator[Postgres | None]:
    """Set up Django and the database for as long as the block runs.

    The embedded server runs at least that long: an installation that already runs is joined. Its schema
    is brought up to date unasked, since the program and its data are one; that of another server is not.
    Yields the embedded server, or None.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhike.config.settings")
    import django  # noqa: PLC0415
    from django.conf import settings  # noqa: PLC0415
    from django.db import connections  # noqa: PLC0415
    from django.utils import translation  # noqa: PLC0415

    embedded = settings.ZHIKE_EMBEDDED
    with Postgres(embedded) if embedded else nullcontext() as server:
        django.setup()
        reach_database()
        if migrated and pending_migrations():
            if embedded is None:
                raise MigrationsPending(
                    "数据库还不是本版本的结构，请先运行 zhike migrate。",
                    "The database is not at this version yet. Run zhike migrate first.",
                )
            migrate()
        try:
            with through(Door.COMMAND), translation.override("zh-hans" if language() == "zh" else "en"):
                yield server
        finally:
            connections.close_all()


def reach_database() -> None:
    """Refuse with the server's own reason when it does not let us in."""
    from django.db import Error, connection  # noqa: PLC0415

    try:
        connection.ensure_connection()
    except Error as error:  # an option that libpq does not know is a ProgrammingError
        reason = reason_of(error)
        where = f"{connection.settings_dict['HOST']}/{connection.settings_dict['NAME']}"
        raise DatabaseUnavailable(
            f"连接不上数据库 {where}：{reason}",
            f"Cannot reach the database {where}: {reason}",
        ) from error


def pending_migrations() -> list[Any]:
    from django.db import connection  # noqa: PLC0415
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415

    executor = MigrationExecutor(connection)
    return executor.migration_plan(executor.loader.graph.leaf_nodes())


def migrate() -> None:
    """Apply what is missing. Two at once do it one after the other."""
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from zhike.classification.actions.packs import ensure_rules  # noqa: PLC0415
    from zhike.privacy.actions.erasure import reapply_deletions  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('zhike.migrate'))")
        try:
            call_command("migrate", interactive=False, verbosity=0)
            ensure_rules()
            reapply_deletions()
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('zhike.migrate'))")
