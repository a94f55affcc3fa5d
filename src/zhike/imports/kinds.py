"""The kinds of jobs of imports: named in `settings.ZHIKE_JOBS`. The import knows how far it is; a job carries it there."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from zhike.accounts.policy import require
from zhike.base.errors import Conflict
from zhike.core.text import Text
from zhike.customers.models import Customer
from zhike.imports.actions.plans import check_plan
from zhike.imports.actions.running import advance, audited, try_out
from zhike.imports.actions.undoing import undo_step
from zhike.imports.models import Import
from zhike.imports.plans import Plan
from zhike.jobs.kinds import Steps, Whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zhike.jobs.kinds import Progress
    from zhike.jobs.models import Job

# Fewer rows are dealt with while the person waits; of a trial fewer yet, since their likes are looked up.
AT_ONCE = 1_000
TRIED_AT_ONCE = 300


def import_of(job: Job) -> Import:
    """Return the import that a job is about."""
    found = Import.objects.filter(pk=job.parameters["import"]).select_related("owner").first()
    if found is None or found.owner_id != job.owner_id:
        raise Conflict("这次导入已经不在了", "this import is no longer there")
    return found


def counts_in_words(imported: Import) -> Text:
    """Say what became of the rows, those kinds left out of which there are none."""
    names = (
        ("created", "新建", "created"),
        ("updated", "更新", "updated"),
        ("unchanged", "没有变化", "unchanged"),
        ("skipped", "跳过", "skipped"),
        ("review", "待确认", "to be reviewed"),
        ("rejected", "拒绝", "rejected"),
    )
    parts = [(getattr(imported, name), zh, en) for name, zh, en in names if getattr(imported, name)]
    return Text(
        "，".join(f"{zh} {size:,}" for size, zh, _ in parts) or "没有一行",
        ", ".join(f"{size:,} {en}" for size, _, en in parts) or "no rows",
    )


class Check(Whole):
    """Tries a file: every row gets its verdict, nothing else is written."""

    icon: ClassVar = "list-check"
    at_once: ClassVar = TRIED_AT_ONCE

    def label(self, job: Job) -> Text:
        name = job.parameters["name"]
        return Text(f"试运行：{name}", f"Dry run: {name}")

    def allow(self, job: Job) -> None:
        require(job.owner, "import", Customer)

    def work(self, job: Job, progress: Progress) -> None:
        imported = import_of(job)
        if imported.job_id == job.pk and imported.state == Import.State.CHECKING:
            try_out(imported, progress)

    def discard(self, job: Job) -> None:
        found = Import.objects.filter(job=job, state=Import.State.CHECKING).first()
        if found is not None:
            found.rows.all().delete()
            Import.objects.filter(pk=found.pk).update(state=Import.State.DRAFT)

    def said(self, job: Job) -> Text:
        return counts_in_words(import_of(job))


class Run(Steps):
    """Carries a file out."""

    icon: ClassVar = "table-import"
    at_once: ClassVar = AT_ONCE

    def label(self, job: Job) -> Text:
        name = job.parameters["name"]
        return Text(f"导入：{name}", f"Import: {name}")

    def allow(self, job: Job) -> None:
        imported = import_of(job)
        check_plan(Plan.of(imported.plan), imported.columns, by=job.owner)

    def step(self, job: Job) -> bool:
        imported = import_of(job)
        is_more = advance(imported, job=job.pk)
        job.cursor, job.done, job.total = imported.cursor, imported.done, imported.total
        job.changed = imported.created + imported.updated
        job.same = imported.unchanged + imported.skipped
        job.refused = imported.rejected + imported.review
        return is_more

    def said(self, job: Job) -> Text:
        imported = import_of(job)
        if imported.state == Import.State.PAUSED:
            return Text("已暂停", "Paused")
        return counts_in_words(imported)

    def audited(self, job: Job) -> tuple[str, Mapping[str, object]] | None:
        found = Import.objects.filter(pk=job.parameters["import"]).first()
        if found is None or found.state == Import.State.PAUSED:
            return None
        return "file.imported", audited(found)


class TakeBack(Steps):
    """Takes an import back."""

    icon: ClassVar = "arrow-back-up"
    at_once: ClassVar = AT_ONCE

    def label(self, job: Job) -> Text:
        name = job.parameters["name"]
        return Text(f"撤销导入：{name}", f"Undo the import: {name}")

    def allow(self, job: Job) -> None:
        require(job.owner, "import", Customer)

    def step(self, job: Job) -> bool:
        imported = import_of(job)
        is_more = undo_step(imported, by=job.owner, job=job.pk)
        job.done = imported.undone + imported.conflicts
        job.changed, job.refused = imported.undone, imported.conflicts
        job.cursor += 1
        return is_more

    def said(self, job: Job) -> Text:
        imported = import_of(job)
        zh = f"撤销了 {imported.undone:,} 行" + (
            f"，{imported.conflicts:,} 行后来有人动过，没有撤销" if imported.conflicts else ""
        )
        en = f"{imported.undone:,} rows taken back" + (
            f"; {imported.conflicts:,} were touched since and stay" if imported.conflicts else ""
        )
        return Text(zh, en)
