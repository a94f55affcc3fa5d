"""Keeps the processes of one installation alive: starts them, restarts the dead, stops all together."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil

from zhike.base.postgres import DatabaseUnavailable
from zhike.cli.language import language, say
from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import FrameType

TICK_SECONDS = 0.2
DRAIN_SECONDS = 22  # requests and jobs get 20; the embedded database stops after them, all within 30
REMIND_SECONDS = 2
LONGEST_PAUSE = 30.0
HEALTHY_SECONDS = 60
PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """One process and when it may be started again after it died."""

    name: Text
    command: Sequence[str]
    env: Mapping[str, str]
    pass_fds: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    deaths: int = field(default=0, init=False)
    started_at: float = field(default=0.0, init=False)
    not_before: float = field(default=0.0, init=False)

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603  our own command
            self.command,
            env=dict(self.env),
            pass_fds=self.pass_fds,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches the supervisor alone, which then drains
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509  no threads here
        )

    def look(self) -> None:
        """Start it, or notice that it died and start it again: at once, then after 1, 2, 4 … s."""
        if self.is_running:
            return
        now = time.monotonic()
        if self.process is not None:
            code, self.process = self.process.returncode, None
            self.deaths = 1 if now - self.started_at > HEALTHY_SECONDS else self.deaths + 1
            pause = 0 if self.deaths == 1 else min(2.0 ** (self.deaths - 2), LONGEST_PAUSE)
            self.not_before = now + pause
            how = _ending(code)
            _note(
                say(
                    f"{self.name.zh}进程结束了（{how.zh}），{pause:g} 秒后重新启动",
                    f"the {self.name.en} process ended ({how.en}); starting it again in {pause:g} s",
                )
            )
        if now >= self.not_before:
            self.start()

    def remind(self) -> None:
        """Tell the processes below to end: gunicorn tells them once, and one that was just starting is deaf."""
        if self.process is not None:
            with suppress(psutil.Error):
                for worker in psutil.Process(self.process.pid).children():
                    worker.terminate()

    def kill(self) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Supervisor:
    """Runs until SIGTERM, SIGINT or SIGHUP; a second signal does not wait for the drain."""

    def __init__(self, children: Sequence[Child], *, watch: Callable[[], None]) -> None:
        self.children = children
        self.watch = watch
        self._stop = threading.Event()
        self._is_hurried = False

    def run(self) -> None:
        with self._signals():
            try:
                while not self._stop.is_set():
                    self._look()
                    self._stop.wait(TICK_SECONDS)
            finally:
                self._drain()

    def _look(self) -> None:
        try:
            self.watch()
        except DatabaseUnavailable as error:
            _note(error.message(language()))
            self._stop.wait(1)
            return
        for child in self.children:
            child.look()

    def _drain(self) -> None:
        for child in self.children:
            if child.process is not None:
                child.process.terminate()  # the master alone: it tells its workers to finish
        started = time.monotonic()
        while any(child.is_running for child in self.children):
            waited = time.monotonic() - started
            if self._is_hurried or waited > DRAIN_SECONDS:
                break
            if waited > REMIND_SECONDS:
                for child in self.children:
                    child.remind()
            time.sleep(TICK_SECONDS)
        for child in self.children:
            child.kill()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        before = {number: signal.signal(number, self._on_signal) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._is_hurried = self._stop.is_set()
        self._stop.set()


def _die_with_parent() -> None:
    """Leave no orphan when the supervisor is killed outright. Runs in the child, before its program."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _ending(code: int) -> Text:
    """Say how a process ended, by its exit code or the signal that it got."""
    if code < 0:
        name = signal.Signals(-code).name if -code in signal.Signals else f"signal {-code}"
        return Text(f"收到 {name}", name)
    return Text(f"退出码 {code}", f"exit code {code}")


def _note(sentence: str) -> None:
    print(f"zhike: {sentence}", file=sys.stderr, flush=True)  # noqa: T201
