"""Any set of customers, placed set-wise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.classification.live import place_customer
from zhike.classification.models import Placement
from zhike.customers.models import Customer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date


def place_customers(
    ids: Sequence[int], *, as_of: date | None = None, progress: Callable[[int, int], None] | None = None
) -> None:
    """Place these customers again."""
    for customer in Customer.objects.filter(pk__in=ids).select_related("owner"):
        place_customer(customer)


def place_everyone(*, as_of: date | None = None, progress: Callable[[int, int], None] | None = None) -> None:
    place_customers(list(Customer.objects.values_list("pk", flat=True)), as_of=as_of, progress=progress)


def leave_dimension(dimension: str) -> None:
    """Take everyone out of a dimension that is no longer in force."""
    Placement.objects.filter(dimension=dimension).delete()
