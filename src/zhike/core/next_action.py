"""Which advice comes first, and which does not come back: learned from what people accepted and dismissed.

    weight = strength × 2 × (accepted + 1) ÷ (accepted + dismissed + 2)

`strength` is how well the advice is borne out, from 0 to 1. Accepted and dismissed are counted for the same kind of
advice and the same class, in the half year before; with neither the factor is 1, one that is mostly dismissed sinks towards
0 (Laplace's rule of succession). What was dismissed for a customer rests for as long as the reason says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

LEARNED_DAYS = 180
MOST = 3


class Kind(StrEnum):
    """What is advised: to be in touch, to offer again, to offer something beside or above."""

    CONTACT = "contact"
    AGAIN = "again"
    CROSS = "cross"
    UP = "up"


class Reason(StrEnum):
    """Why somebody dismissed an advice."""

    NOT_NOW = "not_now"
    DONE = "done"
    HAS_IT = "has_it"
    NO_NEED = "no_need"
    TOO_DEAR = "too_dear"
    WRONG = "wrong"


REASONS: Mapping[Reason, Text] = {
    Reason.NOT_NOW: Text("现在不合适", "Not the right moment"),
    Reason.DONE: Text("刚做过了", "Just done"),
    Reason.HAS_IT: Text("客户已经有了", "The customer has it already"),
    Reason.NO_NEED: Text("客户用不上", "The customer has no use for it"),
    Reason.TOO_DEAR: Text("超出预算", "Beyond their budget"),
    Reason.WRONG: Text("说得不对", "It is mistaken"),
}
# For how many days it does not come back.
RESTS: Mapping[Reason, int] = {
    Reason.NOT_NOW: 14,
    Reason.DONE: 30,
    Reason.HAS_IT: 365,
    Reason.NO_NEED: 180,
    Reason.TOO_DEAR: 90,
    Reason.WRONG: 90,
}


class Verdicts(NamedTuple):
    """How often a kind of advice was accepted and dismissed for a class."""

    accepted: int = 0
    dismissed: int = 0

    @property
    def factor(self) -> float:
        return 2 * (self.accepted + 1) / (self.accepted + self.dismissed + 2)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that may be advised. `strength` from 0 to 1."""

    kind: Kind
    subject: str
    strength: float


def ordered(
    candidates: Iterable[Candidate],
    learned: Mapping[str, Verdicts],
    resting: Iterable[tuple[str, str]],
) -> list[Candidate]:
    """Return what to advise, the weightiest first: at most `MOST`, none of those (kind, subject) that rest."""
    rest = set(resting)

    def weight(one: Candidate) -> float:
        return one.strength * learned.get(one.kind, Verdicts()).factor

    kept = [one for one in candidates if (str(one.kind), one.subject) not in rest]
    return sorted(kept, key=lambda one: (-weight(one), one.kind, one.subject))[:MOST]


def rests_until(reason: Reason, day: date) -> date:
    """Return the first day on which what was dismissed on a day may come back."""
    return day + timedelta(days=RESTS[reason])
