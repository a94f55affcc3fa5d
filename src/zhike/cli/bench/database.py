"""Every customer judged by the general pack inside the database, against one scan of the same facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from zhike.cli.bench.company import CUSTOMERS, EVENTS, new_company
from zhike.cli.bench.figures import Figures, percentile, seconds
from zhike.cli.language import say
from zhike.core.text import Text

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from zhike.customers.models import Customer


def run(
    *,
    customers: Annotated[int, typer.Option(min=100, help=say("客户数", "customers"))] = CUSTOMERS,
    events: Annotated[int, typer.Option(min=1, help=say("事件数", "events"))] = EVENTS,
    rounds: Annotated[int, typer.Option(min=3, help=say("测多少次", "rounds"))] = 9,
    as_json: Annotated[bool, typer.Option("--json", help=say("输出 JSON", "print JSON"))] = False,
) -> None:
    """Time both in turn and compare the medians."""
    figures = Figures("database", {"customers": customers, "events": events, "rounds": rounds})
    with new_company() as company:
        company.grow(customers, events)
        placing, scan = _placing(), _scan()
        for rows in (placing, scan):
            _run(rows)
        pairs = [(seconds(lambda: _run(placing)), seconds(lambda: _run(scan))) for _ in range(rounds)]
    placed, scanned = (percentile(taken, 0.5) for taken in zip(*pairs, strict=True))
    figures.add("place", Text("判断所有维度，中位数", "every dimension, median"), placed, "s")
    figures.add("scan", Text("只读同样的事实，中位数", "only reading the same facts, median"), scanned, "s")
    figures.add("ratio", Text("判断 ÷ 读取", "judging ÷ reading"), placed / scanned, "×", limit=3)
    figures.finish(as_json=as_json)


def _run(rows: QuerySet[Customer, dict[str, object]]) -> None:
    """Let the database do all the work and hand over one row."""
    from django.db import connection  # noqa: PLC0415

    statement, arguments = rows.query.sql_with_params()
    columns = rows.query.annotation_select
    counts = ", ".join(f'count("{name}")' for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts} FROM ({statement}) AS judged", arguments)  # noqa: S608  our own names
        cursor.fetchone()


def _placing() -> QuerySet[Customer, dict[str, object]]:
    """Return every customer with the class in each dimension, as the compiled rules give it."""
    from zhike.accounts.queries import company_zone  # noqa: PLC0415
    from zhike.base.clock import today  # noqa: PLC0415
    from zhike.classification.condition_q import class_case  # noqa: PLC0415
    from zhike.classification.rules import rulebook  # noqa: PLC0415
    from zhike.customers.models import Customer  # noqa: PLC0415

    zone = company_zone()
    cases = {f"c_{s.dimension}": class_case(s, today(zone), zone) for s in rulebook().schemes}
    judged: QuerySet[Customer, dict[str, object]] = Customer.objects.order_by().annotate(**cases).values(*cases)
    return judged


def _scan() -> QuerySet[Customer, dict[str, object]]:
    """Return every customer with each fact that the rules read, once."""
    from zhike.accounts.queries import company_zone  # noqa: PLC0415
    from zhike.base.clock import today  # noqa: PLC0415
    from zhike.classification.condition_q import fact_expression  # noqa: PLC0415
    from zhike.classification.rules import rulebook  # noqa: PLC0415
    from zhike.core.conditions.nodes import leaves  # noqa: PLC0415
    from zhike.customers.models import Customer  # noqa: PLC0415

    rules = [c.when for s in rulebook().schemes for c in s.classes if c.when is not None]
    tests = {test.ref: test for when in rules for test in leaves(when) if test.ref.source != "class"}
    day = today(company_zone())
    facts = {f"f_{n}": fact_expression(test, day) for n, test in enumerate(tests.values())}
    read: QuerySet[Customer, dict[str, object]] = Customer.objects.order_by().annotate(**facts).values(*facts)
    return read
