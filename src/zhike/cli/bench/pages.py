"""The pages that people wait for, through the whole of Django, without the network."""

from __future__ import annotations

import random
import secrets
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from zhike.cli.bench import addresses
from zhike.cli.bench.company import TRADES, Company, new_company
from zhike.cli.bench.figures import Figures, percentile, seconds
from zhike.cli.bench.sent import form_values
from zhike.cli.language import say
from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

SMALL = 2_000  # more than search looks through one by one
EVENTS_EACH = 10
SIZES = [3_000]
LIMIT_MS = 100
AIM_MS = 80
# What people do all day. It may not grow with the company, whose scorecard is read a few times a week.
DAILY = ("list", "view", "search", "find", "customer", "save")
SCORECARD_MS = 1_000
GROWTH = 1.5
WARM_UP = 5
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
    "save": Text("保存客户资料", "customer saved"),
    "search": Text("列表里搜索", "search in the list"),
    "find": Text("边输边搜", "search as you type"),
    "home": Text("工作台", "today"),
    "figures": Text("工作台上本月的数字", "figures of the month on today's page"),
    "classes": Text("分类", "classes"),
    "dimension": Text("一个维度", "one dimension"),
    "scorecard": Text("健康报告", "scorecard"),
}


type Ask = Callable[[], None]


def run(
    *,
    customers: Annotated[
        list[int] | None, typer.Option(min=SMALL, help=say("客户数，可写几次", "customers, may be repeated"))
    ] = None,
    rounds: Annotated[int, typer.Option(min=20, help=say("每页测多少次", "rounds of each"))] = 60,
    as_json: Annotated[bool, typer.Option("--json", help=say("输出 JSON", "print JSON"))] = False,
) -> None:
    """Ask for each page many times, with other filters, words and customers each time."""
    sizes = sorted(customers or SIZES)
    figures = Figures("pages", {f"customers_{n}": size for n, size in enumerate(sizes, 1)} | {"rounds": rounds})
    slowest: list[dict[str, float]] = []
    with new_company() as company:
        company.reach(SMALL, EVENTS_EACH)
        few = _queries(company)
        for size in sizes:
            company.reach(size, EVENTS_EACH)
            slowest.append(_measure(figures, company, size, rounds))
        many = _queries(company)
    for page in DAILY if len(sizes) > 1 else ():
        label = Text(f"{PAGES[page].zh}：最大 ÷ 最小，p95", f"{PAGES[page].en}: largest ÷ smallest, p95")
        figures.add(f"{page}_growth", label, slowest[-1][page] / slowest[0][page], "×", limit=GROWTH)
    for page, count in many.items():
        label = Text(f"{PAGES[page].zh}：查询次数", f"{PAGES[page].en}: queries")
        figures.add(f"{page}_queries", label, count, limit=few[page])
    figures.finish(as_json=as_json)


def _measure(figures: Figures, company: Company, size: int, rounds: int) -> dict[str, float]:
    """Report every page of every role; return the p95 of each page in seconds, that of the role who waits longest."""
    slowest = dict.fromkeys(PAGES, 0.0)
    for role, who in ROLES.items():
        for page, asks in _asks(company, role, rounds).items():
            taken = _take(asks)
            label = Text(f"{size:,} 位，{who.zh}：{PAGES[page].zh}", f"{size:,}, {who.en}: {PAGES[page].en}")
            p50, p95 = (percentile(taken, share) for share in (0.5, 0.95))
            slowest[page] = max(slowest[page], p95)
            key = f"{size}_{role}_{page}"
            figures.add(f"{key}_p50", Text(f"{label.zh}，中位数", f"{label.en}, median"), p50 * 1000, "ms")
            figures.add(f"{key}_p95", Text(f"{label.zh}，p95", f"{label.en}, p95"), p95 * 1000, "ms", **_bound(page))
    return slowest


def _bound(page: str) -> dict[str, float]:
    if page == "scorecard":
        return {"limit": SCORECARD_MS}
    return {"limit": LIMIT_MS} if page in DAILY else {"aim": AIM_MS}


def _asks(company: Company, role: str, rounds: int) -> dict[str, list[Ask]]:
    """Return for each page what is asked of it."""
    draw = random.Random(11)  # noqa: S311  a fair draw, not a secret
    client, ids, words = company.client(role), company.ids(role), addresses.words()
    paths = {
        "list": draw.choices(addresses.list_paths(), k=rounds),
        "view": draw.choices(addresses.view_paths(company.person()), k=rounds),
        "grouped": draw.choices(addresses.grouped_paths(), k=rounds),
        "filter": ["/customers/filter/"] * rounds,
        "customer": [addresses.customer_path(pk) for pk in draw.choices(ids, k=rounds)],
        "search": [addresses.search_path(word) for word in draw.choices(words, k=rounds)],
        "find": [addresses.find_path(word) for word in draw.choices(words, k=rounds)],
        "home": ["/"] * rounds,
        "figures": ["/figures/"] * rounds,
        "classes": ["/classes/"] * rounds,
        "dimension": ["/classes/value/"] * rounds,
        "scorecard": draw.choices(addresses.scorecard_paths(), k=rounds),
    }
    asks: dict[str, list[Ask]] = {page: [partial(_get, client, path) for path in of] for page, of in paths.items()}
    theirs = filter(partial(company.may_change, role), draw.sample(ids, k=len(ids)))
    return asks | {"save": [_saving(client, pk) for pk in islice(theirs, rounds)]}


def _saving(client: Client, pk: int) -> Ask:
    """Return the sending of a customer's form, in which one field was changed."""
    path = addresses.edit_path(pk)
    form = form_values(client.get(path).text, holding="version")
    form["preferences"] = [secrets.token_hex(4)]

    def send() -> None:
        response = client.post(path, form)
        assert response.status_code == 302, (path, response.status_code)  # noqa: PLR2004

    return send


def _take(asks: list[Ask]) -> list[float]:
    for ask in asks[:WARM_UP]:
        ask()
    return [seconds(ask) for ask in asks[WARM_UP:]]


def _get(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200, (path, response.status_code)  # noqa: PLR2004


def _queries(company: Company) -> dict[str, int]:
    """Count the queries of each page, as the admin sees it."""
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    client, found = company.client(), {}
    customer = company.ids()[0]
    save = _saving(client, customer)
    paths = {
        "list": addresses.list_paths()[0],
        "view": addresses.view_paths(company.person())[0],
        "grouped": addresses.grouped_paths()[0],
        "filter": "/customers/filter/",
        "customer": addresses.customer_path(customer),
        "search": addresses.search_path(addresses.words()[0]),
        # Search asks on until it has enough: a word that many have is as soon answered here as there.
        "find": addresses.find_path(TRADES[0]),
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
    with CaptureQueriesContext(connection) as queries:
        save()
    return found | {"save": len(queries)}
