"""The addresses that people ask for: lists, views, searches, records."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from zhike.cli.bench.company import PLACES, TRADES

if TYPE_CHECKING:
    from zhike.accounts.models import User

    type Test = dict[str, object]


def list_paths() -> list[str]:
    """Return the customer list as people ask for it: filtered, sorted, searched."""
    queries: list[dict[str, str]] = [{}]
    queries += [{"class.value": key} for key in ("high", "regular", "low")]
    queries += [{"class.activity": "dormant", "city": place} for place in PLACES]
    queries += [{"industry": trade, "sort": sort} for trade in TRADES for sort in ("name", "-name")]
    queries += [
        {"class.intent": "hot", "sort": "-revenue"},
        {"sort": "next"},
        {"sort": "contacted"},
        {"sort": "-revenue"},
        {"city": "上海", "sort": "revenue"},
        {"class.status": "won", "sort": "-next"},
    ]
    return [_address("web:customers", query=query) for query in queries]


def view_paths(by: User) -> list[str]:
    """Keep views for everybody, each of three conditions with a class and a metric; return their lists."""
    from zhike.classification.actions.views import create_view  # noqa: PLC0415
    from zhike.classification.models import SavedView  # noqa: PLC0415

    if not SavedView.objects.exists():
        for number, (sort, *tests) in enumerate(_views()):
            name = f"view{number}"
            create_view(name=name, where={"all": tests}, by=by, reach="everyone", sort=sort)
    views = SavedView.objects.order_by("pk").values_list("pk", flat=True)
    return [_address("web:customers", query={"view": str(pk)}) for pk in views]


def grouped_paths() -> list[str]:
    """Return the list in sections and as a board."""
    queries = [{"group": dimension} for dimension in ("value", "status", "activity")]
    queries += [{**query, "layout": "board"} for query in queries]
    return [_address("web:customers", query=query) for query in queries]


def scorecard_paths() -> list[str]:
    """Return the scorecards of several dimensions, over the last quarter and the last year."""
    return [
        _address("web:scorecard", dimension, query={"days": days})
        for dimension in ("value", "intent", "activity", "status")
        for days in ("90", "365")
    ]


def search_path(word: str) -> str:
    return _address("web:customers", query={"q": word})


def find_path(words: str) -> str:
    return _address("web:search", query={"q": words})


def customer_path(pk: int) -> str:
    return _address("web:customer", pk)


def edit_path(pk: int) -> str:
    return _address("web:customer_edit", pk)


def words() -> list[str]:
    """Return what people type into the search: parts of names, pinyin, initials, digits."""
    return ["梧桐", "酒店", "wt", "wutong", "shanghai", "1380", "0017", "松果餐饮", "jd", "云"]


def _views() -> list[tuple[str, Test, Test, Test]]:
    """Return order and conditions of views: some find many, some few, and one hardly anybody."""
    silent: Test = {"field": "metric.days_since_interaction", "op": "gte", "value": 30}
    bought: Test = {"field": "metric.revenue", "over": {"days": 365}, "op": "gte", "value": 1_000_000}
    high: Test = {"field": "class.value", "op": "eq", "value": "high"}
    dormant: Test = {"field": "class.activity", "op": "in", "value": ["dormant", "lost"]}
    of_cities: Test = {"field": "customer.city", "op": "in", "value": ["北京", "上海"]}
    large: Test = {"field": "customer.size", "op": "eq", "value": "large"}
    return [
        ("", high, of_cities, silent),
        ("-revenue", high, of_cities, silent),
        ("next", high, large, silent),
        ("", dormant, bought, of_cities),
        ("-created", dormant, large, bought),
        ("", high, {"field": "customer.city", "op": "eq", "value": "昆明"}, silent),
    ]


def _address(name: str, *arguments: object, query: dict[str, str] | None = None) -> str:
    from django.urls import reverse  # noqa: PLC0415

    path = reverse(name, args=arguments)
    return f"{path}?{urlencode(query)}" if query else path
