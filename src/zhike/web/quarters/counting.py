"""The count behind a quarter's page: begun when somebody looks, told how far it is, and stopped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from zhike.accounts.policy import can
from zhike.base.clock import now
from zhike.base.errors import current_language
from zhike.classification.actions.quarter_counts import ask_quarter_count, count_quarter
from zhike.classification.models import QuarterCount
from zhike.classification.quarters import quarter_count, wants_count
from zhike.classification.tasks import ask_for, count_quarters
from zhike.customers.models import Customer

if TYPE_CHECKING:
    from datetime import date

    from zhike.accounts.models import User
    from zhike.core.quarters import Quarter
    from zhike.web.request import Request

# So few customers are counted while somebody waits; more are the worker's.
FEW_CUSTOMERS = 5_000
# A worker that is there begins sooner.
PATIENCE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Counting:
    """A count as the page shows it. `is_stale`: what is shown is of another day."""

    count: QuarterCount
    is_stale: bool
    is_late: bool
    problem: str
    may_start: bool
    may_stop: bool


def present_count(request: Request, quarter: Quarter, today: date) -> QuarterCount:
    """Return what was counted of a quarter; where that is not of today it is counted now, or soon."""
    count = quarter_count(request.user, quarter)
    if count is None or wants_count(count, today, request.company.zone):
        return start_count(request.user, quarter)
    return _at_once(count, quarter) if count.is_open else count


def start_count(user: User, quarter: Quarter) -> QuarterCount:
    """Count a quarter at once where customers are few, else have the worker do it."""
    count = _at_once(ask_quarter_count(quarter=quarter, by=user), quarter)
    if count.is_open:
        ask_for(count_quarters)
    return count


def _at_once(count: QuarterCount, quarter: Quarter) -> QuarterCount:
    """Do what waits, if that is little: a page of a small company shows its figures at the first look."""
    if count.is_open and Customer.objects.all()[: FEW_CUSTOMERS + 1].count() <= FEW_CUSTOMERS:
        count_quarter(quarter, wait=True)
        count.refresh_from_db()
    return count


def read_counting(user: User, count: QuarterCount, today: date) -> Counting:
    """Return a count for the screen."""
    is_fresh = count.state == count.State.DONE and count.as_of == today
    is_leader = can(user, "change", QuarterCount)
    return Counting(
        count=count,
        is_stale=bool(count.version) and count.as_of != today,
        is_late=count.state == count.State.WAITING and now() - count.asked_at > PATIENCE,
        problem=str(count.problem.get(current_language(), "")),
        may_start=not count.is_open and (is_leader if is_fresh else can(user, "create", QuarterCount)),
        may_stop=count.is_open and is_leader,
    )
