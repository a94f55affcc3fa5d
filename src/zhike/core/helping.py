"""Who of a team needs help, and why: bounds that are ours, told beside each name.

- behind: at least five things overdue (tasks and days of contact), and more than twice what is overdue in the middle
  of the team.
- broken: a first answer that was promised has not been given yet.
- late: of at least five tasks that were due in thirty days less than 60 % were done in time.
- full: more customers than the person can take on.
- away: away today without a stand-in while something is overdue.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_OVERDUE, TIMES_MEDIAN = 5, 2
LEAST_DUE, LOW_SHARE = 5, 60


class Trouble(StrEnum):
    """Why somebody needs help, the weightiest first."""

    BROKEN = "broken"
    BEHIND = "behind"
    AWAY = "away"
    LATE = "late"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Work:
    """What a person has. `kept` of `due` tasks were done in time; `most` customers at most, None without a limit."""

    overdue: int
    broken: int
    due: int
    kept: int
    customers: int
    most: int | None
    is_away: bool
    has_stand_in: bool

    @property
    def share(self) -> int | None:
        """Return how many per cent were done in time; None where nothing was due."""
        return round(100 * self.kept / self.due) if self.due else None


def troubles(team: Sequence[Work]) -> list[list[Trouble]]:
    """Return for each person of a team why they need help, empty where they do not."""
    middle = median(work.overdue for work in team) if team else 0
    return [list(_of(work, middle)) for work in team]


def _of(work: Work, middle: float) -> list[Trouble]:
    found = {
        Trouble.BROKEN: work.broken > 0,
        Trouble.BEHIND: work.overdue >= LEAST_OVERDUE and work.overdue > TIMES_MEDIAN * middle,
        Trouble.AWAY: work.is_away and not work.has_stand_in and work.overdue > 0,
        Trouble.LATE: work.due >= LEAST_DUE and (work.share or 0) < LOW_SHARE,
        Trouble.FULL: work.most is not None and work.customers > work.most,
    }
    return [trouble for trouble, holds in found.items() if holds]
