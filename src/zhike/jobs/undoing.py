"""The kind of job that takes back what another one did."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from zhike.base.errors import Conflict
from zhike.core.text import Text
from zhike.jobs.kinds import Rows, kind_of
from zhike.jobs.models import Item, Job

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zhike.jobs.kinds import Outcome


class Undo(Rows):
    """Takes back row by row what was changed, where nobody has changed it since."""

    icon: ClassVar = "arrow-back-up"

    def label(self, job: Job) -> Text:
        if job.undoes is None:
            return Text("撤销", "Undo")
        what = kind_of(job.undoes.kind).label(job.undoes)
        return Text(f"撤销：{what.zh}", f"Undo: {what.en}")

    def allow(self, job: Job) -> None:
        original = _original(job)
        original.owner = job.owner  # the rights of whoever takes it back decide
        kind = kind_of(original.kind)
        assert isinstance(kind, Rows)
        kind.allow_undo(original)

    def missing(self) -> Text:
        return Text("已经撤销过，或者你看不到了", "undone before, or no longer yours to see")

    def change(self, job: Job, targets: Sequence[int]) -> Mapping[int, Outcome]:
        original = _original(job)
        kind = kind_of(original.kind)
        assert isinstance(kind, Rows)
        items = original.items.filter(target__in=targets, state=Item.State.CHANGED)
        found = kind.undo(job, list(items.order_by("target")))
        undone = [target for target, one in found.items() if one.state == Item.State.CHANGED]
        original.items.filter(target__in=undone).update(state=Item.State.UNDONE)
        return found

    def audited(self, job: Job) -> tuple[str, Mapping[str, object]] | None:
        if not job.changed:
            return None
        return "bulk.undone", {"what": job.undoes.kind if job.undoes else "", "count": job.changed}

    def said(self, job: Job) -> Text:
        zh = f"撤销了 {job.changed:,} 位" + (f"，{job.refused:,} 位后来又改过，没有动" if job.refused else "")
        en = f"Undone for {job.changed:,}" + (f"; {job.refused:,} were changed since and stay" if job.refused else "")
        return Text(zh, en)


def _original(job: Job) -> Job:
    if job.undoes is None:
        raise Conflict("要撤销的那件事已经不在了", "what was to be undone is no longer there")
    return job.undoes
