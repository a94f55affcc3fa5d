"""Reads: the company and the people."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Exists, OuterRef, Q

from zhike.accounts.models import Authenticator, Company, Passkey, Role, Share, User
from zhike.accounts.policy import Ground, grounds, rights_of, rights_of_roles
from zhike.accounts.reach import reach_of, reach_to
from zhike.accounts.rights import Scope
from zhike.base.clock import now

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from django.db.models import Model, QuerySet


def company() -> Company:
    """Return the company; before it is set up, one with the defaults."""
    return Company.objects.filter(pk=1).first() or Company(pk=1, name="")


def company_zone() -> ZoneInfo:
    return company().zone


def colleagues() -> QuerySet[User]:
    """Return everybody who works here, by name: whom a record may name as its consultant, say."""
    return User.objects.filter(is_active=True).order_by("name", "pk")


def near(user: User) -> tuple[int, ...]:
    """Return who works with this person: those of their teams and of the teams below."""
    return reach_of(user).tree


def assignable_owners(user: User) -> QuerySet[User]:
    """Return the people to whom `user` may give a customer, by name."""
    people = User.objects.filter(is_active=True).order_by("name", "pk")
    scope = rights_of(user).scope("assign", "customers.Customer") or Scope.OWN
    return people if scope is Scope.ALL else people.filter(pk__in=reach_of(user).people(scope))


def assignable_roles(user: User) -> list[tuple[str, str]]:
    """Return the roles that `user` may give to a colleague, with what they are called: none that exceeds their own."""
    if rights_of(user).scope("change", "accounts.User") is None:
        return []
    roles = list(Role.objects.all())
    rights = rights_of_roles([role.key for role in roles])
    return [(role.key, str(role)) for role in roles if rights_of(user).covers(rights[role.key])]


def with_second_factor(people: QuerySet[User]) -> QuerySet[User]:
    """Say of each, as `is_guarded`, whether more than the password is asked for."""
    apps = Authenticator.objects.filter(user=OuterRef("pk"), confirmed_at__isnull=False)
    return people.annotate(is_guarded=Exists(apps) | Exists(Passkey.objects.filter(user=OuterRef("pk"))))


def standing_shares(row: Model) -> QuerySet[Share]:
    """Return with whom a record is shared at this moment, the latest first."""
    rows = Share.objects.filter(object=row._meta.label, row=row.pk, ended_at=None)
    rows = rows.filter(Q(ends_at=None) | Q(ends_at__gt=now()))
    return rows.select_related("user", "team", "by").order_by("-created_at", "-pk")


class Seer(NamedTuple):
    """Somebody who sees a customer, and by which right."""

    user: User
    grounds: list[Ground]


def who_sees(customer: Model, owner: int | None) -> list[Seer]:
    """Return everybody who sees a customer, with why: those nearest to it first. A few questions for any number."""
    people = list(User.objects.filter(is_active=True).select_related("role", "team").order_by("name", "pk"))
    reaches = reach_to(people, row=customer.pk, owner=owner)
    rights = rights_of_roles({person.role_key for person in people})
    found = []
    for person in people:
        person.__dict__["_rights"] = rights[person.role_key]
        why = grounds(person, "view", customer, owner_id=owner, reach=reaches[person.pk])
        if why:
            found.append(Seer(person, why))
    order = ["owner", "share", "territory", "team", "tree", "all"]
    return sorted(found, key=lambda seer: order.index(seer.grounds[0].kind))
