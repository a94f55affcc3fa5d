"""Every lock of pools, in the order in which they are taken: first the person who claims, then customers by id.

Whoever gives a customer away locks the customer too, so that a claim sees what they did or they see the claim.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.accounts.models import User
from zhike.customers.models import Customer
from zhike.pools.models import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet


def lock_claimer(user: User) -> None:
    """Let the claims of one person go one after the other: each counts those before it."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)


def lock_unowned(ids: Iterable[int]) -> set[int]:
    """Lock these customers and return those whom nobody owns once they are locked."""
    rows = Customer.present.filter(pk__in=list(ids), owner=None).order_by("pk")
    return {customer.pk for customer in rows.only("pk").select_for_update(of=("self",), no_key=True)}


def lock_first_unowned(rows: QuerySet[Customer]) -> int | None:
    """Lock the first of these customers whom nobody else has locked: many who want the best each get another one."""
    found = rows.filter(owner=None).only("pk").select_for_update(of=("self",), no_key=True, skip_locked=True).first()
    return found.pk if found else None


def lock_owned(ids: Iterable[int]) -> dict[int, int | None]:
    """Lock these customers and return the owner of each."""
    rows = Customer.present.filter(pk__in=list(ids)).order_by("pk")
    return {one.pk: one.owner_id for one in rows.only("pk", "owner").select_for_update(of=("self",), no_key=True)}


def lock_rule(rule: Rule) -> None:
    """Let one run of a rule at a time tell owners."""
    Rule.objects.select_for_update(no_key=True).get(pk=rule.pk)
