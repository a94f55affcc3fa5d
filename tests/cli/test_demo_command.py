"""`zhike demo` as a person types it, with a company of sixty."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.cli.running import ZHIKE, environment, wait_until, zhike
from zhike.cli.demo.premises import read_premises, vacate

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.xdist_group("demo")


class Running:
    """A `zhike demo` that has said that it is open."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [ZHIKE, "demo", "--customers", "60", "--port", "0", "--no-browser", *arguments],
            env=environment(home),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        self.said = ""
        for line in self.process.stdout:
            self.said += line
            if "Ctrl-C" in line:
                break
        (self.address,) = re.findall(r"http://\S+/", self.said)
        (self.password,) = re.findall(r"Password .*: (\S+)", self.said)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=40)
        return self.process.returncode


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="zhike-demo-", dir="/tmp") as folder:
        yield Path(folder)
        for process in processes_of(Path(folder)):
            process.kill()  # only a failed test leaves any


def processes_of(home: Path) -> list[psutil.Process]:
    def belongs(process: psutil.Process) -> bool:
        try:
            return process.environ().get("ZHIKE_HOME", "").startswith(str(home))
        except psutil.Error:
            return False

    return [process for process in psutil.process_iter() if belongs(process)]


def test_it_opens_starts_over_with_a_company_of_another_industry_and_comes_back(home):
    unknown = zhike(home, "demo", "--pack", "educatoin", "--port", "0", "--no-browser")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "Did you mean education?" in unknown.stderr
    assert not (home / "demo" / "postgres").exists()

    first = Running(home)
    assert all(name in first.said for name in ("lin@qingyuan.example", "林晓雯", "王磊", "赵一鸣", "周敏", "陈嘉怡"))
    with urllib.request.urlopen(first.address, timeout=20) as page:
        assert page.url == f"{first.address}sign-in/?next=/"
    made = home / "demo" / "demo.json"
    assert json.loads(made.read_text(encoding="utf-8"))["password"] == first.password
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    port = first.address.rpartition(":")[2].strip("/")
    busy = zhike(home, "demo", "--fresh", "--port", port, "--no-browser")
    assert (busy.returncode, busy.stdout) == (2, "")
    assert "already running" in busy.stderr
    assert first.stop() == 0
    assert processes_of(home) == []

    second = Running(home, "--fresh", "--pack", "education")
    assert second.password != first.password
    assert "青梧编程 is open" in second.said
    assert "lin@qingwu.example" in second.said
    assert second.stop() == 0
    assert processes_of(home) == []

    other = zhike(home, "demo", "--pack", "b2b", "--port", "0", "--no-browser")
    assert other.returncode == 2
    assert (
        other.stderr.strip() == "The demo that is there shows education. Add --fresh to make one of b2b in its place."
    )

    again = Running(home)
    assert again.password == second.password
    assert "青梧编程 is open" in again.said
    assert again.stop() == 0


def test_a_taken_port_is_said_before_anything_is_made(home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = zhike(home, "demo", "--port", str(port), "--no-browser")
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr.strip() == f"Port {port} is taken. Choose another with --port."
    assert not (home / "demo" / "postgres").exists()


@pytest.mark.parametrize("left", ["", "half", "[]", '{"password": "qing"}'])
def test_a_demo_that_was_not_finished_does_not_count(home, monkeypatch, left):
    monkeypatch.setenv("ZHIKE_HOME", str(home))
    assert read_premises() is None
    (home / "demo.json").write_text(left, encoding="utf-8")
    assert read_premises() is None


def test_moving_out_leaves_only_the_locks(home, monkeypatch):
    monkeypatch.setenv("ZHIKE_HOME", str(home))
    outside = home.parent / f"{home.name}-outside"
    outside.mkdir()
    try:
        (outside / "kept").touch()
        for name in ("serve.lock", "postgres.users", "secret", "error.log"):
            (home / name).touch()
        (home / "postgres" / "base").mkdir(parents=True)
        (home / "static").symlink_to(outside)
        vacate()
        assert {path.name for path in home.iterdir()} == {"serve.lock", "postgres.users"}
        assert (outside / "kept").exists()
    finally:
        shutil.rmtree(outside)


def test_a_folder_with_other_things_in_it_is_left_alone(home):
    (home / "demo").mkdir()
    (home / "demo" / "thesis.txt").write_text("years of work", encoding="utf-8")
    said = zhike(home, "demo", "--fresh", "--port", "0", "--no-browser")
    assert said.returncode == 2
    assert "holds other things (thesis.txt)" in said.stderr
    assert (home / "demo" / "thesis.txt").read_text(encoding="utf-8") == "years of work"
    assert not (home / "demo" / "postgres").exists()


def test_it_leaves_nothing_running_when_it_is_told_to_stop_half_way(home):
    process = subprocess.Popen(
        [ZHIKE, "demo", "--customers", "60", "--port", "0", "--no-browser"],
        env=environment(home),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
    wait_until((home / "demo" / "postgres" / "postmaster.pid").exists)
    process.terminate()
    assert process.wait(timeout=40) == 128 + signal.SIGTERM
    assert processes_of(home) == []
    assert not (home / "demo" / "demo.json").exists()
