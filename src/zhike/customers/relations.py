"""Reads: what customers are to one another. Of a relation both ends must be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from zhike.accounts.policy import visible
from zhike.customers.models import Customer, Relation

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from zhike.accounts.models import User


def relations(user: User) -> QuerySet[Relation]:
    """Return the relations of which `user` sees both ends."""
    return visible(user, Relation).filter(other__in=visible(user, Customer))


def relations_of(user: User, customer: int) -> list[Relation]:
    """Return those of one customer, from whichever end they are told."""
    rows = relations(user).filter(Q(customer=customer) | Q(other=customer))
    return list(rows.select_related("customer", "other").order_by("kind", "pk"))
