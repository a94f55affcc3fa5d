"""`zhike serve` under kill, Ctrl-C, a second start and a taken port."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import psycopg
import pytest

from tests.cli.running import ZHIKE, Site, environment, installed, wait_until, zhike
from zhike.cli.supervisor import REMIND_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.xdist_group("serve")  # the tests of one running site share a worker


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with installed("zhike-serve-") as home:
        yield home


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
    assert (added.returncode, added.stdout) == (0, "Added wang <wang@example.com> as Administrator.\n")
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
    with installed("zhike-serve-") as home:
        site = Site(home)
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


def test_killed_supervisor_leaves_data_and_port_that_start_again():
    with installed("zhike-serve-") as home, socket.socket() as visitor:
        first = Site(home)
        port = int(re.search(r":(\d+)/", first.address)[1])
        visitor.connect(("127.0.0.1", port))  # for which the web process waits a little before it lets go
        visitor.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        visitor.recv(1)
        first.process.kill()
        first.process.wait()
        first.process.stdout.close()
        second = Site(home, port=port)
        assert (second.address, second.health()) == (first.address, 200)
        second.process.send_signal(signal.SIGINT)
        second.process.communicate(timeout=30)
        assert second.process.returncode == 0
        wait_until(lambda: processes_of(second.home) == [])


def test_port_of_a_killed_server_is_waited_for(tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (tmp_path / "serve.lock").write_text(str(port))
        starting = subprocess.Popen(
            [ZHIKE, "serve", "--port", str(port)], env=environment(tmp_path), stderr=subprocess.PIPE, text=True
        )
        assert starting.stderr.readline() == (
            f"Port {port} is still in use: the last zhike serve was killed and its processes are finishing …\n"
        )
    wait_until((tmp_path / "postgres" / "postmaster.pid").exists)
    starting.terminate()
    starting.communicate(timeout=30)
    assert (tmp_path / "serve.lock").read_text() == ""


def test_request_that_is_under_way_is_answered_before_the_end():
    with installed("zhike-serve-") as home:
        site = Site(home)
        server = {"host": f"{home}/postgres", "user": "zhike", "dbname": "zhike"}
        with psycopg.connect(**server) as locking, ThreadPoolExecutor(1) as visitor:
            locking.execute("LOCK TABLE accounts_session")
            answer = visitor.submit(visit, site)
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            wait_until(lambda: locking.execute(waiting).fetchone() >= (1,))
            site.process.send_signal(signal.SIGTERM)
            with pytest.raises(TimeoutError):
                answer.result(REMIND_SECONDS + 1)
            assert site.process.poll() is None
            locking.rollback()
            assert answer.result(20) == 200
        assert site.process.wait(30) == 0
        assert processes_of(site.home) == []
        site.process.stdout.close()


def visit(site: Site) -> int:
    """Open a page for which the site looks into its sessions."""
    request = urllib.request.Request(f"{site.address}sign-in/", headers={"Cookie": f"zhike_session={'x' * 32}"})
    with urllib.request.urlopen(request, timeout=30) as response:
        assert response.read().endswith(b"</html>\n")
        return response.status
