"""What changed of a record, field by field: worked out, and told in the timeline.

An event of `CHANGE_KINDS` holds the `version` that it made and the `changes`, each with the stored values
before and after. Its `source` is the door through which the change came. So the history knows everything
that was ever there, and what somebody saw who has an old version before them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.accounts.models import User
from zhike.base.clock import now
from zhike.base.doors import Door, way_of
from zhike.customers.actions.giving import tell_given
from zhike.timeline import actions as timeline
from zhike.timeline.kinds import CHANGE_KINDS
from zhike.timeline.models import Event
from zhike.timeline.rows import NewEvent, checked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zhike.customers.models import Contact, Customer

    # Field → [before, after], as it is stored.
    type Changes = dict[str, list[object]]


def changes_between(customer: Customer, columns: Mapping[str, object]) -> Changes:
    """Return what really changes; own fields each by itself."""
    shown = [name for name in columns if name != "custom" and not name.endswith(("_folded", "_state"))]
    pairs = {name: (getattr(customer, name), columns[name]) for name in shown}
    own = columns.get("custom", customer.custom)
    assert isinstance(own, dict)
    pairs |= {f"custom.{key}": (customer.custom.get(key), own.get(key)) for key in {**customer.custom, **own}}
    return {name: [plain(old), plain(new)] for name, (old, new) in pairs.items() if old != new}


def plain(value: object) -> object:
    """Return a value as the history keeps it."""
    match value:
        case User():
            return value.email
        case None | str() | int() | float() | bool() | list() | dict():
            return value
        case _:
            return str(value)


def as_rows(changes: Changes) -> list[dict[str, object]]:
    return [{"field": name, "from": old, "to": new} for name, (old, new) in changes.items()]


def tell_changes(customer: Customer, changes: Changes, by: User | None) -> None:
    """Record what changed of a customer, and place it again. A new owner is an event of its own."""
    source = way_of(by)
    rest = {name: pair for name, pair in changes.items() if name != "owner"}
    if "owner" in changes:
        old, new = changes["owner"]
        data = {"from": old, "to": new, "version": customer.version}
        timeline.record(customer, "owner.changed", by=by, data=data, source=source)
        tell_given([customer.pk])
    if rest:
        data = {"version": customer.version, "changes": as_rows(rest)}
        timeline.record(customer, "customer.updated", by=by, data=data, source=source)


def tell_quietly(customer: Customer, changes: Changes, by: User | None) -> None:
    """Record what no rule reads: nobody is placed again."""
    tell_many([(customer, changes)], by=by)


def tell_many(changed: Iterable[tuple[Customer, Changes]], *, by: User | None, source: Door | None = None) -> None:
    """Record what changed of many customers, whom the caller places again where that is needed."""
    setting = timeline.bulk_setting()
    moment = now()
    rows = [
        checked(
            NewEvent(
                customer_id=customer.pk,
                kind="customer.updated",
                occurred_at=moment,
                actor_id=by.pk if by else None,
                source=source or way_of(by),
                data={"version": customer.version, "changes": as_rows(changes)},
            ),
            setting,
        )
        for customer, changes in changed
    ]
    if rows:
        timeline.copy_events(rows)


def tell_contact(contact: Contact, kind: str, changes: Changes, by: User | None) -> None:
    """Record what became of a person at a customer."""
    data = {"version": contact.version, "name": contact.name, "changes": as_rows(changes)}
    timeline.record(contact.customer, kind, by=by, contact=contact, data=data, source=way_of(by))


def changed_since(customer: Customer, version: int, contact: Contact | None = None) -> list[Event]:
    """Return the events that made the versions after `version`, the oldest first, with who made them."""
    kinds = ("contact.updated",) if contact else ("customer.updated", "owner.changed")
    later = Event.objects.filter(customer=customer, kind__in=kinds, data__version__gt=version)
    if contact is not None:
        later = later.filter(contact=contact)
    return list(later.select_related("actor").order_by("pk"))


def rows_of(event: Event) -> Sequence[Mapping[str, object]]:
    """Return the fields that an event changed, with before and after."""
    if event.kind == "owner.changed":
        return [{"field": "owner", "from": event.data.get("from"), "to": event.data.get("to")}]
    found = event.data.get("changes")
    return found if isinstance(found, list) else []


__all__ = ["CHANGE_KINDS", "Changes", "changed_since", "changes_between", "plain", "rows_of", "tell_changes"]
