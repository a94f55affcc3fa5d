"""Reads of the timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from zhike.accounts.policy import visible
from zhike.base.doors import Door
from zhike.timeline.kinds import CHANGE_KINDS, Group, kinds_of
from zhike.timeline.models import Event

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from zhike.accounts.models import User


def voided() -> QuerySet[Event, int | None]:
    """Return the ids of the events that were taken back."""
    return Event.objects.filter(kind="event.voided", voids__isnull=False).values_list("voids", flat=True)


def changes(user: User, customer_id: int, *, field: str = "") -> QuerySet[Event]:
    """Return what tells of changed fields, newest first; of one field only, where it is named."""
    events = visible(user, Event).filter(customer=customer_id, kind__in=CHANGE_KINDS)
    if field == "owner":
        events = events.filter(Q(kind="owner.changed") | Q(data__changes__contains=[{"field": field}]))
    elif field:
        events = events.filter(data__changes__contains=[{"field": field}])
    return events.select_related("actor").order_by("-day", "-occurred_at", "-pk")


def timeline(user: User, customer_id: int, *, group: Group | None = None) -> QuerySet[Event]:
    """Return the customer's events, newest first, each with `is_voided` and its people."""
    events = visible(user, Event).filter(customer=customer_id).exclude(kind="event.voided")
    # What a log plans stands with the log itself.
    events = events.exclude(kind="customer.updated", source=Door.LOG)
    if group is not None:
        events = events.filter(kind__in=kinds_of(group))
    replaced = Event.objects.filter(voids=OuterRef("pk"), data__has_key="replaced")
    return (
        events.exclude(Exists(replaced))
        .annotate(is_voided=Exists(Event.objects.filter(voids=OuterRef("pk"))))
        .select_related("actor", "contact")
        .order_by("-day", "-occurred_at", "-pk")
    )
