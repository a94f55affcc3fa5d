"""Reads: the company and the people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from zhike.accounts.models import Authenticator, Company, Passkey, Role, User

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
    if user.role == Role.ADMIN:
        return people
    if user.role == Role.MANAGER and user.team_id is not None:
        return people.filter(Q(pk=user.pk) | Q(team=user.team_id))
    return people.filter(pk=user.pk)


def assignable_roles(user: User) -> list[tuple[str, str]]:
    """Return the roles that `user` may give to a colleague, with what they are called."""
    return [(value, str(label)) for value, label in Role.choices] if user.role == Role.ADMIN else []


def with_second_factor(people: QuerySet[User]) -> QuerySet[User]:
    """Say of each, as `is_guarded`, whether more than the password is asked for."""
    apps = Authenticator.objects.filter(user=OuterRef("pk"), confirmed_at__isnull=False)
    return people.annotate(is_guarded=Exists(apps) | Exists(Passkey.objects.filter(user=OuterRef("pk"))))
