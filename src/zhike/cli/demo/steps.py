"""Shows how far the making of the demo has come: a bar in a terminal, one line a step elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from zhike.cli.language import say

if TYPE_CHECKING:
    from types import TracebackType


def _sentence(step: str) -> str:
    return {
        "database": say("准备数据库", "Preparing the database"),
        "stories": say("编写十八个月的故事", "Telling eighteen months of stories"),
        "customers": say("写入客户", "Writing customers"),
        "events": say("写入往来记录", "Writing events"),
        "history": say("按过去的日子依次判定类别", "Placing everyone, one past day after another"),
    }[step]


class Steps:
    """Takes (step, done, total) and draws it on standard error."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty(),
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def __call__(self, step: str, done: int, total: int) -> None:
        if step not in self._tasks:
            self._tasks[step] = self._progress.add_task(_sentence(step), total=total)
            if self._progress.disable:
                print(_sentence(step), file=sys.stderr, flush=True)  # noqa: T201
        self._progress.update(self._tasks[step], completed=done, total=total)
