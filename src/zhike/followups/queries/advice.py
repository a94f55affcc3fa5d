"""Reads of advice: what rests, what was learned, and what customers of a class buy together."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from zhike.base.clock import now
from zhike.core.affinity import Baskets
from zhike.core.next_action import LEARNED_DAYS, Verdicts
from zhike.followups.models import Advice, ProductPairs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from zhike.customers.models import Customer

# The dimension by which customers are alike: the first of these that the rules tell.
ALIKE = ("segment", "type", "value", "status")


def resting(customer: Customer, day: date) -> list[tuple[str, str]]:
    """Return the kinds and subjects that were dismissed for a customer and may not come back yet."""
    rows = Advice.objects.filter(customer=customer, rests_until__gt=day)
    return list(rows.values_list("kind", "subject").distinct())


def learned(dimension: str, class_key: str) -> dict[str, Verdicts]:
    """Return kind → how often it was accepted and dismissed for customers of a class, in the half year before now."""
    rows = Advice.objects.filter(dimension=dimension, class_key=class_key, at__gte=now() - timedelta(days=LEARNED_DAYS))
    counted = (
        rows.order_by()
        .values_list("kind")
        .annotate(yes=Count("pk", filter=Q(accepted=True)), no=Count("pk", filter=Q(accepted=False)))
    )
    return {kind: Verdicts(yes, no) for kind, yes, no in counted}


def pairs_of(dimension: str, class_key: str) -> tuple[Baskets, Mapping[str, int]] | None:
    """Return what customers of a class bought together, with the mean order of each product; None before it was counted."""
    found = ProductPairs.objects.filter(dimension=dimension, class_key=class_key).first()
    if found is None:
        return None
    pairs = {(one, other): size for one, other, size in found.pairs}
    return Baskets(found.everyone, found.buyers, pairs), found.amounts
