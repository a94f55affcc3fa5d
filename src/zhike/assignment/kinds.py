"""The kind of job that asks the rules about many customers: named in `settings.ZHIKE_JOBS`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from zhike.accounts.policy import require
from zhike.assignment.actions.assigning import assign_by_hand, check_by_hand
from zhike.core.text import Text
from zhike.customers.actions.many import take_back_many
from zhike.customers.models import Customer
from zhike.jobs.kinds import Rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zhike.jobs.kinds import Outcome
    from zhike.jobs.models import Item, Job


class AssignByRules(Rows):
    """Gives customers to whom the rules say."""

    icon: ClassVar = "user-share"
    is_undoable: ClassVar = True

    def label(self, job: Job) -> Text:
        del job
        return Text("按规则分配客户", "Assign customers by the rules")

    def allow(self, job: Job) -> None:
        check_by_hand(job.owner)

    def allow_undo(self, job: Job) -> None:
        require(job.owner, "assign", Customer)

    def missing(self) -> Text:
        return Text("已经不在了，或者你看不到、不能分配", "gone, or not yours to see or assign")

    def change(self, job: Job, targets: Sequence[int]) -> Mapping[int, Outcome]:
        return assign_by_hand(ids=targets, by=job.owner)

    def undo(self, job: Job, items: Sequence[Item]) -> Mapping[int, Outcome]:
        return take_back_many(items=items, field="owner", by=job.owner)

    def said(self, job: Job) -> Text:
        zh, en = [f"{job.changed:,} 位客户已分配"], [f"{job.changed:,} assigned"]
        if job.same:
            zh.append(f"{job.same:,} 位本来就在合适的人那里")
            en.append(f"{job.same:,} with the right person already")
        if job.refused:
            zh.append(f"{job.refused:,} 位没有分配")
            en.append(f"{job.refused:,} not assigned")
        return Text("，".join(zh), ", ".join(en))

    def audited(self, job: Job) -> tuple[str, Mapping[str, object]] | None:
        if not job.changed:
            return None
        return "bulk.changed", {"what": job.kind, "count": job.changed, "fields": ["owner"]}
