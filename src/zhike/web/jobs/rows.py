"""Jobs as people read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from zhike.accounts.policy import visible
from zhike.base.clock import now
from zhike.base.errors import current_language
from zhike.customers.models import Customer
from zhike.jobs.actions.jobs import is_undoable
from zhike.jobs.kinds import kind_of
from zhike.jobs.queries import refused_items

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zhike.accounts.models import User
    from zhike.jobs.models import Item, Job

# A worker that is there begins sooner.
PATIENCE = timedelta(minutes=2)
# Beyond this nobody looks at each of them.
MOST_REFUSED = 200


@dataclass(frozen=True, slots=True)
class Line:
    """A job with what people call it and what came of it."""

    job: Job
    icon: str
    label: str
    said: str
    has_file: bool

    @property
    def is_late(self) -> bool:
        return self.job.state == self.job.State.QUEUED and now() - self.job.created_at > PATIENCE


@dataclass(frozen=True, slots=True)
class Refusal:
    """Customers who stayed as they were for the same reason; those whom the person sees by name."""

    said: str
    customers: Sequence[Customer]
    others: int

    @property
    def size(self) -> int:
        return len(self.customers) + self.others


def line(job: Job) -> Line:
    language = current_language()
    kind = kind_of(job.kind)
    has_file = bool(job.file) and job.expires_at is not None and job.expires_at > now()
    return Line(job, kind.icon, kind.label(job).get(language), str(job.said.get(language, "")), has_file)


def may_undo(job: Job) -> bool:
    return is_undoable(job) and not job.undone_by.filter(state__in=job.OPEN).exists()


def refusals(user: User, job: Job) -> list[Refusal]:
    """Return who stayed as they were, by reason."""
    language = current_language()
    items = list(refused_items(user, job).order_by("target")[:MOST_REFUSED])
    wanted = visible(user, Customer).filter(pk__in=[item.target for item in items]).only("name")
    known: Mapping[int, Customer] = {customer.pk: customer for customer in wanted}

    def said(item: Item) -> str:
        return str(item.said.get(language, ""))

    found = []
    for reason, group in groupby(sorted(items, key=said), said):
        targets = [item.target for item in group]
        seen = [known[target] for target in targets if target in known]
        found.append(Refusal(reason, seen, len(targets) - len(seen)))
    return found
