"""`zhike serve` under kill, Ctrl-C, a second start and a taken port."""

from __future__ import annotations

import signal
import socket
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import psycopg
import pytest

from tests.cli.running import ZHIKE, Site, environment, wait_until, zhike

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.xdist_group("serve")  # the tests of one running site share a worker


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="zhike-serve-", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def site(home: Path) -> Iterator[Site]:
    site = Site(home)
    yield site
    site.process.send_signal(signal.SIGTERM)
    site.process.communicate(timeout=30)


def child(site: Site, word: str) -> psutil.Process:
    [found] = [c for c in psutil.Process(site.process.pid).children() if word in c.cmdline()]
    return found


def processes_of(home: Path) -> list[psutil.Process]:
    def belongs(process: psutil.Process) -> bool:
        try:
            return process.environ().get("ZHIKE_HOME") == str(home) or any(
                str(home) in word for word in process.cmdline()
            )
        except psutil.Error:
            return False

    return [process for process in psutil.process_iter() if belongs(process)]


@pytest.mark.parametrize("word", ["gunicorn", "zhike.base.worker"])
def test_killed_child_is_started_again(site: Site, word: str):
    old = child(site, word)
    old.kill()
    wait_until(lambda: any(word in c.cmdline() for c in _others(site, old)))
    wait_until(lambda: site.health() == 200)


def _others(site: Site, old: psutil.Process) -> list[psutil.Process]:
    children = psutil.Process(site.process.pid).children()
    return [c for c in children if c.pid != old.pid and c.status() != psutil.STATUS_ZOMBIE]


def test_killed_database_is_started_again(site: Site):
    pid_file = site.home / "postgres" / "postmaster.pid"
    old = int(pid_file.read_text().split()[0])
    psutil.Process(old).kill()
    wait_until(lambda: site.health() == 200 and int(pid_file.read_text().split()[0]) != old)
    restored = datetime.now(UTC)
    wait_until(lambda: last_heartbeat(site) > restored)  # the worker came back by itself


def last_heartbeat(site: Site) -> datetime:
    server = {"host": str(site.home / "postgres"), "user": "zhike", "dbname": "zhike"}
    with psycopg.connect(**server) as connection:
        found = connection.execute("SELECT max(last_heartbeat) FROM procrastinate_workers").fetchone()
    return found[0] or datetime.min.replace(tzinfo=UTC)


def test_second_serve_on_the_same_data_is_refused(site: Site):
    second = zhike(site.home, "serve", "--port", "0")
    assert second.returncode == 2
    assert second.stderr == f"zhike serve is already running on {site.home}. Stop it first.\n"
    assert second.stdout == ""
    assert site.health() == 200


def test_other_commands_join_the_running_site(site: Site):
    added = zhike(site.home, "user", "add", "wang@example.com", given="correct horse\n")
    assert (added.returncode, added.stdout) == (0, "Added wang <wang@example.com> as admin.\n")
    assert site.health() == 200


def test_taken_port_is_named_before_anything_starts(tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = zhike(tmp_path, "serve", "--port", str(port))
    assert refused.returncode == 2
    assert refused.stderr == f"Port {port} is taken. Choose another with --port.\n"
    assert not (tmp_path / "postgres").exists()


@pytest.mark.parametrize("host", ["a..b", "a" * 64])
def test_host_that_can_have_no_address_is_named(tmp_path: Path, host: str):
    refused = zhike(tmp_path, "serve", "--host", host, "--port", "0")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == f"Cannot listen on {host}: no such name\n"
    assert not (tmp_path / "postgres").exists()


def test_sigterm_stops_everything_in_time():
    with tempfile.TemporaryDirectory(prefix="zhike-serve-", dir="/tmp") as folder:
        site = Site(Path(folder))
        assert len(processes_of(site.home)) > 4
        before = time.monotonic()
        site.process.send_signal(signal.SIGTERM)
        assert site.process.wait(30) == 0
        assert time.monotonic() - before < 30
        assert processes_of(site.home) == []
        assert site.process.stdout is not None
        site.process.stdout.close()


def test_interrupted_start_leaves_no_database_behind():
    with tempfile.TemporaryDirectory(prefix="zhike-serve-", dir="/tmp") as folder:
        home = Path(folder)
        starting = subprocess.Popen([ZHIKE, "serve", "--port", "0"], env=environment(home))
        wait_until((home / "postgres" / "postmaster.pid").exists)
        starting.terminate()
        assert starting.wait(30) == 128 + signal.SIGTERM
        assert processes_of(home) == []


def test_killed_supervisor_leaves_data_that_starts_again():
    with tempfile.TemporaryDirectory(prefix="zhike-serve-", dir="/tmp") as folder:
        first = Site(Path(folder))
        first.process.kill()
        first.process.communicate()
        second = Site(Path(folder))
        assert second.health() == 200
        second.process.send_signal(signal.SIGINT)
        second.process.communicate(timeout=30)
        assert second.process.returncode == 0
        wait_until(lambda: processes_of(second.home) == [])
