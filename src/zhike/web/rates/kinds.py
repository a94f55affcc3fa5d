"""The kind of job that works amounts out again by a new rate, for the many."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from zhike.accounts.policy import require
from zhike.core.text import Text
from zhike.jobs.actions.jobs import ask_job
from zhike.jobs.kinds import Steps
from zhike.timeline.amounts import customers_of_days, restate
from zhike.timeline.models import ExchangeRate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zhike.accounts.models import User
    from zhike.jobs.models import Job
    from zhike.timeline.amounts import Restatement

# So many customers are dealt with while the person waits, and so many in one transaction.
AT_ONCE, CHUNK = 5_000, 2_000


class Restate(Steps):
    """Goes through the customers with amounts in a currency. Its parameter is the id of the rate, `rate`."""

    icon: ClassVar = "coins"
    at_once: ClassVar = AT_ONCE

    def label(self, job: Job) -> Text:
        rate = ExchangeRate.objects.filter(pk=job.parameters["rate"]).first()
        currency = rate.currency if rate else "—"
        return Text(f"按新汇率重算 {currency}", f"Work out {currency} by the new rate")

    def allow(self, job: Job) -> None:
        require(job.owner, "change", ExchangeRate)

    def step(self, job: Job) -> bool:
        rate = ExchangeRate.objects.get(pk=job.parameters["rate"])
        ids = customers_of_days(rate, after=job.cursor, most=CHUNK)
        found = restate(rate, by=job.owner, customers=ids)
        job.done += len(ids)
        job.total = max(job.total, job.done)
        job.changed += found.events
        job.cursor = ids[-1] if ids else job.cursor
        return bool(ids)

    def audited(self, job: Job) -> tuple[str, Mapping[str, object]] | None:
        return "bulk.changed", {"what": "restate", "fields": ["base_amount"], "count": job.changed}

    def said(self, job: Job) -> Text:
        return Text(f"{job.changed:,} 笔金额已按新汇率重算", f"{job.changed:,} amounts were worked out by the new rate")


def ask_restate(rate: ExchangeRate, found: Restatement, *, by: User) -> Job:
    """Ask for the job that puts the amounts right which a rate makes others."""
    require(by, "change", ExchangeRate)
    return ask_job(kind="restate", by=by, parameters={"rate": rate.pk}, expected=found.customers)
