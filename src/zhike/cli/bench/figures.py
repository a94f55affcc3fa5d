"""Figures of a benchmark: measured, held against the limits that it states, printed."""

from __future__ import annotations

import json
import math
import platform
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil
import typer
from rich.console import Console
from rich.table import Table

from zhike.cli.language import language, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from zhike.core.text import Text


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. With a `limit` it must not be larger; `aim` is what we would like."""

    key: str
    label: Text
    value: float
    unit: str = ""
    limit: float | None = None
    aim: float | None = None
    column: str = ""  # of a table in which `label` is the row

    @property
    def is_missed(self) -> bool:
        return self.limit is not None and self.value > self.limit


@dataclass(slots=True)
class Figures:
    """What one benchmark found."""

    name: str
    sizes: dict[str, int]
    found: list[Figure] = field(default_factory=list)

    def add(
        self,
        key: str,
        label: Text,
        value: float,
        unit: str = "",
        *,
        limit: float | None = None,
        aim: float | None = None,
    ) -> None:
        self.found.append(Figure(key, label, value, unit, limit, aim))

    def add_row(  # noqa: PLR0913  one keyword each
        self, key: str, label: Text, *, p50: float, p95: float, processor: float, queries: int, limit: float
    ) -> None:
        """Add what one page takes (ms): on the wall, and of the processors; and how often it asks the database."""
        values = {"p50": p50, "p95": p95, "processor": processor}
        for column, value in values.items():
            bound = limit if column == "p95" else None
            self.found.append(Figure(f"{key}_{column}", label, value, "ms", bound, column=column))
        self.found.append(Figure(f"{key}_queries", label, queries, column="queries"))

    def finish(self, *, as_json: bool) -> None:
        """Print what was found and end with exit code 1 when a limit was missed."""
        if as_json:
            typer.echo(json.dumps(self._as_data(), ensure_ascii=False))
        else:
            self._print()
        if any(figure.is_missed for figure in self.found):
            raise typer.Exit(1)

    def _as_data(self) -> dict[str, object]:
        figures = {
            figure.key: {"value": round(figure.value, 4), "unit": figure.unit}
            | ({"limit": figure.limit, "missed": figure.is_missed} if figure.limit is not None else {})
            for figure in self.found
        }
        return {"bench": self.name, "sizes": self.sizes, "machine": machine(), "figures": figures}

    def _print(self) -> None:
        table = Table(title=f"zhike bench {self.name}", caption=machine())
        table.add_column("")
        for heading in (say("测得", "measured"), say("上限", "limit"), say("目标", "aim")):
            table.add_column(heading, justify="right")
        if any(figure.column for figure in self.found):
            Console().print(self._rows())
        for figure in self.found:
            if figure.column:
                continue
            table.add_row(
                figure.label.get(language()),
                _written(figure.value, figure.unit),
                "" if figure.limit is None else _written(figure.limit, figure.unit),
                "" if figure.aim is None else _written(figure.aim, figure.unit),
                style="red" if figure.is_missed else "",
            )
        Console().print(table)

    def _rows(self) -> Table:
        """Return the figures that have columns, a line for each label."""
        table = Table()
        headings = (
            say("中位数", "median"),
            "p95",
            say("上限", "limit"),
            say("处理器", "processor"),
            say("查询", "queries"),
        )
        for heading in ("", *headings):
            table.add_column(heading, justify="right" if heading else "left")
        rows: dict[str, dict[str, Figure]] = {}
        for figure in self.found:
            if figure.column:
                rows.setdefault(figure.label.get(language()), {})[figure.column] = figure
        for label, cells in rows.items():
            p95 = cells["p95"]
            values = [cells["p50"].value, p95.value, p95.limit or 0.0, cells["processor"].value]
            written = [_written(value, "ms") for value in values] + [_written(cells["queries"].value, "")]
            table.add_row(label, *written, style="red" if p95.is_missed else "")
        return table


def _written(value: float, unit: str) -> str:
    digits = 0 if value == int(value) or abs(value) >= 1000 else 2  # noqa: PLR2004
    return f"{value:,.{digits}f} {unit}".strip()


def machine() -> str:
    """Name the machine that a figure was measured on."""
    memory = psutil.virtual_memory().total / 2**30
    return f"{psutil.cpu_count()} × {platform.machine()}, {memory:.0f} GB, Python {platform.python_version()}"


def percentile(values: Iterable[float], share: float) -> float:
    """Return the smallest value that at least `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def seconds(work: Callable[[], object]) -> float:
    """Return how long one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
