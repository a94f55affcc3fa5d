"""The embedded server: shared by its users, back after a kill, and clear about what it cannot do."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import psycopg
import pytest

from zhike.base.postgres import DatabaseUnavailable, Postgres, socket_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.xdist_group("postgres")


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="zhike-pg-", dir="/tmp") as folder:
        yield Path(folder) / "postgres"


def query(data: Path, sql: str) -> object:
    with psycopg.connect(host=str(socket_dir(data)), user="zhike", dbname="zhike") as connection:
        cursor = connection.execute(sql)
        return cursor.fetchone()[0] if cursor.description else None


def test_it_runs_until_its_last_user_leaves(data: Path):
    with Postgres(data) as first:
        with Postgres(data):
            assert query(data, "SELECT 1") == 1
        assert first.is_running
    assert not first.is_running


def test_what_was_written_is_there_the_next_time(data: Path):
    with Postgres(data):
        query(data, "COMMENT ON DATABASE zhike IS 'kept'")
    with Postgres(data):
        comment = "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
        assert query(data, f"{comment} WHERE datname = 'zhike'") == "kept"


def test_stale_pid_file_of_another_process_does_not_stop_it(data: Path):
    with Postgres(data):
        pass
    # After a power cut the number may belong to anyone: here it is this test's own.
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n1\n5432\n{data}\n\n\nready\n")
    server = Postgres(data)
    assert not server.is_running
    with server:
        assert query(data, "SELECT 1") == 1


def test_killed_server_is_started_again(data: Path):
    with Postgres(data) as server:
        pid = int((data / "postmaster.pid").read_text().split()[0])
        killed = psutil.Process(pid)
        children = killed.children()
        killed.kill()
        psutil.wait_procs(children, timeout=30)
        server.ensure_running()
        assert query(data, "SELECT 1") == 1


def test_long_path_gets_a_short_socket_of_its_own():
    with tempfile.TemporaryDirectory(prefix="zhike-pg-", dir="/tmp") as folder:
        data = Path(folder) / ("long" * 30) / "postgres"
        data.parent.mkdir()
        assert socket_dir(data).parent == Path("/tmp")
        with Postgres(data):
            assert query(data, "SELECT 1") == 1
            assert socket_dir(data).stat().st_mode & 0o777 == 0o700


def test_folder_of_another_version_is_refused(tmp_path: Path):
    data = tmp_path / "postgres"
    data.mkdir()
    (data / "PG_VERSION").write_text("16\n")
    with pytest.raises(DatabaseUnavailable, match="not a data folder of PostgreSQL 18"):
        Postgres(data).__enter__()


def test_failed_start_says_why_and_leaves_no_lock(data: Path):
    with pytest.raises(DatabaseUnavailable, match="did not start"):
        Postgres(data, settings={"max_connections": "none"}).__enter__()
    with Postgres(data):
        assert query(data, "SELECT 1") == 1


def test_parent_folders_are_passable_but_not_readable():
    if os.geteuid() != 0:
        pytest.skip("only root hands the data to another user")
    with tempfile.TemporaryDirectory(prefix="zhike-pg-", dir="/tmp") as folder:
        parent = Path(folder) / "home"
        parent.mkdir(mode=0o700)
        with Postgres(parent / "postgres"):
            assert parent.stat().st_mode & 0o777 == 0o701
            assert (parent / "postgres").stat().st_mode & 0o777 == 0o700
            owner = subprocess.run(
                ["stat", "-c", "%U", parent / "postgres"], capture_output=True, text=True, check=True
            )
            assert owner.stdout == "pgserver\n"
