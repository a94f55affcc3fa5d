"""Classification as the company grows: an event, the clock, a new rule, and everybody at once.

One company with ten events a customer is measured at each size; what must not grow with it is
held against the smallest.
"""

from __future__ import annotations

import copy
import os
import random
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Annotated, NamedTuple

import psutil
import typer

from zhike.cli.bench import addresses
from zhike.cli.bench.company import Company, new_company
from zhike.cli.bench.figures import Figures, percentile, seconds
from zhike.cli.language import say
from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from zhike.classification.models import SchemeVersion

EVENTS_EACH = 10
SIZES = [1_000, 5_000]
ROUNDS = 150
DUE_SHARE = 100
READS = 40
SWEEPS = 12
# So often everybody is placed, and between that so many sweeps; of very many customers once is enough.
ROUNDS_OF_ALL, SWEEPS_A_ROUND, MANY = 3, 3, 100_000
DIMENSION = "value"
MOVED = 8  # one in so many of those who are not in the best class yet


class Measured(NamedTuple):
    """The figures of one size, in seconds; `memory` is that of a worker after many sweeps ÷ after a few."""

    event: float
    due: float
    everyone: float
    preview: float
    publish: float
    moved: int
    readers: float
    memory: float


def run(
    *,
    customers: Annotated[
        list[int] | None, typer.Option(min=500, help=say("客户数，可写几次", "customers, may be repeated"))
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=say("输出 JSON", "print JSON"))] = False,
) -> None:
    """Measure every size, the smallest first."""
    sizes = sorted(customers or SIZES)
    figures = Figures("classification", {f"customers_{n}": size for n, size in enumerate(sizes, 1)})
    with new_company() as company:
        found = {size: _measure(company, size) for size in sizes}
    first, last = found[sizes[0]], found[sizes[-1]]
    for size, measured in found.items():
        _report(figures, size, measured)
    figures.add(
        "growth",
        Text("一个事件：最大 ÷ 最小，p95", "an event: largest ÷ smallest, p95"),
        last.event / first.event,
        "×",
        limit=1.5,
    )
    figures.finish(as_json=as_json)


def _report(figures: Figures, size: int, measured: Measured) -> None:
    def add(key: str, zh: str, en: str, value: float, unit: str, limit: float | None = None) -> None:
        figures.add(f"{key}_{size}", Text(f"{size:,} 位：{zh}", f"{size:,}: {en}"), value, unit, limit=limit)

    add("event", "一个事件到类别，p95", "an event to its class, p95", measured.event * 1000, "ms")
    add("everyone", "重算所有事实与类别", "all facts and classes anew", measured.everyone, "s", 90)
    share = measured.due / measured.everyone
    add("due", "1 % 到期 ÷ 所有人", "1 % due ÷ everybody", share, "×", 1 / 20 if size >= 10 * SIZES[0] else None)
    add("preview", "预览一条改动的规则", "preview of one changed rule", measured.preview, "s", 3)
    add(
        "publish",
        f"发布到切换，{measured.moved:,} 位换类别",
        f"publishing until the switch, {measured.moved:,} move",
        measured.publish,
        "s",
        30,
    )
    add("readers", "发布期间读者的 p95 ÷ 平时", "readers' p95 meanwhile ÷ before", measured.readers, "×", 2)
    add("memory", "多次到期处理之后的内存 ÷ 之前", "memory after many sweeps ÷ before", measured.memory, "×", 1.1)


def _measure(company: Company, customers: int) -> Measured:
    company.reach(customers, EVENTS_EACH)
    event = _event(company)
    due, everyone = _due_and_everyone(company, rounds=ROUNDS_OF_ALL if customers <= MANY else 1)
    memory = _memory(company)
    draft = _draft(company)
    preview = _preview(company, draft)
    publish, moved, readers = _publish(company, draft)
    return Measured(event, due, everyone, preview, publish, moved, readers, memory)


def _event(company: Company) -> float:
    ids = random.Random(7).choices(company.ids(), k=ROUNDS + 30)  # noqa: S311  a fair draw, not a secret
    taken = [seconds(lambda: company.log_call(customer)) for customer in ids]  # noqa: B023  called at once
    return percentile(taken[30:], 0.95)


