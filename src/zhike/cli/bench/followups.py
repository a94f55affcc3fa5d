"""Open tasks of a company: what a person's lists and counts, a calendar and finishing one take, and one run of the ladder."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from zhike.cli.bench.company import Company, new_company
from zhike.cli.bench.figures import Figures, percentile, seconds
from zhike.cli.language import say
from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet

    from zhike.accounts.models import User
    from zhike.base.paging import Order
    from zhike.followups.models import Escalation

CUSTOMERS, TASKS = 3_000, 30_000
LIMIT_MS = 100
# What came up by the ladder is sorted anew for each page.
PAGE_LIMIT_MS = 200
SHOWN = 50
# A third of the tasks is late, the rest lies ahead; each person has as many as any other.
_TASKS = """
INSERT INTO followups_task (customer_id, step, kind, title, text, due_on, priority, owner_id, delegated, recurrence,
                            checklist, state, outcome, outcome_text, told, version, created_at)
SELECT c.id, '', (ARRAY['call', 'visit', 'message', 'todo'])[1 + n %% 4], '任务 ' || n, '',
       current_date + (n * 7919 %% 90)::int - 30, 1 + n %% 3, c.owner_id, false, '', '[]', 'open', '', '', 0, 1, now()
  FROM (SELECT id, owner_id, row_number() OVER (ORDER BY id) AS place FROM customers_customer WHERE owner_id IS NOT NULL) c
  JOIN generate_series(1, %s) n ON c.place = 1 + n %% (SELECT count(*) FROM customers_customer WHERE owner_id IS NOT NULL)
"""


def run(
    *,
    customers: Annotated[int, typer.Option(min=100, help=say("客户数", "customers"))] = CUSTOMERS,
    tasks: Annotated[int, typer.Option(min=100, help=say("未完成的任务数", "open tasks"))] = TASKS,
    rounds: Annotated[int, typer.Option(min=10, help=say("每种测多少次", "rounds of each"))] = 60,
    as_json: Annotated[bool, typer.Option("--json", help=say("输出 JSON", "print JSON"))] = False,
) -> None:
    """Measure what people ask for all day long with so many open tasks."""
    figures = Figures("followups", {"customers": customers, "tasks": tasks, "rounds": rounds})
    with new_company() as company:
        company.reach(customers, 1)
        _fill(tasks)
        for key, label, work in _questions(company):
            work()
            taken = percentile([seconds(work) for _ in range(rounds)], 0.95)
            figures.add(f"{key}_p95", label, taken * 1000, "ms", limit=LIMIT_MS)
        figures.add(
            "counted_by_index", Text("计数只读索引", "counted from the index alone"), float(_reads_rows()), limit=0
        )
        taken = percentile(_finish(rounds), 0.95)
        figures.add("finish_p95", Text("完成一项任务，p95", "finishing one, p95"), taken * 1000, "ms", limit=LIMIT_MS)
        first, again = seconds(_climb), seconds(_climb)
        figures.add("ladder", Text("逾期提醒，第一次", "the ladder, at first"), first, "s")
        figures.add("ladder_again", Text("逾期提醒，再来一次", "the ladder, again"), again, "s", limit=1)
        for key, label, page in _pages(company):
            page()
            taken = percentile([seconds(page) for _ in range(rounds)], 0.95)
            figures.add(f"{key}_p95", label, taken * 1000, "ms", limit=PAGE_LIMIT_MS)
    figures.finish(as_json=as_json)


def _fill(tasks: int) -> None:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(_TASKS, [tasks])
        cursor.execute("VACUUM ANALYZE followups_task")


def _questions(company: Company) -> list[tuple[str, Text, Callable[[], object]]]:
    """Return what a person asks for, and what who leads them does, with what each is called."""
    from zhike.accounts.models import User  # noqa: PLC0415
    from zhike.accounts.queries import company_zone, near  # noqa: PLC0415
    from zhike.base.clock import today  # noqa: PLC0415
    from zhike.followups.queries import tasks  # noqa: PLC0415

    day = today(company_zone())
    sales, manager = company.person("sales"), company.person("manager")

    def again(user: User) -> User:
        return User.objects.get(pk=user.pk)  # as each request does: no rights are remembered

    def week() -> object:
        asker = again(manager)
        return list(tasks.between(asker, near(asker), day, day + timedelta(days=6))[: SHOWN * 10])

    return [
        ("counts", Text("自己的计数，p95", "one's counts, p95"), lambda: tasks.counts_of([sales.pk], day)),
        (
            "overdue",
            Text("自己逾期的前 50 项，p95", "the first 50 late of one's own, p95"),
            lambda: list(tasks.overdue_of(again(sales), sales, day)[:SHOWN]),
        ),
        (
            "today",
            Text("自己今天的，p95", "one's own of today, p95"),
            lambda: list(tasks.due_of(again(sales), sales, day)[:SHOWN]),
        ),
        (
            "others",
            Text("主管看一个人的，p95", "somebody's, for who leads them, p95"),
            lambda: list(tasks.open_of(again(manager), sales)[:SHOWN]),
        ),
        ("week", Text("全组一周的日历，p95", "a week of the team, p95"), week),
    ]


def _pages(company: Company) -> list[tuple[str, Text, Callable[[], object]]]:
    """Return the pages of what is overdue: what came up to who leads, and of everybody's the open and the settled."""
    from zhike.accounts.models import User  # noqa: PLC0415
    from zhike.base.paging import Order, key_page  # noqa: PLC0415
    from zhike.followups.queries.ladder import UNSETTLED, told_of_all, told_to  # noqa: PLC0415

    manager, admin = company.person("manager").pk, company.person("admin").pk

    def page(rows: QuerySet[Escalation], order: Order) -> object:
        return key_page(
            rows, order, size=SHOWN, columns=lambda found: found.select_related("task__customer__owner", "customer")
        )

    def again(pk: int) -> User:
        return User.objects.get(pk=pk)  # as each request does: no rights are remembered

    longest, latest = Order("due_on"), Order("at", descending=True)
    return [
        (
            "escalated",
            Text("升级到主管的前 50 项，p95", "the first 50 that came up to who leads, p95"),
            lambda: page(told_to(again(manager)).filter(UNSETTLED), longest),
        ),
        (
            "escalated_all",
            Text("所有人逾期的前 50 项，p95", "the first 50 overdue of everybody's, p95"),
            lambda: page(told_of_all(again(admin)).filter(UNSETTLED), longest),
        ),
        (
            "escalated_settled",
            Text("所有人了结的前 50 项，p95", "the first 50 settled of everybody's, p95"),
            lambda: page(told_of_all(again(admin)).exclude(UNSETTLED), latest),
        ),
    ]


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
    from zhike.followups.actions.tasks import finish_task  # noqa: PLC0415
    from zhike.followups.models import Task  # noqa: PLC0415

    rows = list(Task.objects.filter(state="open").select_related("owner").order_by("pk")[: rounds * 20])
    chosen = random.Random(7).sample(rows, rounds)  # noqa: S311  a fair draw, not a secret

    def finish(task: Task) -> Callable[[], object]:
        return lambda: finish_task(task=task, version=task.version, outcome="reached", by=task.owner)

    return [seconds(finish(task)) for task in chosen]


def _climb() -> None:
    from zhike.followups.actions.ladder import climb  # noqa: PLC0415

    climb()
