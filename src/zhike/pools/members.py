"""Who belongs to a pool, and what a member may claim: asked by `accounts.policy` and by `assignment`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from zhike.accounts.models import Team, User
from zhike.accounts.policy import can, visible
from zhike.pools.models import Pool, Stay

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet


def offered_to(user: User) -> Exists:
    """Keep the customers who lie in an open pool of this person."""
    pools = pools_of(user).filter(is_closed=False).values("pk")
    return Exists(Stay.objects.filter(customer=OuterRef("pk"), left_at=None, pool__in=pools))


def in_open_pool() -> Exists:
    """Keep the customers whom some people may claim: rules of assignment leave them there unless they say otherwise."""
    return Exists(Stay.objects.filter(customer=OuterRef("pk"), left_at=None, pool__is_closed=False))


def pools_of(user: User) -> QuerySet[Pool]:
    """Return the pools of which this person is a member, by name or by a team."""
    of_person = Pool.users.through.objects.filter(user=user.pk).values("pool")
    of_team = Pool.teams.through.objects.filter(team__in=teams_of(user)).values("pool")
    return visible(user, Pool).filter(Q(pk__in=of_person) | Q(pk__in=of_team))


def pools_seen(user: User) -> QuerySet[Pool]:
    """Return the pools that this person may look at: one's own, for those who set them up all."""
    return visible(user, Pool) if can(user, "change", Pool) else pools_of(user)


def teams_of(user: User) -> list[int]:
    """Return the teams that stand for this person: one's own, those that one leads, and all above them."""
    above = dict(Team.objects.values_list("pk", "parent"))
    led = Team.objects.filter(leader=user.pk).values_list("pk", flat=True)
    found: set[int] = set()
    for team in {*led, *([user.team_id] if user.team_id else [])}:
        at: int | None = team
        while at is not None and at not in found:
            found.add(at)
            at = above.get(at)
    return sorted(found)


def members_of(pool: Pool) -> QuerySet[User]:
    """Return the people who may claim from a pool, by name."""
    teams = _below(pool.teams.values_list("pk", flat=True))
    people = Q(pools=pool) | Q(team__in=teams) | Q(teams_led__in=teams)
    return User.objects.filter(people, is_active=True).distinct().order_by("name", "pk")


def _below(teams: Iterable[int]) -> set[int]:
    found, waiting = set(teams), list(teams)
    below: dict[int | None, list[int]] = {}
    for pk, parent in Team.objects.values_list("pk", "parent"):
        below.setdefault(parent, []).append(pk)
    while waiting:
        new = [pk for pk in below.get(waiting.pop(), ()) if pk not in found]
        found.update(new)
        waiting += new
    return found
