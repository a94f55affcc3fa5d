"""One event through the action that every door uses, against five bare statements in one transaction."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Annotated

import typer

from zhike.cli.bench.company import CUSTOMERS, EVENTS, Company, new_company
from zhike.cli.bench.figures import Figures, percentile, seconds
from zhike.cli.language import say
from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

SMALL = 1_000
WARM_UP = 50

# What the least program would do for an event: lock, write, add up, keep the facts, keep the class.
BARE = (
    "SELECT id FROM customers_customer WHERE id = %(id)s FOR NO KEY UPDATE",
    """INSERT INTO timeline_event (customer_id, kind, occurred_at, day, recorded_at, channel, source, currency,
                                   subject_type, subject_id, data, key)
       VALUES (%(id)s, 'note.added', now(), current_date, now(), '', 'bench', '', '', '', '{}', '')""",
    """SELECT count(*), sum(base_amount), max(day) FROM timeline_event
        WHERE customer_id = %(id)s AND kind = 'order.placed' AND day > current_date - 365""",
    "UPDATE classification_customerfacts SET as_of = current_date WHERE customer_id = %(id)s",
    "UPDATE classification_placement SET since = since WHERE customer_id = %(id)s AND dimension = 'value'",
)


def run(
    *,
    customers: Annotated[int, typer.Option(min=SMALL, help=say("客户数", "customers"))] = CUSTOMERS,
    events: Annotated[int, typer.Option(min=1, help=say("事件数", "events"))] = EVENTS,
    rounds: Annotated[int, typer.Option(min=20, help=say("每种测多少次", "rounds of each"))] = 400,
    as_json: Annotated[bool, typer.Option("--json", help=say("输出 JSON", "print JSON"))] = False,
) -> None:
    """Measure with a thousand customers, then with all of them."""
    figures = Figures("live", {"customers": customers, "events": events, "rounds": rounds})
    with new_company() as company:
        company.grow(SMALL, max(1, events * SMALL // customers))
        small, _ = _measure(company, rounds)
        company.grow(customers, events)
        action, bare = _measure(company, rounds)
    p95, floor = percentile(action, 0.95), percentile(bare, 0.95)
    figures.add("action_p50", Text("动作，中位数", "the action, median"), percentile(action, 0.5) * 1000, "ms")
    figures.add("action_p95", Text("动作，p95", "the action, p95"), p95 * 1000, "ms")
    figures.add("bare_p95", Text("五条裸语句一个事务，p95", "five bare statements, p95"), floor * 1000, "ms")
    figures.add("ratio", Text("动作 ÷ 裸语句，p95", "action ÷ bare, p95"), p95 / floor, "×", limit=6, aim=3)
    growth = p95 / percentile(small, 0.95)
    label = Text("动作的 p95 ÷ 只有 1 000 位客户时", "the action's p95 ÷ that with 1 000 customers")
    figures.add("growth", label, growth, "×", limit=1.5)
    figures.finish(as_json=as_json)


def _measure(company: Company, rounds: int) -> tuple[list[float], list[float]]:
    """Return seconds of the action and of the bare transaction, taken in turn."""
    import psycopg  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    ids = random.Random(7).choices(company.ids(), k=rounds + WARM_UP)  # noqa: S311  a fair draw, not a secret
    action: list[float] = []
    bare: list[float] = []
    with psycopg.connect(**connection.get_connection_params()) as other:
        for customer in ids:
            action.append(seconds(lambda: company.log_call(customer)))  # noqa: B023  called at once
            bare.append(seconds(lambda: _bare(other, customer)))  # noqa: B023  called at once
    return _warm(action), _warm(bare)


def _bare(connection: psycopg.Connection, customer: int) -> None:
    for statement in BARE:
        connection.execute(statement, {"id": customer})
    connection.commit()


def _warm(taken: Sequence[float]) -> list[float]:
    return list(taken[WARM_UP:])
