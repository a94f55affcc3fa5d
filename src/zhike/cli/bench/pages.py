"""The pages that people wait for, through the whole of Django, without the network."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Annotated

import typer

from zhike.cli.bench import addresses
from zhike.cli.bench.company import CUSTOMERS, EVENTS, Company, new_company
from zhike.cli.bench.figures import Figures, percentile, seconds
from zhike.cli.language import say
from zhike.core.text import Text

if TYPE_CHECKING:
    from django.test import Client

SMALL = 1_000
# Salespeople live in the list and on a customer's page. The scorecard is counted from the whole history, and read
# a few times a week.
LIMITS_MS = {"list": 80, "view": 100, "customer": 80, "scorecard": 1_000}
AIM_MS = 80
ROLES = {
    "admin": Text("管理员", "admin"),
    "manager": Text("主管", "manager"),
    "sales": Text("销售", "salesperson"),
    "wide": Text("有辖区和共享的销售", "salesperson with a territory and shares"),
}
PAGES = {
    "list": Text("客户列表（筛选、排序）", "customer list, filtered and sorted"),
    "view": Text("三个条件的视图", "view of three conditions"),
    "grouped": Text("按类别分组和看板", "grouped list and board"),
    "filter": Text("筛选菜单", "filter menu"),
    "customer": Text("客户页", "customer page"),
    "search": Text("搜索", "search"),
    "home": Text("工作台", "today"),
    "figures": Text("工作台上本月的数字", "figures of the month on today's page"),
    "classes": Text("分类", "classes"),
    "dimension": Text("一个维度", "one dimension"),
    "scorecard": Text("健康报告", "scorecard"),
}


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
        for role, who in ROLES.items():
            for page, paths in _paths(company, role, rounds).items():
                taken = _ask(company.client(role), paths)
                key, label = f"{role}_{page}", Text(f"{who.zh}：{PAGES[page].zh}", f"{who.en}: {PAGES[page].en}")
                p50, p95 = (percentile(taken, share) * 1000 for share in (0.5, 0.95))
                figures.add(f"{key}_p50", Text(f"{label.zh}，中位数", f"{label.en}, median"), p50, "ms")
                figures.add(f"{key}_p95", Text(f"{label.zh}，p95", f"{label.en}, p95"), p95, "ms", **_bound(page))
    for page, size in many.items():
        label = Text(f"{PAGES[page].zh}：查询次数", f"{PAGES[page].en}: queries")
        figures.add(f"{page}_queries", label, size, limit=few[page])
    figures.finish(as_json=as_json)


def _bound(page: str) -> dict[str, float]:
    return {"limit": LIMITS_MS[page]} if page in LIMITS_MS else {"aim": AIM_MS}


def _paths(company: Company, role: str, rounds: int) -> dict[str, list[str]]:
    """Return for each page the addresses to ask for."""
    draw = random.Random(11)  # noqa: S311  a fair draw, not a secret
    lists, words, ids = addresses.list_paths(), addresses.words(), company.ids(role)
    return {
        "list": draw.choices(lists, k=rounds),
        "view": draw.choices(addresses.view_paths(company.person()), k=rounds),
        "grouped": draw.choices(addresses.grouped_paths(), k=rounds),
        "filter": ["/customers/filter/"] * rounds,
        "customer": [addresses.customer_path(pk) for pk in draw.choices(ids, k=rounds)],
        "search": [addresses.search_path(word) for word in draw.choices(words, k=rounds)],
        "home": ["/"] * rounds,
        "figures": ["/figures/"] * rounds,
        "classes": ["/classes/"] * rounds,
        "dimension": ["/classes/value/"] * rounds,
        "scorecard": draw.choices(addresses.scorecard_paths(), k=rounds),
    }


def _ask(client: Client, paths: list[str]) -> list[float]:
    for path in paths[:5]:
        client.get(path)
    return [seconds(lambda: _get(client, path)) for path in paths]  # noqa: B023  called at once


def _get(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200, (path, response.status_code)  # noqa: PLR2004


def _queries(company: Company) -> dict[str, int]:
    """Count the queries of each page, as the admin sees it."""
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    client, found = company.client(), {}
    paths = {
        "list": addresses.list_paths()[0],
        "view": addresses.view_paths(company.person())[0],
        "grouped": addresses.grouped_paths()[0],
        "filter": "/customers/filter/",
        "customer": addresses.customer_path(company.ids()[0]),
        "search": addresses.search_path(addresses.words()[0]),
        "home": "/",
        "figures": "/figures/",
        "classes": "/classes/",
        "dimension": "/classes/value/",
    }
    for page, path in paths.items():
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            _get(client, path)
        found[page] = len(queries)
    return found
