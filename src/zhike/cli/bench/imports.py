"""A list of customers and a log of events brought in, beside the plain COPY of the same rows."""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import psutil
import typer

from zhike.cli.bench import addresses
from zhike.cli.bench.company import PLACES, TRADES, new_company
from zhike.cli.bench.figures import Figures, percentile, seconds
from zhike.cli.bench.held import forget_most_held, most_held
from zhike.cli.language import say
from zhike.core.text import Text

if TYPE_CHECKING:
    from zhike.cli.bench.company import Company
    from zhike.imports.models import Import

CUSTOMERS, EVENTS = 5_000, 50_000
# A hundred thousand customers in a minute and a million events in twelve; a small file may take a moment.
CUSTOMERS_A_SECOND, EVENTS_A_SECOND, LEAST_SECONDS = 100_000 / 60, 1_000_000 / 720, 3.0
MEGABYTES = 600.0
# While a worker imports a part of that again, people read their lists; how long they wait beside when it is quiet.
PART, READS, SLOWER = 4, 60, 2.0
_HEADINGS = ("客户编号", "客户名称", "手机", "邮箱", "城市", "行业", "来源", "客户级别", "累计金额", "建档日期", "备注")
_LOG = ("customer_id", "occurred_at", "kind", "amount", "key")
_LETTERS = "梧桐恒拓松果禾光集木青素问云汀文通长物万象朗润北屿见澄心同昇远岫"


def run(
    *,
    customers: Annotated[int, typer.Option(min=1_000, help=say("客户数", "customers"))] = CUSTOMERS,
    events: Annotated[int, typer.Option(min=1_000, help=say("事件数", "events"))] = EVENTS,
    as_json: Annotated[bool, typer.Option("--json", help=say("输出 JSON", "print JSON"))] = False,
) -> None:
    """Import a list, the same list again, take it back, and a log of events; print seconds and ratios."""
    figures = Figures("import", {"customers": customers, "events": events})
    with tempfile.TemporaryDirectory() as folder, new_company() as company:
        people, log = Path(folder, "customers.csv"), Path(folder, "events.csv")
        _write_customers(people, customers)
        _write_events(log, customers, events)
        forget_most_held()
        before = most_held()
        _customers(figures, people, customers)
        _meanwhile(figures, company, Path(folder, "more.csv"), customers)
        limit = max(LEAST_SECONDS, events / EVENTS_A_SECOND)
        logged = seconds(lambda: _log(log, events))
        figures.add("events", Text("导入事件并归类", "import events and place"), logged, "s", limit=limit)
        figures.add("events_rate", Text("事件，每秒", "events a second"), events / logged, "")
        figures.add("memory", Text("内存最多增长", "growth of memory"), most_held() - before, "MB", limit=MEGABYTES)
    figures.finish(as_json=as_json)


def _customers(figures: Figures, path: Path, customers: int) -> None:
    """Measure a list of customers: tried, carried out, carried out again, taken back."""
    from zhike.imports.actions.running import try_out  # noqa: PLC0415
    from zhike.imports.actions.undoing import begin_undo, undo_step  # noqa: PLC0415

    limit = max(LEAST_SECONDS, customers / CUSTOMERS_A_SECOND)
    found: list[Import] = []
    figures.add("read", Text("读取和认列", "read and recognised"), seconds(lambda: found.append(_open(path))), "s")
    tried = seconds(lambda: try_out(found[0], lambda _done, _total: None))
    figures.add("trial", Text("试运行", "dry run"), tried, "s", limit=limit)
    computed, there = time.process_time(), _computed_there()
    taken = seconds(lambda: _carry(found[0]))
    computed, there = time.process_time() - computed, _computed_there() - there
    assert found[0].created == customers, (found[0].created, found[0].rejected)
    figures.add("import", Text("导入、匹配、归类", "imported, matched, placed"), taken, "s", limit=limit)
    figures.add("computed", Text("其中本进程计算", "of it computed in this process"), computed, "s")
    figures.add("computed_there", Text("其中数据库计算", "of it computed in the database"), there, "s")
    figures.add("rate", Text("客户，每秒", "customers a second"), customers / taken, "")
    copied = _copy_customers(customers)
    figures.add("copy", Text("同样多行直接 COPY", "plain COPY of as many rows"), copied, "s")
    figures.add("ratio", Text("导入是 COPY 的几倍", "import beside COPY"), taken / copied, "×")
    again = _open(path)
    figures.add(
        "again", Text("同一个文件再来一次", "the same file again"), seconds(lambda: _carry(again)), "s", limit=limit
    )
    assert again.unchanged == customers, again.unchanged
    some = min(customers, CUSTOMERS)

    def back() -> None:
        begin_undo(imported=found[0], by=None)
        while found[0].undone < some and undo_step(found[0], by=None):
            pass

    undone = seconds(back) * 10_000 / max(1, found[0].undone)
    figures.add("undo", Text("撤销，每一万行", "take back ten thousand"), undone, "s")


def _open(path: Path) -> Import:
    from zhike.engine.files import Layout  # noqa: PLC0415
    from zhike.imports.actions.files import open_file  # noqa: PLC0415

    return open_file(path, by=None, layout=Layout())


def _carry(imported: Import) -> None:
    from zhike.imports.actions.running import advance, begin  # noqa: PLC0415

    begin(imported=imported, by=None)
    while advance(imported):
        pass
    imported.refresh_from_db()


