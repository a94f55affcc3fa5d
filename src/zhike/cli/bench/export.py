"""Customers written into a file, and all of them changed from the list: as the jobs do it, in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import psutil
import typer

from zhike.cli.bench.company import CUSTOMERS, EVENTS, new_company
from zhike.cli.bench.figures import Figures, seconds
from zhike.cli.language import say
from zhike.core.text import Text

if TYPE_CHECKING:
    from zhike.accounts.models import User
    from zhike.jobs.models import Job

# A hundred thousand rows in half a minute; a small file may take a moment.
ROWS_A_SECOND, LEAST_SECONDS = 100_000 / 30, 3.0
MEGABYTES = 64.0
COLUMNS = [
    *("name", "key", "kind", "phone", "email", "region", "city", "industry", "size", "source", "tags", "birthday"),
    *("created_on", "owner", "next_contact_on", "revenue", "contacted_at"),
    *(f"class.{name}" for name in ("status", "activity", "value", "intent", "need", "type")),
]
FORMS = {"csv": Text("导出 CSV", "export CSV"), "xlsx": Text("导出 Excel", "export Excel")}


def run(
    *,
    customers: Annotated[int, typer.Option(min=1_000, help=say("客户数", "customers"))] = CUSTOMERS,
    events: Annotated[int, typer.Option(min=1, help=say("事件数", "events"))] = EVENTS,
    as_json: Annotated[bool, typer.Option("--json", help=say("输出 JSON", "print JSON"))] = False,
) -> None:
    """Export everybody with every column of the program, then tag them all and take the tag back."""
    figures = Figures("export", {"customers": customers, "events": events})
    limit = max(LEAST_SECONDS, customers / ROWS_A_SECOND)
    with new_company() as company:
        company.grow(customers, events)
        user = company.person("admin")
        for form, label in FORMS.items():
            taken, grown = _export(user, form, customers)
            figures.add(form, label, taken, "s", limit=limit)
            memory = Text(f"{label.zh}：内存增长", f"{label.en}: growth of memory")
            figures.add(f"{form}_memory", memory, grown, "MB", limit=MEGABYTES)
        tag, undo = _tag(user, customers)
        each = 10_000 / customers
        figures.add("tag", Text("加标签，每一万位", "tag ten thousand"), tag * each, "s")
        figures.add("undo", Text("撤销，每一万位", "undo ten thousand"), undo * each, "s")
    figures.finish(as_json=as_json)


def _export(user: User, form: str, customers: int) -> tuple[float, float]:
    """Return how long a file takes, and by how much memory grew after its first rows."""
    from zhike.jobs.kinds import Whole, kind_of  # noqa: PLC0415
    from zhike.jobs.models import Job  # noqa: PLC0415

    parameters = {
        "list": "every=1",
        "form": form,
        "columns": COLUMNS,
        "language": "zh",
    }
    job = Job(kind="export", owner=user, parameters=parameters, total=customers)
    kind, process, seen = kind_of("export"), psutil.Process(), []
    assert isinstance(kind, Whole)

    def progress(done: int, total: int) -> None:
        if done >= total // 5:
            seen.append(process.memory_info().rss)

    taken = seconds(lambda: kind.work(job, progress))
    kind.discard(job)
    return taken, (max(seen) - seen[0]) / 2**20


def _tag(user: User, customers: int) -> tuple[float, float]:
    """Return how long it takes to tag everybody, and to take that back."""
    from zhike.customers.models import Customer  # noqa: PLC0415
    from zhike.jobs.actions.jobs import ask_job, undo_job  # noqa: PLC0415
    from zhike.jobs.actions.running import run_job  # noqa: PLC0415

    parameters = {"tag": "重点", "is_taken": False}
    job = ask_job(kind="tag", by=user, parameters=parameters, targets=Customer.present.all(), expected=customers)
    tagged = seconds(lambda: run_job(job.pk))
    _check(job, customers)
    back = undo_job(job=job, by=user)
    undone = seconds(lambda: run_job(back.pk))
    _check(back, customers)
    return tagged, undone


def _check(job: Job, customers: int) -> None:
    job.refresh_from_db()
    assert (job.state, job.changed) == ("done", customers), (job.state, job.said)
