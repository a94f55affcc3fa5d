"""What a kind of job has to know. Which kinds there are stands in one literal table: `settings.ZHIKE_JOBS`.

A kind goes on in steps, each one transaction together with the job's own row: killed anywhere it goes on from
the last step, and of two workers one is sent away. What only reads and writes a file is done as a whole, and
begun again when it was broken off.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, NamedTuple, cast

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string
from psycopg.types.json import Jsonb

from zhike.jobs.models import Item, Job

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from zhike.core.text import Text

    type Progress = Callable[[int, int], None]

# So many rows are dealt with in one transaction, and so many while a person waits.
CHUNK, AT_ONCE = 2_000, 500


class Kind(ABC):
    """A kind of job. `icon` names it on the page; `is_undoable` has an `undo`."""

    icon: ClassVar = "clock"
    is_undoable: ClassVar = False
    # So many rows are dealt with while a person waits.
    at_once: ClassVar = AT_ONCE

    @abstractmethod
    def label(self, job: Job) -> Text:
        """Return what people call this job."""

    @abstractmethod
    def allow(self, job: Job) -> None:
        """Raise unless its owner may do this: asked when it begins and before every step."""

    @abstractmethod
    def said(self, job: Job) -> Text:
        """Return what came of it, when it has come to its end."""

    def audited(self, job: Job) -> tuple[str, Mapping[str, object]] | None:
        """Return the action and the data by which the audit log tells of what it did, however it ended."""
        del job
        return None

    def subject(self, job: Job) -> tuple[str, object] | None:
        """Return whom or what it is about, as the label of a model and an id; many at once are nobody."""
        del job
        return None


class Steps(Kind):
    """Goes on step by step."""

    @abstractmethod
    def step(self, job: Job) -> bool:
        """Do what comes next and move `job.cursor` and `job.done`; say whether there is more."""


class Whole(Kind):
    """Is done as a whole, outside of a transaction."""

    @abstractmethod
    def work(self, job: Job, progress: Progress) -> None:
        """Do it all. `progress` raises when somebody has stopped the job."""

    @abstractmethod
    def discard(self, job: Job) -> None:
        """Remove what was left by an attempt that did not come to its end."""


class Outcome(NamedTuple):
    """What became of one row: `before` and `after` where it changed, `said` where it was refused."""

    state: str
    before: Mapping[str, object] = {}
    after: Mapping[str, object] = {}
    said: Text | None = None


SAME = Outcome(Item.State.SAME)


def refused(said: Text) -> Outcome:
    return Outcome(Item.State.REFUSED, said=said)


class Rows(Steps):
    """Deals with the rows that were written down for it, in the order of their ids."""

    chunk: ClassVar = CHUNK

    @abstractmethod
    def change(self, job: Job, targets: Sequence[int]) -> Mapping[int, Outcome]:
        """Change these rows and return what became of each; whoever is not in it could not be found."""

    @abstractmethod
    def missing(self) -> Text:
        """Return what is said of a row that its owner does not see, or no longer."""

    def undo(self, job: Job, items: Sequence[Item]) -> Mapping[int, Outcome]:
        """Take back what these items say, where nobody has changed it since. `job` is that of the undoing."""
        raise NotImplementedError

    def allow_undo(self, job: Job) -> None:
        """Raise unless the owner may take back what this job did, whatever has become of what it was to do."""
        self.allow(job)

    def step(self, job: Job) -> bool:
        items = list(job.items.filter(target__gt=job.cursor).order_by("target")[: self.chunk])
        if items:
            found = self.deal(job, items)
            settle(job, items, {item.target: found.get(item.target, refused(self.missing())) for item in items})
        return job.done < job.total and bool(items)

    def deal(self, job: Job, items: Sequence[Item]) -> Mapping[int, Outcome]:
        return self.change(job, [item.target for item in items])


_SETTLE = """
UPDATE jobs_item i SET state = s.state, "before" = s."before", "after" = s."after", said = s.said
  FROM unnest(%s::bigint[], %s::text[], %s::jsonb[], %s::jsonb[], %s::jsonb[]) AS s (id, state, "before", "after", said)
 WHERE i.id = s.id
"""


def settle(job: Job, items: Sequence[Item], found: Mapping[int, Outcome]) -> None:
    """Write down what became of rows, and move the job forward in memory."""
    rows = [(item.pk, found[item.target]) for item in items]
    columns = [
        [pk for pk, _ in rows],
        [str(one.state) for _, one in rows],
        [Jsonb(one.before) for _, one in rows],
        [Jsonb(one.after) for _, one in rows],
        [Jsonb(both(one.said)) for _, one in rows],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, cast("list[str]", columns))  # django-stubs does not know arrays
    states = [one.state for _, one in rows]
    job.changed += states.count(Item.State.CHANGED)
    job.same += states.count(Item.State.SAME)
    job.refused += states.count(Item.State.REFUSED)
    job.done += len(items)
    job.cursor = items[-1].target


def both(said: Text | None) -> dict[str, str]:
    """Return a text as it is stored."""
    return {"zh": said.zh, "en": said.en} if said else {}


def kind_of(name: str) -> Kind:
    """Return a kind of job by its key in the table."""
    made = import_string(settings.ZHIKE_JOBS[name])()
    assert isinstance(made, Kind)
    return made


def kinds_with_rows() -> Collection[str]:
    """Return the keys of the kinds that are about rows."""
    return [name for name in settings.ZHIKE_JOBS if isinstance(kind_of(name), Rows)]
