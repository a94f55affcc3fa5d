"""Reads: what was told of customers' classes in the past."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from zhike.accounts.policy import visible
from zhike.timeline.models import Event

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from zhike.accounts.models import User


def class_changes(user: User) -> QuerySet[Event]:
    """Return the changes of class that this person may see, without those that were taken back."""
    taken_back = Event.objects.filter(voids=OuterRef("pk"))
    return visible(user, Event).filter(kind="class.changed").exclude(Exists(taken_back))
