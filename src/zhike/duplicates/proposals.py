"""Reads: several records side by side, and for each field whose value should remain and why.

Filled comes before empty, verified before unverified, earlier for the days on which something began, else what was
written later. What this person may not read in full is no choice of theirs and is neither shown nor taken away:
the survivor's stays, and where it has none it takes over that of the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from zhike.accounts.policy import field_access
from zhike.customers.actions.changes import plain, rows_of
from zhike.customers.models import Customer, CustomField, PhoneState
from zhike.timeline.models import Event

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from zhike.accounts.models import User

MOST = 5

# In the order in which a page shows them; the company's own fields follow.
FIELDS = (
    "name",
    "kind",
    "owner",
    "phone",
    "email",
    "region",
    "city",
    "industry",
    "size",
    "source",
    "campaign",
    "first_touch_on",
    "first_touch_channel",
    "first_touch_note",
    "birthday",
    "preferences",
    "next_contact_on",
    "created_on",
    "key",
)
# What stands together: the columns that follow a field.
FOLLOWING: Mapping[str, tuple[str, ...]] = {
    "name": ("name_folded", "name_key"),
    "phone": ("phone_state",),
    **{name: (f"{name}_folded",) for name in ("region", "city", "industry", "source")},
}
_EARLIEST = frozenset({"created_on", "first_touch_on"})
_FIRST_TOUCH = frozenset({"first_touch_channel", "first_touch_note"})
# Whose these are is decided by whoever merges, and begins with the survivor's.
_OF_SURVIVOR = frozenset({"owner", "key"})


class Why(StrEnum):
    """Why a value is proposed."""

    SAME = "same"
    ONLY = "only"
    VERIFIED = "verified"
    EARLIER = "earlier"
    NEWER = "newer"
    MAIN = "main"
    TOGETHER = "together"


@dataclass(frozen=True, slots=True)
class Line:
    """One field: customer → what is stored, whose value is proposed and why, and whether this person may choose."""

    field: str
    values: Mapping[int, object]
    winner: int
    why: Why
    is_shown: bool
    is_open: bool

    @property
    def differs(self) -> bool:
        return self.why is not Why.SAME


def propose(user: User | None, customers: Sequence[Customer], survivor: int) -> list[Line]:
    """Return a line for each field that one of these customers has, the survivor named by its id."""
    ours = sorted(customers, key=lambda customer: customer.pk != survivor)
    access = None if user is None else field_access(user, Customer)
    own = list(CustomField.objects.all())
    written = _written(ours)
    lines: list[Line] = []
    winners: dict[str, int] = {}
    for name in [*FIELDS, *(field.name for field in own)]:
        values = {customer.pk: stored(customer, name) for customer in ours}
        if all(_is_empty(value) for value in values.values()):
            continue
        is_read = access is None or access.reads(name)
        is_open = is_read and (access is None or access.writes(name))
        winner, why = _winner(name, ours, values, written, winners) if is_open else _untouched(ours, values)
        winners[name] = winner
        lines.append(Line(name, values, winner, why, is_read, is_open))
    return lines


def stored(customer: Customer, name: str) -> object:
    """Return what a customer has in a field, as the history keeps it."""
    if name.startswith("custom."):
        return customer.custom.get(name.removeprefix("custom."))
    return plain(getattr(customer, name))


def better_survivor(customers: Sequence[Customer]) -> int:
    """Return who should remain: of whom most is known, of equals the one that was there first."""
    return min(customers, key=lambda customer: (-customer.completeness, customer.created_at, customer.pk)).pk


def _untouched(ours: Sequence[Customer], values: Mapping[int, object]) -> tuple[int, Why]:
    """Return the survivor, or the first who has anything where it has nothing."""
    if _all_same(values):
        return ours[0].pk, Why.SAME
    winner = next(customer.pk for customer in ours if not _is_empty(values[customer.pk]))
    return winner, Why.MAIN if winner == ours[0].pk else Why.ONLY


def _winner(
    name: str,
    ours: Sequence[Customer],
    values: Mapping[int, object],
    written: Mapping[tuple[int, str], datetime],
    winners: Mapping[str, int],
) -> tuple[int, Why]:
    if _all_same(values):
        return ours[0].pk, Why.SAME
    filled = [customer for customer in ours if not _is_empty(values[customer.pk])]
    if len({str(values[customer.pk]) for customer in filled}) == 1:
        return filled[0].pk, Why.ONLY
    if name in _OF_SURVIVOR:
        return filled[0].pk, Why.MAIN
    if name in _EARLIEST:
        return min(filled, key=lambda customer: str(values[customer.pk])).pk, Why.EARLIER
    if name in _FIRST_TOUCH and winners.get("first_touch_on") in {customer.pk for customer in filled}:
        return winners["first_touch_on"], Why.TOGETHER
    if name == "phone":
        sure = [customer for customer in filled if customer.phone_state == PhoneState.VALID]
        if sure and len(sure) < len(filled):
            filled = sure
            if len({customer.phone for customer in sure}) == 1:
                return sure[0].pk, Why.VERIFIED
    last = max(filled, key=lambda customer: written.get((customer.pk, name), customer.created_at))
    return last.pk, Why.NEWER


def _written(customers: Sequence[Customer]) -> dict[tuple[int, str], datetime]:
    """Return (customer, field) → when somebody last changed it; one that nobody changed is as old as its record."""
    kinds = ("customer.updated", "owner.changed")
    events = Event.objects.filter(customer__in=[c.pk for c in customers], kind__in=kinds).order_by("pk")
    return {
        (event.customer_id, str(row["field"])): event.occurred_at
        for event in events.iterator()
        for row in rows_of(event)
    }


def _all_same(values: Mapping[int, object]) -> bool:
    return len({str(None if _is_empty(value) else value) for value in values.values()}) == 1


def _is_empty(value: object) -> bool:
    return value in (None, "", [])
