"""The pages by which people follow customers up, and what changing something costs with so many open tasks."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Annotated

import typer

from zhike.cli.bench.company import Company, new_company
from zhike.cli.bench.figures import Figures, percentile, seconds
from zhike.cli.bench.processor import Processor
from zhike.cli.bench.work import fill, tidy
from zhike.cli.bench.work_pages import PAGES, ROLES, WARM_UP, addresses
from zhike.cli.language import say
from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from zhike.followups.models import Task

CUSTOMERS, TASKS = 3_000, 9_000
EVENTS_EACH = 5
DRAWN = 600
A_SALESPERSON = 800  # customers
LIMIT_MS = 100


def run(
    *,
    customers: Annotated[int, typer.Option(min=100, help=say("客户数", "customers"))] = CUSTOMERS,
    tasks: Annotated[int, typer.Option(min=100, help=say("未完成的任务数", "open tasks"))] = TASKS,
    rounds: Annotated[int, typer.Option(min=5, help=say("每页测多少次", "rounds of each"))] = 20,
    as_json: Annotated[bool, typer.Option("--json", help=say("输出 JSON", "print JSON"))] = False,
) -> None:
    """Ask for every page as each role, then finish tasks and let the ladder run."""
    figures = Figures("followups", {"customers": customers, "tasks": tasks, "rounds": rounds})
    with new_company() as company:
        grow(company, customers, tasks)
        first, again, tallies = seconds(_climb), seconds(_climb), seconds(_tally)
        tidy()
        measure(figures, company, rounds)
        figures.add(
            "counted_by_index", Text("计数只读索引", "counted from the index alone"), float(_reads_rows()), limit=0
        )
        taken = percentile(_finish(rounds), 0.95) * 1000
        figures.add("finish_p95", Text("完成一项任务，p95", "finishing one, p95"), taken, "ms", limit=LIMIT_MS)
        figures.add("ladder", Text("逾期提醒，第一次", "the ladder, at first"), first, "s")
        figures.add("tallies", Text("统计每个人的积压", "counting what everybody has"), tallies, "s", limit=10)
        figures.add("ladder_again", Text("逾期提醒，再来一次", "the ladder, again"), again, "s", limit=1)
    figures.finish(as_json=as_json)


def grow(company: Company, customers: int, tasks: int) -> None:
    """Make a company with as many salespeople as so many customers need, and what those have to do."""
    company.staff(customers // A_SALESPERSON)
    company.reach(customers, EVENTS_EACH, placed=False, found=False, drawn=DRAWN)
    company.place_alike()
    fill(tasks)


def measure(figures: Figures, company: Company, rounds: int) -> None:
    """Report every page of every role: how long it takes, what it costs the processors, how often it asks the database."""
    for role, who in ROLES.items():
        client = company.client(role)
        for page, paths in addresses(company, role).items():
            label = Text(f"{who.zh}：{PAGES[page].zh}", f"{who.en}: {PAGES[page].en}")
            _measure(figures, f"{role}_{page}", label, client, paths, rounds)
        _measure_bar(figures, f"{role}_bar", who, company, rounds)


def _measure(figures: Figures, key: str, label: Text, client: Client, paths: list[str], rounds: int) -> None:
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    taken: list[float] = []
    least: dict[str, float] = {}
    for number in range(rounds + WARM_UP):
        path = paths[number % len(paths)]
        with Processor() as processor:
            time = seconds(lambda: _get(client, path))  # noqa: B023  called at once
        if number >= WARM_UP:
            taken.append(time * 1000)
            least[path] = min(least.get(path, processor.seconds), processor.seconds)
    with CaptureQueriesContext(connection) as queries:
        _get(client, paths[0])
    figures.add_row(
        key,
        label,
        p50=percentile(taken, 0.5),
        p95=percentile(taken, 0.95),
        processor=max(least.values()) * 1000,
        queries=len(queries),
        limit=LIMIT_MS,
    )


def _measure_bar(figures: Figures, key: str, who: Text, company: Company, rounds: int) -> None:
    """Report what every page asks for the count at its side."""
    from zhike.accounts.queries import company_zone  # noqa: PLC0415
    from zhike.base.clock import today  # noqa: PLC0415
    from zhike.followups.queries.tasks import due_tasks  # noqa: PLC0415

    person, day = company.person(key.removesuffix("_bar")), today(company_zone())

    def count() -> object:
        return due_tasks(person, day, most=99)

    count()
    taken = [seconds(count) * 1000 for _ in range(rounds)]
    label = Text(f"{who.zh}：侧栏的任务数", f"{who.en}: tasks at the side")
    figures.add(key, Text(f"{label.zh}，p95", f"{label.en}, p95"), percentile(taken, 0.95), "ms", limit=LIMIT_MS)


def _get(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200, (path, response.status_code)  # noqa: PLR2004


def _reads_rows() -> bool:
    """Say whether counting what somebody has to do opens rows beside the index."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN SELECT count(id) FILTER (WHERE shown_on < current_date), count(id) FILTER (WHERE shown_on = current_date) "
            "FROM followups_task WHERE owner_id = (SELECT min(owner_id) FROM followups_task) AND state = 'open'"
        )
        plan = " ".join(row[0] for row in cursor.fetchall())
    return "Index Only Scan using task_of_owner" not in plan


def _finish(rounds: int) -> list[float]:
    """Return how many seconds it takes to finish tasks of some customers."""
    from django.db.models import F  # noqa: PLC0415

    from zhike.followups.actions.finishing import finish_task  # noqa: PLC0415
    from zhike.followups.models import Task  # noqa: PLC0415

    own = Task.objects.filter(state="open", owner=F("customer__owner"))  # whoever is given one may not see the customer
    rows = list(own.select_related("owner").order_by("pk")[: rounds * 20])
    chosen = random.Random(7).sample(rows, rounds)  # noqa: S311  a fair draw, not a secret

    def finish(task: Task) -> Callable[[], object]:
        return lambda: finish_task(task=task, version=task.version, outcome="reached", by=task.owner)

    return [seconds(finish(task)) for task in chosen]


def _tally() -> None:
    from zhike.followups.actions.tallies import count_tallies  # noqa: PLC0415

    count_tallies()


def _climb() -> None:
    from zhike.followups.actions.ladder import climb  # noqa: PLC0415

    climb()
