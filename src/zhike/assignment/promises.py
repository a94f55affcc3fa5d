"""Reads of promises: what each class owes, and how those stand that a person sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, F, Q

from zhike.accounts.policy import visible
from zhike.assignment.models import Promise, PromiseTerms
from zhike.base.clock import now
from zhike.core.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from zhike.accounts.models import User
    from zhike.classification.rules import Rulebook

# The contacts that we make: those that end the time in which nobody has been in touch.
BY_US = METRICS["days_since_contact_made"].kinds
OPEN, BROKEN, LATE, KEPT = "open", "broken", "late", "kept"


def sla_of(rules: Rulebook) -> dict[tuple[str, str], int]:
    """Return dimension and class → within how many hours somebody is in touch; those that promise nothing are left out."""
    return {
        (scheme.dimension, one.key): one.service.sla_hours
        for scheme in rules.schemes
        for one in scheme.classes
        if one.service.sla_hours
    }


def terms() -> PromiseTerms:
    """Return how promises are counted; before anybody has said so, as a new row says."""
    return PromiseTerms.objects.filter(pk=1).first() or PromiseTerms(pk=1)


def promises(user: User, state: str) -> QuerySet[Promise]:
    """Return the promises in a state to customers that this person sees.

    ``open``: time is left. ``broken``: nobody was in touch yet. ``late``: somebody was, after it was due. ``kept``.
    """
    rows = visible(user, Promise)
    waiting = Q(kept_at=None, ended_at=None)
    match state:
        case "broken":
            return rows.filter(waiting, due_at__lte=now())
        case "late":
            return rows.filter(kept_at__gt=F("due_at"))
        case "kept":
            return rows.filter(kept_at__lte=F("due_at"))
        case _:
            return rows.filter(waiting, due_at__gt=now())


def promises_of_people(people: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Return how many promises wait for each of these people, and how many of them are broken."""
    rows = Promise.objects.filter(
        kept_at=None, ended_at=None, customer__owner__in=list(people), customer__deleted_at=None
    )
    counted = (
        rows.order_by()
        .values_list("customer__owner")
        .annotate(all=Count("pk"), broken=Count("pk", filter=Q(due_at__lte=now())))
    )
    return {owner: (size - broken, broken) for owner, size, broken in counted}
