"""Who owned a customer, from when to when, and why it changed: told from the history of the record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhike.accounts.models import User
from zhike.accounts.policy import field_access, visible
from zhike.base.doors import DOORS, Door
from zhike.core.text import Text
from zhike.customers.models import Customer
from zhike.timeline.models import Event

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from zhike.core.text import Language

WAYS: Mapping[str, Text] = {
    "handed_over": Text("交接", "Handed over"),
    "claimed": Text("从公海领取", "Claimed from a pool"),
    "handed_back": Text("退回公海", "Handed back"),
    "given": Text("放入公海", "Put into a pool"),
    "reclaimed": Text("按规则收回公海", "Taken back by a rule"),
}
_BY_HAND = Text("手工", "By hand")
_CREATED = Text("建档", "Record made")
# Ways that a person goes with a form before them: all the same to whoever asks who gave the customer to whom.
_FORMS = frozenset({Door.FORM, Door.INLINE, Door.ANSWER, Door.LOG, ""})
_DOORS = {str(door): said for door, said in DOORS.items()}
MOST = 200


@dataclass(frozen=True, slots=True)
class Tenure:
    """One owner's time, nobody's with an empty `owner`; it lasts while `until` is none.

    `why` is how it began, `by` who brought that about, empty for the program; `beside` what was said with it: the pool,
    the rule, the reason and the words.
    """

    owner: str
    since: datetime
    until: datetime | None
    why: Text
    by: str
    beside: tuple[str, ...]


def by_pool(data: Mapping[str, object], language: Language) -> list[str]:
    """Return what a pool had to do with a change of owners, as the timeline says it beside the reason and the words."""
    way = WAYS.get(str(data.get("way")))
    return (
        []
        if way is None
        else [way.get(language), *(str(data[name]) for name in ("pool", "pool_rule") if data.get(name))]
    )


def owners_of(user: User, customer: Customer) -> list[Tenure]:
    """Return the owners of a customer, the present one first. Nothing for whoever may not read who owns one."""
    if not field_access(user, Customer).reads("owner"):
        return []
    rows = visible(user, Event).filter(customer=customer, kind="owner.changed").select_related("actor")
    changes = list(rows.order_by("-occurred_at", "-pk")[:MOST])[::-1]
    made = visible(user, Event).filter(customer=customer, kind="customer.created").select_related("actor").first()
    names = _names(changes)
    first = customer.owner.name if customer.owner else ""
    if changes:
        before = changes[0].data.get("from")
        first = names.get(before, before or "")
    ends = [change.occurred_at for change in changes]
    began = made.occurred_at if made else customer.created_at
    by = made.actor.name if made is not None and made.actor else ""
    found = [Tenure(first, min([began, *ends[:1]]), ends[0] if ends else None, _CREATED, by, ())]
    for place, change in enumerate(changes):
        to = change.data.get("to")
        until = ends[place + 1] if place + 1 < len(ends) else None
        actor = change.actor.name if change.actor else ""
        found.append(Tenure(names.get(to, to or ""), change.occurred_at, until, _why(change), actor, _beside(change)))
    return found[::-1]


def _names(changes: Sequence[Event]) -> dict[str | None, str]:
    emails = {change.data.get(end) for change in changes for end in ("from", "to")} - {None}
    return dict(User.objects.filter(email__in=emails).values_list("email", "name"))


def _why(change: Event) -> Text:
    way = WAYS.get(str(change.data.get("way")))
    if way is not None:
        return way
    return _BY_HAND if change.source in _FORMS else _DOORS.get(change.source, _BY_HAND)


def _beside(change: Event) -> tuple[str, ...]:
    said = (change.data.get(name) for name in ("pool", "pool_rule", "rule", "reason", "text"))
    return tuple(str(one) for one in said if one)
