"""Reads: the company and the people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.accounts.models import Company, User
from zhike.accounts.policy import rights_of
from zhike.accounts.reach import reach_of
from zhike.accounts.rights import Scope

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from django.db.models import QuerySet


def company() -> Company:
    """Return the company; before it is set up, one with the defaults."""
    return Company.objects.filter(pk=1).first() or Company(pk=1, name="")


def company_zone() -> ZoneInfo:
    return company().zone


def assignable_owners(user: User) -> QuerySet[User]:
    """Return the people to whom `user` may give a customer, by name."""
    people = User.objects.filter(is_active=True).order_by("name", "pk")
    scope = rights_of(user).scope("assign", "customers.Customer") or Scope.OWN
    return people if scope is Scope.ALL else people.filter(pk__in=reach_of(user).people(scope))
