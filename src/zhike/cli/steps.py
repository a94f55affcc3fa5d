"""Shows how far long work has come, step by step, on standard error.

In a terminal each step is a bar; elsewhere it can be told once, as a line.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType


class Steps:
    """Takes (step, done, total); `names` says how people read each step, if not by its own name.

    With `vanishes` the bars go when the work is done, and leave the screen to its result.
    """

    def __init__(
        self, names: Mapping[str, str] | None = None, *, tells_lines: bool = False, vanishes: bool = False
    ) -> None:
        self._names = names or {}
        self._tells_lines = tells_lines
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty(),
            transient=vanishes,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def __call__(self, step: str, done: float, total: float) -> None:
        if step not in self._tasks:
            name = self._names.get(step, step)
            self._tasks[step] = self._progress.add_task(name, total=total)
            if self._progress.disable and self._tells_lines:
                print(name, file=sys.stderr, flush=True)  # noqa: T201
        self._progress.update(self._tasks[step], completed=done, total=total)
