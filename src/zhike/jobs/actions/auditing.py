"""Writes: what a job did, into the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.audit import actions as audit
from zhike.jobs.kinds import kind_of

if TYPE_CHECKING:
    from zhike.jobs.models import Job


def write_down(job: Job) -> None:
    """Write down what a job did that has just come to its end, done, stopped or failed."""
    kind = kind_of(job.kind)
    entry = kind.audited(job)
    if entry is not None:
        action, data = entry
        audit.record(action, by=job.owner, subject=kind.subject(job), data=data)
