"""The job that puts customers into a pool: named in `settings.ZHIKE_JOBS`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from zhike.accounts.policy import require
from zhike.core.text import Text
from zhike.customers.models import Customer
from zhike.pools.actions.hand_back import check_into_pool, into_pool, take_out
from zhike.pools.models import Pool, Reason
from zhike.web.bulk.kinds import OfCustomers, told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zhike.jobs.kinds import Outcome
    from zhike.jobs.models import Item, Job


class IntoPool(OfCustomers):
    """Puts customers into a `pool`, for a `reason` and with a `note`; `name` is what the pool was called then."""

    icon: ClassVar = "ripple"
    is_undoable: ClassVar = True

    def label(self, job: Job) -> Text:
        name = job.parameters["name"]
        return Text(f"放入公海「{name}」", f"Put into the pool {name}")

    def allow(self, job: Job) -> None:
        given = job.parameters
        check_into_pool(pool=self._pool(job), reason=self._reason(job), note=given["note"], by=job.owner)

    def allow_undo(self, job: Job) -> None:
        require(job.owner, "assign", Customer)

    def change(self, job: Job, targets: Sequence[int]) -> Mapping[int, Outcome]:
        given = job.parameters
        return into_pool(pool=self._pool(job), ids=targets, reason=self._reason(job), note=given["note"], by=job.owner)

    def undo(self, job: Job, items: Sequence[Item]) -> Mapping[int, Outcome]:
        return take_out(items=items, by=job.owner)

    def said(self, job: Job) -> Text:
        name = job.parameters["name"]
        return told(job, Text(f"位客户放进了公海「{name}」", f"put into the pool {name}"))

    def codes(self, job: Job) -> Mapping[str, object]:
        return {"fields": ["owner"], "to": job.parameters["pool"]}

    def _pool(self, job: Job) -> Pool:
        return Pool.objects.get(pk=job.parameters["pool"])

    def _reason(self, job: Job) -> Reason:
        return Reason.objects.get(pk=job.parameters["reason"])
