"""When a customer is likely to answer: from when they answered before.

A contact of ours (call, visit, message, e-mail) that was answered tells of its hour and weekday: a call or visit that
reached them, or a message or e-mail after which they wrote or called within two days. What they began themselves
tells of its own moment. Hours are told in spans of two, of the company's working hours; each answer counts one, the
weekday and the span with the most win, and less than `LEAST` answers tell nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

LEAST = 3
WITHIN = timedelta(days=2)
SPAN = 2
OPENS, CLOSES = 8, 20
TALKS = frozenset({"call.made", "visit.made"})
WRITTEN = frozenset({"message.sent", "email.sent"})
THEIRS = frozenset(
    {"call.received", "message.received", "email.replied", "email.opened", "form.submitted", "inquiry.received"}
)
# What the quick log says where nobody was reached.
UNREACHED = frozenset({"未接通", "no_answer"})


class Touch(NamedTuple):
    """One contact: its kind, its moment, and what came of it."""

    kind: str
    at: datetime
    result: str = ""


@dataclass(frozen=True, slots=True)
class Habit:
    """The weekday (1 is Monday) and the span of hours in which most answers fell, each with how many of `answers`."""

    weekday: int
    on_weekday: int
    hour: int
    in_hour: int
    answers: int


def answered(touches: Iterable[Touch]) -> list[datetime]:
    """Return the moments at which the customer was reached or reached out."""
    ordered: Sequence[Touch] = sorted(touches, key=lambda touch: touch.at)
    theirs = [touch.at for touch in ordered if touch.kind in THEIRS]
    ours = [touch.at for touch in ordered if was_answered(touch, theirs)]
    return sorted([*theirs, *ours])


def was_answered(touch: Touch, theirs: Iterable[datetime]) -> bool:
    """Say whether a contact of ours reached them, or was followed by one of theirs within two days."""
    if touch.kind in TALKS:
        return touch.result not in UNREACHED
    return touch.kind in WRITTEN and any(touch.at < at <= touch.at + WITHIN for at in theirs)


def habit(touches: Iterable[Touch], zone: ZoneInfo) -> Habit | None:
    """Return when the customer mostly answers, in local time; None while too little is known."""
    local = [at.astimezone(zone) for at in answered(touches)]
    working = [at for at in local if OPENS <= at.hour < CLOSES]
    if len(working) < LEAST:
        return None
    days = Counter(at.isoweekday() for at in working)
    hours = Counter(at.hour - at.hour % SPAN for at in working)
    weekday, on_weekday = min(days.items(), key=lambda one: (-one[1], one[0]))
    hour, in_hour = min(hours.items(), key=lambda one: (-one[1], one[0]))
    return Habit(weekday, on_weekday, hour, in_hour, len(working))
