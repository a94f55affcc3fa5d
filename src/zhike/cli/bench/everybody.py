"""Everybody searched for duplicates in a company of any size, one customer looked up, and the memory that it takes."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

from zhike.cli.bench.company import PLACES, TRADES, new_company
from zhike.cli.bench.figures import Figures, percentile, seconds
from zhike.cli.bench.held import forget_most_held, most_held
from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

# A hundred thousand in a minute; a small company may take a moment.
CUSTOMERS_A_SECOND, LEAST_SECONDS = 100_000 / 60, 3.0
MEGABYTES = 600.0
TYPED_MS = 200.0
# One of so many is an earlier one written otherwise, without its legal form.
AGAIN = 33
CHUNK, LOOKED_UP = 5_000, 100
_LETTERS = "梧桐恒拓松果禾光集木青素问云汀文通长物万象朗润北屿见澄心同昇远岫"
_SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗"


def run_everybody(customers: int, *, as_json: bool) -> None:
    """Print how long a search over everybody takes."""
    figures = Figures("duplicates", {"customers": customers})
    with new_company():
        _fill(customers)
        forget_most_held()
        _search(figures, customers)
        figures.add("memory", Text("进程的内存峰值", "peak memory of the process"), most_held(), "MB", limit=MEGABYTES)
        _type(figures)
    figures.finish(as_json=as_json)


def _search(figures: Figures, customers: int) -> None:
    from zhike.duplicates.actions.searching import search_everybody  # noqa: PLC0415
    from zhike.duplicates.models import Pair  # noqa: PLC0415

    limit = max(LEAST_SECONDS, customers / CUSTOMERS_A_SECOND)
    computed = time.process_time()
    taken = seconds(lambda: search_everybody(lambda _done, _total: None))
    computed = time.process_time() - computed
    figures.add("search", Text("查完所有客户", "everybody searched"), taken, "s", limit=limit)
    figures.add("computed", Text("其中本进程计算", "of it computed in this process"), computed, "s")
    again = seconds(lambda: search_everybody(lambda _done, _total: None))
    figures.add("again", Text("再查一遍", "searched again"), again, "s", limit=limit)
    figures.add("pairs", Text("找到的对", "pairs found"), Pair.objects.count())
    figures.add("made", Text("造出来的重复", "duplicates that were made"), customers // AGAIN)


def _type(figures: Figures) -> None:
    """Look some customers up, as while somebody types."""
    from zhike.customers.models import Customer  # noqa: PLC0415
    from zhike.duplicates.candidates import look_up  # noqa: PLC0415
    from zhike.duplicates.reading import record_of  # noqa: PLC0415

    rows = list(Customer.present.order_by("pk").values_list("name", "phone", "city")[:: max(1, LOOKED_UP)][:LOOKED_UP])
    taken = [
        seconds(lambda: look_up(record_of(0, name=name, phones=[phone], city=city))) * 1000  # noqa: B023  called at once
        for name, phone, city in rows
    ]
    figures.add(
        "typed_p95", Text("录入时查一位，p95", "one looked up, p95"), percentile(taken, 0.95), "ms", limit=TYPED_MS
    )


def _fill(customers: int) -> None:
    """Bring the customers in as an import does, with nothing that a search does not read."""
    from django.db import connection, transaction  # noqa: PLC0415

    from zhike.customers.actions.customers import create_customer  # noqa: PLC0415
    from zhike.customers.actions.reaches import make_reaches  # noqa: PLC0415
    from zhike.customers.actions.search import make_findable  # noqa: PLC0415
    from zhike.customers.columns import clean, derived  # noqa: PLC0415
    from zhike.customers.copying import COLUMNS, insert_customers  # noqa: PLC0415
    from zhike.customers.models import Customer  # noqa: PLC0415

    template = create_customer(name="模板", by=None)
    values = {name: getattr(template, name) for name in COLUMNS}
    rows: list[dict[str, Any]] = []

    def store() -> None:
        with transaction.atomic():
            ids = insert_customers(rows)
            make_reaches(list(Customer.objects.filter(pk__in=ids)))
            make_findable(ids)
        rows.clear()

    for given in _customers(customers):
        columns = clean(given, [], None)  # type: ignore[arg-type]  # no field of a date is given
        rows.append(values | columns | derived(columns))
        if len(rows) == CHUNK:
            store()
    store()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _customers(customers: int) -> Iterator[dict[str, Any]]:
    draw = random.Random(2026)  # noqa: S311  a fair draw, not a secret
    made: list[dict[str, Any]] = []
    for number in range(customers):
        if number % AGAIN == AGAIN - 1:
            first = draw.choice(made)
            yield first | {"key": f"K{number}", "name": first["name"].removesuffix("有限公司"), "email": ""}
            continue
        city, trade = draw.choice(PLACES), draw.choice(TRADES)
        brand = "".join(draw.choices(_LETTERS, k=draw.choice((2, 3, 3, 4))))
        given = {
            "key": f"K{number}",
            "kind": "company",
            "name": f"{city}{brand}{trade}有限公司",
            "phone": f"+8613{draw.randrange(10**9):09}",
            "email": f"kh{number}@gongsi{number // 3}.cn",
            "city": city,
        }
        if number % 3 == 0:
            person = draw.choice(_SURNAMES) + "".join(draw.choices(_LETTERS, k=2))
            given |= {"kind": "person", "name": person}
        made.append(given)
        yield given
