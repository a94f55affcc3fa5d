"""Reads: what customers are to one another. Of a relation both ends must be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext

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


def words_of(kind: str, *, is_first: bool) -> str:
    """Say what the other one is, from where one of the two stands: the first, or the other."""
    match kind:
        case Relation.Kind.SUPPLIER:
            return gettext("采购方") if is_first else gettext("供应商")
        case Relation.Kind.REFERRER:
            return gettext("由这位介绍来") if is_first else gettext("介绍人")
        case _:
            return gettext("合作伙伴")
