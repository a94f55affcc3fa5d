"""The history strip of a dimension: which class from when to when, drawn to scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhike.classification.queries import class_history
from zhike.web.chips import class_chip

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from zhike.accounts.models import User
    from zhike.base.chips import Chip
    from zhike.core.schemes import Scheme
    from zhike.core.text import Language

MOST_SEGMENTS = 4
# A class of a few days must still be wide enough to be read.
LEAST_SHARE = 18


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of time in one class; `share` in per cent of the strip, `by` whoever set it by hand."""

    chip: Chip
    start: date
    share: int
    by: str = ""


def ribbon(user: User, customer: int, scheme: Scheme, until: date, language: Language) -> Sequence[Segment]:
    """Return the last classes of the customer in this dimension up to a day, oldest first."""
    found = [s for s in class_history(user, customer, scheme.dimension) if s.since <= until]
    stretches = found[-MOST_SEGMENTS:]
    if not stretches:
        return []
    whole = max((until - stretches[0].since).days, 1)
    return [
        Segment(
            class_chip(scheme, stretch.class_key, language),
            stretch.since,
            max(LEAST_SHARE, round(100 * (min(stretch.until or until, until) - stretch.since).days / whole)),
            stretch.by,
        )
        for stretch in stretches
    ]
