"""Reads: what waits for a person: items to review, new rules to confirm, and of which classes they hear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from zhike.accounts.policy import can, doable, visible
from zhike.base.paging import Count, capped_counts
from zhike.classification.models import (
    Acknowledgement,
    NotificationChoice,
    Override,
    Publication,
    Review,
    Scheme,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from zhike.accounts.models import User
    from zhike.classification.rules import Rulebook
    from zhike.core.schemes import Scheme as Rules


def open_reviews(user: User, *, mine: bool = False) -> QuerySet[Review]:
    """Return what waits for this person to decide, of dimensions in force.

    `mine` are the items of their own customers, and what was found wrong with rules that they answer
    for. Salespeople see the latter only then: it is not theirs to decide.
    """
    in_force = Scheme.objects.filter(current__isnull=False).values("dimension")
    rows = doable(user, "change", Review)
    rows = rows.filter(state=Review.State.OPEN, dimension__in=in_force)
    feedback = Q(kind=Review.Kind.FEEDBACK)
    answered = feedback & Q(dimension__in=_answered_by(user).values("dimension"))
    if mine:
        return rows.filter((Q(customer__owner=user) & ~feedback) | answered)
    return rows if can(user, "answer", Review) else rows.filter(~feedback | answered)


def count_open(user: User, most: int) -> Count:
    """Count what waits for this person themselves, up to `most`: of their customers, and of their rules, each by its index."""
    mine = open_reviews(user, mine=True)
    feedback = Review.Kind.FEEDBACK
    own, asked = capped_counts(
        [mine.filter(customer__owner=user).exclude(kind=feedback), mine.filter(kind=feedback)], most
    )
    size = own.value + asked.value
    return Count(min(size, most), own.capped or asked.capped or size > most)


def _answered_by(user: User) -> QuerySet[Scheme]:
    """Return the dimensions whose rules this person answers for: their own, an administrator's also those of nobody."""
    owned = Q(owner=user)
    if can(user, "publish", Scheme):
        owned |= Q(owner=None) | Q(owner__is_active=False)
    return Scheme.objects.filter(owned)


def open_feedback(user: User, customer: int, dimension: str) -> list[Review]:
    """Return what was found wrong with a class and has not been answered yet."""
    rows = visible(user, Review).filter(customer=customer, dimension=dimension, kind=Review.Kind.FEEDBACK)
    return list(rows.filter(state=Review.State.OPEN).select_related("raised_by").order_by("pk"))


def open_suggestion(user: User, customer: int, dimension: str) -> Review | None:
    """Return the item by which the rules' other class waits for a person."""
    rows = visible(user, Review).filter(customer=customer, dimension=dimension, kind=Review.Kind.SUGGESTION)
    return rows.filter(state=Review.State.OPEN).first()


def overrides_of(user: User, customers: Iterable[int]) -> dict[tuple[int, str], Override]:
    """Return what people hold in place: customer and dimension → override, with its author."""
    rows = visible(user, Override).filter(customer__in=list(customers), ended_at=None).select_related("by")
    return {(row.customer_id, row.dimension): row for row in rows}


def wanted_classes(user: User, rules: Rulebook) -> dict[tuple[str, str], bool]:
    """Return dimension and class → whether this person hears of customers who enter it."""
    chosen = {
        (choice.dimension, choice.class_key): choice.wanted
        for choice in visible(user, NotificationChoice).filter(user=user)
    }
    return {
        (scheme.dimension, class_.key): chosen.get((scheme.dimension, class_.key), is_usual(scheme, class_.key))
        for scheme in rules.schemes
        for class_ in scheme.classes
    }


def is_usual(scheme: Rules, class_key: str) -> bool:
    """Say whether people hear of a class unless they choose otherwise: when the way there may lead up or down."""
    return any(
        scheme.is_demotion(other.key, class_key) or scheme.is_demotion(class_key, other.key) for other in scheme.classes
    )


def unconfirmed(user: User) -> list[Acknowledgement]:
    """Return the publications that moved this person's customers and that they have not confirmed, oldest first."""
    rows = visible(user, Acknowledgement).filter(
        user=user,
        confirmed_at=None,
        publication__state__in=[Publication.State.SETTLING, Publication.State.DONE],
    )
    return list(
        rows.select_related("publication").prefetch_related("publication__versions__scheme").order_by("publication")
    )