def _make_due(company: Company) -> int:
    """Let the time of one customer in a hundred have come: of some with many events and of some with few."""
    from datetime import timedelta  # noqa: PLC0415

    from zhike.base.clock import now  # noqa: PLC0415
    from zhike.classification.models import CustomerFacts  # noqa: PLC0415

    ids = company.ids()
    chosen = random.Random(13).sample(ids, len(ids) // DUE_SHARE)  # noqa: S311  a fair draw, not a secret
    return CustomerFacts.objects.filter(customer__in=chosen).update(next_flip_at=now() - timedelta(minutes=1))


def _due_and_everyone(company: Company, *, rounds: int) -> tuple[float, float]:
    """Return the least of several times for a sweep and for placing everyone, taken in turn."""
    from zhike.classification.batch import place_everyone  # noqa: PLC0415
    from zhike.classification.due import place_due  # noqa: PLC0415

    place_due()
    due, everyone = [], []
    for _ in range(rounds):
        everyone.append(seconds(place_everyone))
        for _ in range(SWEEPS_A_ROUND):
            _make_due(company)
            due.append(seconds(place_due))
    return min(due), min(everyone)


def _memory(company: Company) -> float:
    """Sweep again and again, as a worker does for weeks, and compare what it holds."""
    from zhike.classification.due import place_due  # noqa: PLC0415

    held = []
    for _ in range(SWEEPS):
        _make_due(company)
        place_due()
        held.append(psutil.Process().memory_info().rss)
    return held[-1] / max(held[: SWEEPS // 3])


def _draft(company: Company) -> SchemeVersion:
    """Return a draft that lets about one customer in ten more into the best class."""
    from zhike.classification.actions.drafts import save_draft, start_draft  # noqa: PLC0415
    from zhike.classification.models import Placement  # noqa: PLC0415

    user = company.person()
    draft = start_draft(dimension=DIMENSION, by=user)
    data = copy.deepcopy(draft.data)
    best = data["classes"][0]
    others = Placement.objects.filter(dimension=DIMENSION).exclude(class_key=best["key"])
    revenue = others.exclude(customer__facts__revenue_year=None).order_by("-customer__facts__revenue_year")
    bound = revenue.values_list("customer__facts__revenue_year", flat=True)[(others.count() + MOVED - 1) // MOVED]
    more = {"field": "metric.revenue", "over": {"days": 365}, "op": "gte", "value": bound}
    best["when"] = {"any": [best["when"], more]}
    return save_draft(draft=draft, data=data, revision=draft.revision, by=user)


def _preview(company: Company, draft: SchemeVersion) -> float:
    from zhike.classification.preview import preview  # noqa: PLC0415

    user = company.person()
    preview(draft, user)
    return seconds(lambda: preview(draft, user))


def _publish(company: Company, draft: SchemeVersion) -> tuple[float, int, float]:
    """Publish in a process of its own, as the worker does, and read meanwhile."""
    from zhike.classification.actions.publications import publish  # noqa: PLC0415
    from zhike.classification.models import Publication  # noqa: PLC0415

    read = _reader(company)
    before = [seconds(read) for _ in range(READS)]
    publication = publish(drafts=[draft], by=company.person())
    work = (
        "import django; from zhike.base.worker import step_back; step_back(); django.setup(); "
        f"from {publish.__module__} import run_publication; run_publication({publication.pk})"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "zhike.config.settings"}
    meanwhile = []
    with subprocess.Popen([sys.executable, "-c", work], env=environment) as worker:  # noqa: S603  our own program
        while worker.poll() is None:
            meanwhile.append(seconds(read))
            time.sleep(0.02)
    done = Publication.objects.get(pk=publication.pk)
    assert done.switched_at is not None, done.problem
    assert done.started_at is not None
    moved = sum(row[2] for row in done.moves.get(DIMENSION, []))
    slower = percentile(meanwhile, 0.95) / percentile(before, 0.95)
    return (done.switched_at - done.started_at).total_seconds(), moved, slower


def _reader(company: Company) -> Callable[[], None]:
    client, paths = company.client(), addresses.list_paths()
    draw = random.Random(11)  # noqa: S311  a fair draw, not a secret

    def read() -> None:
        assert client.get(draw.choice(paths)).status_code == 200  # noqa: PLR2004

    read()
    return read
