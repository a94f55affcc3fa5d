"""The installed `zhike` run as a person runs it: a process of its own on a home of its own."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ZHIKE = Path(sys.executable).parent / "zhike"
PATIENCE_SECONDS = 60


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return the environment of a machine on which only the home is chosen."""
    # Whoever forbids Python to keep what it has compiled has each of these processes compile everything anew.
    ours = ("ZHIKE_", "DATABASE_URL", "DJANGO_", "PYTEST_", "LC_", "LANG", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "ZHIKE_HOME": str(home), "LANG": "en_US.UTF-8", **more}


def zhike(home: Path, *arguments: str, given: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ZHIKE, *arguments],
        env=environment(home, **more),
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )


@contextmanager
def installed(prefix: str) -> Iterator[Path]:
    """Yield the home of an installation that holds nothing yet, copied from one that the first who asks has made.

    The path is short, for the socket.
    """
    with tempfile.TemporaryDirectory(prefix=prefix, dir="/tmp") as folder:
        subprocess.run(["cp", "--archive", f"{_template()}/.", folder], check=True)
        yield Path(folder)


def _template() -> Path:
    made = Path(os.environ["ZHIKE_HOME"]) / "installed"
    with made.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            made.mkdir()
            assert zhike(made, "migrate").returncode == 0
    return made


class Site:
    """A running `zhike serve`."""

    def __init__(self, home: Path, *, port: int = 0) -> None:
        self.home = home
        complaints = home / "stderr.txt"
        with complaints.open("w") as stderr:
            self.process = subprocess.Popen(
                [ZHIKE, "serve", "--port", str(port)],
                env=environment(home),
                stdout=subprocess.PIPE,
                stderr=stderr,
                stdin=subprocess.DEVNULL,
                text=True,
            )
        assert self.process.stdout is not None
        found = [word for word in self.process.stdout.readline().split() if word.startswith("http")]
        if not found:
            self.process.communicate(timeout=30)
            raise AssertionError(complaints.read_text())
        self.address = found[0]

    def health(self) -> int:
        """Return the status of /healthz, 0 when nobody answers."""
        try:
            with urllib.request.urlopen(f"{self.address}healthz", timeout=5) as response:
                return response.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0


def wait_until(condition) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
