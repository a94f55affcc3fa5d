"""Who hears of what is late: the owner, who leads them, who leads those."""

from __future__ import annotations

from zhike.accounts.models import Role, User
from zhike.accounts.roles import team_leaders

LADDER = 3


def chain(owner: User | None) -> list[list[int]]:
    """Return who hears of it, step by step: the owner, who leads them, who leads those; each person once.

    What nobody owns is told to the administrators at once, and so is what has no leader, when its turn comes.
    """
    admins = list(User.objects.filter(role=Role.ADMIN, is_active=True).order_by("pk").values_list("pk", flat=True))
    if owner is None or not owner.is_active:
        return [admins, [], []]
    steps, known = [[owner.pk]], {owner.pk}
    team = owner.team
    while team is not None and len(steps) < LADDER:
        leaders = [pk for pk in _leaders(team.pk, team.leader_id) if pk not in known]
        if leaders:
            steps.append(leaders)
            known.update(leaders)
        team = team.parent
    if len(steps) < LADDER:
        steps.append([pk for pk in admins if pk not in known])
    return [*steps, [], []][:LADDER]


def _leaders(team: int, leader: int | None) -> list[int]:
    """Return who leads a team: whoever is named, else those of it whose role reaches the others."""
    people = User.objects.filter(is_active=True).order_by("pk")
    people = people.filter(pk=leader) if leader else people.filter(team=team, role__in=team_leaders())
    return list(people.values_list("pk", flat=True))
