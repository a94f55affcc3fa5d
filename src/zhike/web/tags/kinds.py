"""The kind of job that lets the many who carry a tag carry another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Unpack

from django.db import transaction

from zhike.accounts.policy import require
from zhike.base.errors import Conflict
from zhike.classification.actions.tags import begin_merge, begin_rename, move_carriers
from zhike.core.text import Text, fold
from zhike.customers.models import Tag
from zhike.customers.tags import carriers_of
from zhike.jobs.actions.jobs import ask_job
from zhike.jobs.kinds import Steps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zhike.accounts.models import User
    from zhike.customers.actions.tags import TagFields
    from zhike.jobs.models import Job

# So many are rewritten while the person waits.
AT_ONCE = 5_000


class Retag(Steps):
    """Goes through those who carry a tag. Parameters: the ids `tag` and `into`."""

    icon: ClassVar = "tag"
    at_once: ClassVar = AT_ONCE

    def label(self, job: Job) -> Text:
        into = Tag.objects.filter(pk=job.parameters["into"]).values_list("name", flat=True).first() or "—"
        return Text(f"标签改成「{into}」", f"Tag becomes {into}")

    def allow(self, job: Job) -> None:
        require(job.owner, "merge", Tag)

    def step(self, job: Job) -> bool:
        found = Tag.objects.in_bulk([job.parameters["tag"], job.parameters["into"]])
        if len(found) < 2:  # noqa: PLR2004  the one and the other
            raise Conflict("标签刚被别人合并了", "one of the tags has just been merged into another one")
        tag, into = found[job.parameters["tag"]], found[job.parameters["into"]]
        ids = move_carriers(tag=tag, into=into, after=job.cursor, by=job.owner)
        job.done += len(ids)
        job.changed += len(ids)
        job.total = max(job.total, job.done)
        job.cursor = ids[-1] if ids else job.cursor
        return bool(ids)

    def audited(self, job: Job) -> tuple[str, Mapping[str, object]] | None:
        return "bulk.changed", {"what": "retag", "fields": ["tags"], "count": job.changed}

    def said(self, job: Job) -> Text:
        return Text(f"标签改好了，{job.changed:,} 位客户", f"The tag was changed at {job.changed:,} customers")


def are_many(tag: Tag) -> bool:
    """Say whether too many carry a tag to rewrite them while somebody waits."""
    return carriers_of(tag)[: AT_ONCE + 1].count() > AT_ONCE


def is_renamed(tag: Tag, name: str) -> bool:
    return fold(name) != tag.name_folded


@transaction.atomic
def ask_rename(*, tag: Tag, version: int, by: User, **given: Unpack[TagFields]) -> Job:
    """Call a tag otherwise, and ask for the job by which those who carry it follow."""
    left, found = begin_rename(tag=tag, version=version, by=by, **given)
    return _ask(left, found, by)


@transaction.atomic
def ask_merge(*, tag: Tag, into: Tag, version: int, by: User) -> Job:
    """Retire a tag, and ask for the job by which those who carry it carry another one."""
    return _ask(begin_merge(tag=tag, into=into, version=version, by=by), into, by)


def _ask(tag: Tag, into: Tag, by: User) -> Job:
    size = carriers_of(tag).count()
    return ask_job(kind="retag", by=by, parameters={"tag": tag.pk, "into": into.pk}, expected=size)
