"""How long the processors work for something: this process, and the one of the database that serves it.

On a machine that does other things as well this says more than the clock on the wall.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import psutil

if TYPE_CHECKING:
    from types import TracebackType


class Processor:
    """Counts from the beginning of its block to the end: `python` and `database`, in seconds."""

    def __init__(self) -> None:
        from django.db import connection  # noqa: PLC0415

        connection.ensure_connection()
        self._server = connection.connection.info.backend_pid
        self.python = self.database = 0.0

    @property
    def seconds(self) -> float:
        return self.python + self.database

    def __enter__(self) -> Self:
        self.python, self.database = -time.process_time(), -_used(self._server)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.python += time.process_time()
        self.database += _used(self._server)


def _used(pid: int) -> float:
    """Return for how many seconds a process has run: to the nanosecond where the system says so, else to a hundredth."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9
    except OSError:
        try:
            times = psutil.Process(pid).cpu_times()
        except psutil.Error:
            return 0.0  # a database on another machine
        return times.user + times.system
