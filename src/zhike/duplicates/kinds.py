"""The kind of job that searches everybody for duplicates: named in `settings.ZHIKE_JOBS`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from zhike.accounts.policy import require
from zhike.core.text import Text
from zhike.duplicates.actions.searching import search_everybody
from zhike.duplicates.models import Pair
from zhike.jobs.kinds import Whole

if TYPE_CHECKING:
    from zhike.jobs.kinds import Progress
    from zhike.jobs.models import Job


class Search(Whole):
    """Searches everybody."""

    icon: ClassVar = "copy"
    at_once: ClassVar = -1  # it is never done while a person waits

    def label(self, job: Job) -> Text:
        del job
        return Text("查找重复客户", "Search for duplicates")

    def allow(self, job: Job) -> None:
        require(job.owner, "create", Pair)

    def work(self, job: Job, progress: Progress) -> None:
        stored = search_everybody(progress)
        job.changed, job.same = stored.new, stored.open - stored.new

    def discard(self, job: Job) -> None:
        """Leave all as it is: nothing is written before everything is compared."""

    def said(self, job: Job) -> Text:
        total, new = job.changed + job.same, job.changed
        return Text(
            f"{total:,} 对可能重复，其中新的 {new:,} 对", f"{total:,} pairs that may be one, {new:,} of them new"
        )
