"""Reads: the company and the people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from zhike.accounts.models import Company, Role, User

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from django.db.models import QuerySet


def company() -> Company:
    """Return the company; before it is set up, one with the defaults."""
    return Company.objects.filter(pk=1).first() or Company(pk=1, name="")


def company_zone() -> ZoneInfo:
    return company().zone


def colleagues() -> QuerySet[User]:
    """Return everybody who works here, by name: whom a record may name as its consultant, say."""
    return User.objects.filter(is_active=True).order_by("name", "pk")


def assignable_owners(user: User) -> QuerySet[User]:
    """Return the people to whom `user` may give a customer, by name."""
    people = User.objects.filter(is_active=True).order_by("name", "pk")
    if user.role == Role.ADMIN:
        return people
    if user.role == Role.MANAGER and user.team_id is not None:
        return people.filter(Q(pk=user.pk) | Q(team=user.team_id))
    return people.filter(pk=user.pk)
