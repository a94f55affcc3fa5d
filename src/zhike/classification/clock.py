"""Reads: how far the clock has moved the customers, and what it moves next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from django.db.models import Count, Min

from zhike.accounts.policy import visible
from zhike.base.clock import now
from zhike.classification.models import CustomerFacts, Sweep
from zhike.classification.queries import PATIENCE, class_changes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime, timedelta

    from zhike.accounts.models import User

type State = Literal["never", "stopped", "behind", "on_time"]


@dataclass(frozen=True, slots=True)
class ClockState:
    """The last run, who is due now, and the next moment at which somebody is.

    `lag` is how long the one who waits longest has been due. Numbers are of customers that the person sees.
    """

    state: State
    sweep: Sweep | None
    due: int
    lag: timedelta
    next_at: datetime | None
    next_customers: int


def clock_state(user: User) -> ClockState:
    """Return how the clock stands."""
    moment = now()
    sweep = Sweep.objects.filter(pk=1).first()
    facts = visible(user, CustomerFacts)
    due = facts.filter(next_flip_at__lte=moment).aggregate(size=Count("pk"), oldest=Min("next_flip_at"))
    next_at = facts.filter(next_flip_at__gt=moment).aggregate(at=Min("next_flip_at"))["at"]
    lag = moment - (due["oldest"] or moment)
    state: State = "on_time"
    if sweep is None:
        state = "never"
    elif moment - sweep.started_at > PATIENCE:
        state = "stopped"
    elif lag > PATIENCE:
        state = "behind"
    return ClockState(
        state=state,
        sweep=sweep,
        due=due["size"],
        lag=lag,
        next_at=next_at,
        next_customers=facts.filter(next_flip_at=next_at).count() if next_at else 0,
    )


class Movement(NamedTuple):
    """How many entered a class and how many left it."""

    entered: int = 0
    left: int = 0


def movements(user: User, *, since: date, until: date) -> Mapping[str, Mapping[str, Movement]]:
    """Return dimension → class → how many entered and left it on these days, the last included."""
    moves = class_changes(user).filter(day__range=(since, until)).order_by()
    rows = moves.values_list("data__dimension", "data__from", "data__to").annotate(size=Count("pk"))
    found: dict[str, dict[str, Movement]] = {}
    for dimension, old, new, size in rows:
        classes = found.setdefault(dimension, {})
        entered, left = classes.get(new, Movement())
        classes[new] = Movement(entered + size, left)
        entered, left = classes.get(old, Movement())
        classes[old] = Movement(entered, left + size)
    return found
