"""The pages that people wait for, through the whole of Django, without the network."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Annotated

import typer

from zhike.cli.bench.company import CUSTOMERS, EVENTS, Company, new_company
from zhike.cli.bench.figures import Figures, percentile, seconds
from zhike.cli.language import say
from zhike.core.text import Text

if TYPE_CHECKING:
    from django.test import Client

SMALL = 1_000
LIMIT_MS = 80


def run(
    *,
    customers: Annotated[int, typer.Option(min=SMALL, help=say("客户数", "customers"))] = CUSTOMERS,
    events: Annotated[int, typer.Option(min=1, help=say("事件数", "events"))] = EVENTS,
    rounds: Annotated[int, typer.Option(min=20, help=say("每页测多少次", "rounds of each"))] = 60,
    as_json: Annotated[bool, typer.Option("--json", help=say("输出 JSON", "print JSON"))] = False,
) -> None:
    """Ask for each page many times, with other filters, words and customers each time."""
    figures = Figures("pages", {"customers": customers, "events": events, "rounds": rounds})
    with new_company() as company:
        company.grow(SMALL, max(1, events * SMALL // customers))
        few = _queries(company)
        company.grow(customers, events)
        many = _queries(company)
        for key, label, pages in _pages(company, rounds):
            taken = _ask(company.client(), pages)
            p95 = percentile(taken, 0.95) * 1000
            median = percentile(taken, 0.5) * 1000
            figures.add(f"{key}_p50", Text(f"{label.zh}，中位数", f"{label.en}, median"), median, "ms")
            figures.add(f"{key}_p95", Text(f"{label.zh}，p95", f"{label.en}, p95"), p95, "ms", limit=LIMIT_MS)
    for key, label in (("list", Text("列表", "list")), ("customer", Text("客户页", "customer page"))):
        said = Text(f"{label.zh}的查询次数", f"queries of the {label.en}")
        figures.add(f"{key}_queries", said, many[key], limit=max(few[key], 1))
    figures.finish(as_json=as_json)


def _pages(company: Company, rounds: int) -> list[tuple[str, Text, list[str]]]:
    draw = random.Random(11)  # noqa: S311  a fair draw, not a secret
    paths = company.list_paths()
    words = company.words()
    customers = [company.customer_path(pk) for pk in draw.choices(company.ids(), k=rounds)]
    return [
        ("list", Text("客户列表（筛选、排序）", "customer list, filtered and sorted"), draw.choices(paths, k=rounds)),
        ("customer", Text("客户页", "customer page"), customers),
        ("search", Text("搜索", "search"), [company.search_path(word) for word in draw.choices(words, k=rounds)]),
        ("home", Text("工作台", "today"), ["/"] * rounds),
        ("classes", Text("分类", "classes"), ["/classes/"] * rounds),
    ]


def _ask(client: Client, paths: list[str]) -> list[float]:
    for path in paths[:5]:
        client.get(path)
    return [seconds(lambda: _get(client, path)) for path in paths]  # noqa: B023  called at once


def _get(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200, (path, response.status_code)  # noqa: PLR2004


def _queries(company: Company) -> dict[str, int]:
    """Count the queries of a page that shows as many rows as it can, and of a customer."""
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    client, found = company.client(), {}
    for key, path in (("list", company.list_paths()[0]), ("customer", company.customer_path(company.ids()[0]))):
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            _get(client, path)
        found[key] = len(queries)
    return found