def _computed_there() -> float:
    """Return the processor seconds of our connection's server process, where it runs on this machine."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone() or (0,)
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


# What the worker does; it says how long that took, and the most it held after the first step and at the end, in megabytes.
_WORK = """
import django, json, time
from zhike.base.worker import step_back
step_back()
django.setup()
from zhike.cli.bench.held import most_held
from zhike.imports.actions.running import advance
from zhike.imports.models import Import
imported, start, held = Import.objects.get(pk=%d), time.perf_counter(), []
is_more = True
while is_more:
    is_more = advance(imported)
    held.append(most_held())
print(json.dumps([time.perf_counter() - start, held[0], held[-1]]))
"""


def _meanwhile(figures: Figures, company: Company, path: Path, customers: int) -> None:
    """Let a worker bring in more customers while somebody reads; report how the one slows the other, and its memory."""
    from zhike.imports.actions.running import begin  # noqa: PLC0415

    more = max(1_000, customers // PART)
    _write_customers(path, more, first=customers)
    client, paths, draw = company.client(), addresses.list_paths(), random.Random(11)  # noqa: S311  a fair draw

    def read() -> None:
        assert client.get(draw.choice(paths)).status_code == 200  # noqa: PLR2004

    read()
    before = [seconds(read) for _ in range(READS)]
    work = _WORK % begin(imported=_open(path), by=None).pk
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "zhike.config.settings"}
    meanwhile = []
    command = [sys.executable, "-c", work]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as worker:  # noqa: S603  our own program
        while worker.poll() is None:
            meanwhile.append(seconds(read))
            time.sleep(0.02)
        assert worker.stdout is not None
        taken, first, last = json.loads(worker.stdout.read())
    quiet, busy = (percentile(times, 0.95) for times in (before, meanwhile))
    figures.add("readers_quiet", Text("平时客户列表的 p95", "p95 of the list when it is quiet"), quiet * 1000, "ms")
    figures.add("readers_busy", Text("导入期间客户列表的 p95", "p95 of the list meanwhile"), busy * 1000, "ms")
    figures.add("readers", Text("导入期间 ÷ 平时", "meanwhile ÷ quiet"), busy / quiet, "×", limit=SLOWER)
    figures.add(
        "rate_beside", Text("同时有人看页面，客户，每秒", "customers a second beside readers"), more / taken, ""
    )
    figures.add("worker", Text("后台进程的内存峰值", "most memory of the worker"), last, "MB", limit=MEGABYTES)
    figures.add("worker_growth", Text("其中第一步以后增长", "of it grown after the first step"), last - first, "MB")


def _log(path: Path, events: int) -> None:
    from zhike.cli.import_log import MoneyUnit, Options, bring_log  # noqa: PLC0415
    from zhike.cli.steps import Steps  # noqa: PLC0415
    from zhike.engine.files import Layout  # noqa: PLC0415

    options = Options("", MoneyUnit.MAJOR, "", "", create_customers=True, source="bench", as_json=True)
    with Steps() as steps:
        found = bring_log(path, Layout(), {}, options, path.with_suffix(".rejected"), steps)
    assert found["created"] == events, found


def _write_customers(path: Path, customers: int, *, first: int = 0) -> None:
    draw = random.Random(2026)  # noqa: S311  a fair draw, not a secret
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADINGS)
        for number in range(first, first + customers):
            city, trade = draw.choice(PLACES), draw.choice(TRADES)
            brand = "".join(draw.choices(_LETTERS, k=3))
            writer.writerow(
                (
                    f"K{number:07}",
                    f"{city}{brand}{number}{trade}有限公司",
                    f"13{number:09}",
                    f"kh{number}@example.com",
                    city,
                    trade,
                    draw.choice(("展会", "官网", "转介绍", "")),
                    draw.choice(("A级", "B级", "C级")),
                    f"{draw.randrange(1, 900)},{draw.randrange(100, 999)}.50",
                    f"2025/{draw.randrange(1, 13)}/{draw.randrange(1, 28)}",
                    draw.choice(("", "", "重点跟进，等回款")),
                )
            )


def _write_events(path: Path, customers: int, events: int) -> None:
    draw = random.Random(2027)  # noqa: S311  a fair draw, not a secret
    start = datetime(2025, 1, 1, tzinfo=UTC)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_LOG)
        for number in range(events):
            at = start + timedelta(minutes=draw.randrange(500_000))
            row = (
                f"K{draw.randrange(customers):07}",
                f"{at:%Y-%m-%d %H:%M:%S}",
                "order.placed",
                draw.randrange(9, 9999),
                f"o{number}",
            )
            writer.writerow(row)


def _copy_customers(customers: int) -> float:
    """Return how long the database alone takes for as many rows of customers, indexes and all."""
    from django.db import connection, transaction  # noqa: PLC0415

    from zhike.customers.copying import COLUMNS, insert_customers  # noqa: PLC0415
    from zhike.customers.models import Customer  # noqa: PLC0415

    template = Customer.objects.order_by("-pk").first()
    assert template is not None
    values = {name: getattr(template, name) for name in COLUMNS}
    rows = [values | {"key": f"copy{number}"} for number in range(customers)]
    with transaction.atomic():
        taken = seconds(lambda: insert_customers(rows))
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE customers_customer")
    return taken
