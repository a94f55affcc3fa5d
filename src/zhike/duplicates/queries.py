"""Reads of merges: what was merged into a customer, and whether it can still be taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from zhike.accounts.policy import visible
from zhike.base.clock import now
from zhike.duplicates.models import Merge

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from zhike.accounts.models import User

# So long a merge can be taken back.
KEPT = timedelta(days=30)


def merges_of(user: User, customer: int) -> QuerySet[Merge]:
    """Return what was merged into a customer, the latest first."""
    return visible(user, Merge).filter(customer=customer).select_related("by", "undone_by").order_by("-at", "-pk")


def undoable(user: User, customer: int) -> QuerySet[Merge]:
    """Return the merges into a customer that can still be taken back."""
    return merges_of(user, customer).filter(undone_at=None, kept__isnull=False, at__gt=now() - KEPT)
