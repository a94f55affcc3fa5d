"""Search as people type, through the whole of Django: every kind of needle, and what being found costs those who save."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Annotated

import typer

from zhike.cli.bench import addresses
from zhike.cli.bench.company import CUSTOMERS, Company, new_company
from zhike.cli.bench.figures import Figures, percentile, seconds
from zhike.cli.language import say
from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SMALL = 1_000
LIMIT_MS = 100
WARM_UP = 5
# What is typed → needles of this kind, asked for in turn.
NEEDLES: dict[str, tuple[Text, Sequence[str]]] = {
    "name": (Text("名称的一段", "part of a name"), ("梧桐", "松果禾", "恒拓精密", "云汀", "青木集")),
    "read": (Text("拼音和首字母", "pinyin and initials"), ("wutong", "songguohe", "wts", "htj", "yunting")),
    "mixed": (Text("混写", "mixed"), ("wt木", "h拓", "song果", "上海hg", "梧tong")),
    "phone": (Text("电话里的四位", "four digits of a number"), ("0013", "4711", "138 0013", "+86 1380", "９９９９")),
    "common": (Text("到处都有的词", "what everybody has"), ("上海", "有限公司", "公司", "13", "shanghai", "gongsi")),
    "short": (Text("一个字母、一个字", "one letter, one character"), ("s", "v", "x", "海", "司", "1")),
    "long": (Text("四十个词", "forty words"), ("上海 有限 公司 " * 13 + "店", "a " * 40, "shang hai you xian " * 10)),
    "none": (Text("谁也没有的", "what nobody has"), ("北京上海", "桐梧", "qqqq", "00000000000", "zzz里", "上海 北京")),
    "note": (Text("备注里的词", "words of notes"), ("续签", "报价", "第三季度", "r2", "续签 报价")),
}
ROLES = {
    "admin": Text("管理员", "admin"),
    "manager": Text("主管", "manager"),
    "few": Text("有 200 位客户的销售", "salesperson with 200 customers"),
}


def run(
    *,
    customers: Annotated[int, typer.Option(min=SMALL, help=say("客户数", "customers"))] = CUSTOMERS,
    events: Annotated[int, typer.Option(min=0, help=say("每位客户的事件数", "events of each customer"))] = 0,
    rounds: Annotated[int, typer.Option(min=10, help=say("每种测多少次", "rounds of each"))] = 40,
    as_json: Annotated[bool, typer.Option("--json", help=say("输出 JSON", "print JSON"))] = False,
) -> None:
    """Ask for every kind of needle as an admin, a manager and somebody who owns few."""
    figures = Figures("search", {"customers": customers, "events": customers * events, "rounds": rounds})
    with new_company() as company:
        company.reach(customers, events, placed=False)
        company.add_notes()
        company.hand_few()
        _measure_needles(company, figures, rounds)
        _measure_saves(company, figures, rounds)
        for name, size in _sizes().items():
            figures.add(f"{name}_mb", Text(f"大小：{name}", f"size of {name}"), size / 2**20, "MB")
    figures.finish(as_json=as_json)


def _measure_needles(company: Company, figures: Figures, rounds: int) -> None:
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    for role, who in ROLES.items():
        client = company.client(role)
        for kind, (label, words) in NEEDLES.items():
            paths = [addresses.find_path(words[n % len(words)]) for n in range(rounds + WARM_UP)]
            taken = [seconds(lambda: client.get(path)) for path in paths][WARM_UP:]  # noqa: B023  called at once
            with CaptureQueriesContext(connection) as queries:
                assert client.get(paths[0]).status_code == 200  # noqa: PLR2004
            shown = Text(f"{who.zh}：{label.zh}", f"{who.en}: {label.en}")
            p50, p95 = (percentile(taken, share) * 1000 for share in (0.5, 0.95))
            figures.add(f"{role}_{kind}_p50", Text(f"{shown.zh}，中位数", f"{shown.en}, median"), p50, "ms")
            figures.add(f"{role}_{kind}_p95", Text(f"{shown.zh}，p95", f"{shown.en}, p95"), p95, "ms", limit=LIMIT_MS)
            worst = max(range(len(taken)), key=taken.__getitem__)
            figures.add(
                f"{role}_{kind}_queries",
                Text(
                    f"{shown.zh}：查询次数（最慢的：{words[(worst + WARM_UP) % len(words)][:12]}）",
                    f"{shown.en}: queries (slowest: {words[(worst + WARM_UP) % len(words)][:12]})",
                ),
                len(queries),
            )


def _measure_saves(company: Company, figures: Figures, rounds: int) -> None:
    ids = random.Random(5).choices(company.ids(), k=rounds)  # noqa: S311  a fair draw, not a secret
    saves: dict[str, tuple[Text, Callable[[int], None]]] = {
        "log": (Text("记一次电话", "a call logged"), company.log_call),
        "rename": (Text("改一个名称", "a name changed"), company.rename),
    }
    for key, (label, save) in saves.items():
        taken = [seconds(lambda: save(pk)) * 1000 for pk in ids]  # noqa: B023  called at once
        for share, zh, en in ((0.5, "中位数", "median"), (0.95, "p95", "p95")):
            name = f"{key}_p{round(share * 100)}"
            figures.add(name, Text(f"{label.zh}，{zh}", f"{label.en}, {en}"), percentile(taken, share), "ms")


def _sizes() -> dict[str, int]:
    """Return how many bytes each table and index of the search takes."""
    from django.db import connection  # noqa: PLC0415

    names = [
        "customers_customer",
        "customers_searchtext",
        "search_grams",
        "search_name",
        "search_initials",
        "search_pinyin",
        "timeline_event",
        "event_said",
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, pg_relation_size(oid) + coalesce(pg_relation_size(nullif(reltoastrelid, 0)), 0) "
            "FROM pg_class WHERE relname = ANY(%s)",
            [names],
        )
        return dict(cursor.fetchall())
