"""`zhike classify` on a log of any size, against a hand-written RFM script on the same log.

Both run as whole processes, in turn, so that start-up and memory count as they do for a person.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from zhike.cli.bench.figures import Figures
from zhike.cli.language import say
from zhike.core.text import Text

YARDSTICK = Path(__file__).parent / "yardstick.py"
AS_OF = "2026-09-30"
EVENTS, CUSTOMERS = 70_000, 23_570
# Up to here a person waits so long at most; from there on the yardstick is the measure.
SMALL = 100_000
LARGE = 5_000_000
SECONDS, RATIO, GIGABYTES = 3.0, 3.0, 4.0


class Taken(NamedTuple):
    """What a process took."""

    seconds: float
    gigabytes: float


def run(
    *,
    events: Annotated[int, typer.Option(min=1, help=say("事件数", "events"))] = EVENTS,
    customers: Annotated[int, typer.Option(min=1, help=say("客户数", "customers"))] = CUSTOMERS,
    rounds: Annotated[int, typer.Option(min=1, help=say("测多少次，取最快的", "rounds, of which the best counts"))] = 3,
    as_json: Annotated[bool, typer.Option("--json", help=say("输出 JSON", "print JSON"))] = False,
) -> None:
    """Time both in turn and compare the best of each."""
    figures = Figures("classify", {"events": events, "customers": customers, "rounds": rounds})
    with tempfile.TemporaryDirectory(prefix="zhike-bench-") as folder:
        log, out = Path(folder) / "log.csv", Path(folder) / "classes.csv"
        _take([sys.executable, str(YARDSTICK), "make", str(events), str(customers), str(log)])
        taken = [(_take(_classify(log, out)), _take(_rfm(log, out))) for _ in range(rounds)]
    ours, theirs = (min(found) for found in zip(*taken, strict=True))
    peak = max(one.gigabytes for one, _ in taken)
    figures.add(
        "classify",
        Text("zhike classify", "zhike classify"),
        ours.seconds,
        "s",
        limit=SECONDS if events <= SMALL else None,
    )
    figures.add("rfm", Text("手写的 RFM 脚本", "a hand-written RFM script"), theirs.seconds, "s")
    ratio = ours.seconds / theirs.seconds
    limit = RATIO if events >= LARGE else None
    figures.add("ratio", Text("classify ÷ RFM 脚本", "classify ÷ RFM script"), ratio, "×", limit=limit)
    figures.add("memory", Text("classify 的内存峰值", "peak memory of classify"), peak, "GB", limit=GIGABYTES)
    figures.add("rfm_memory", Text("RFM 脚本的内存峰值", "peak memory of the RFM script"), theirs.gigabytes, "GB")
    figures.finish(as_json=as_json)


def _classify(log: Path, out: Path) -> list[str]:
    program = "from zhike.cli.main import main; main()"
    options = ["--events", str(log), "--pack", "retail", "--unit", "major", "--as-of", AS_OF, "--out", str(out)]
    return [sys.executable, "-c", program, "classify", *options]


def _rfm(log: Path, out: Path) -> list[str]:
    return [sys.executable, str(YARDSTICK), "rfm", str(log), str(out)]


def _take(command: list[str]) -> Taken:
    """Run a process to its end; an error of it is ours."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Taken(seconds, usage.ru_maxrss / 2**20)
