"""Writes of what a person wants at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from zhike.accounts.policy import require
from zhike.base.inputs import Invalid
from zhike.customers.models import Customer, Favourite

if TYPE_CHECKING:
    from zhike.accounts.models import User

MOST = 500


@transaction.atomic
def star(*, customer: Customer, by: User, starred: bool) -> None:
    """Keep a customer at hand, or no longer. Nobody else sees it, and the record does not change."""
    require(by, "view", customer)
    if not starred:
        Favourite.objects.filter(user=by, customer=customer).delete()
        return
    if Favourite.objects.filter(user=by).count() >= MOST:
        raise Invalid(f"最多收藏 {MOST} 位客户", f"at most {MOST} favourites")
    Favourite.objects.get_or_create(user=by, customer=customer)
