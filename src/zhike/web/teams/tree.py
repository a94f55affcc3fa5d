"""The tree of teams as lines, each as deep as it hangs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from zhike.accounts.models import Team
from zhike.accounts.policy import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zhike.accounts.models import User


@dataclass(frozen=True, slots=True)
class Branch:
    """One team with how deep it hangs and how many people are in it."""

    team: Team
    depth: int
    members: int


def team_tree(user: User) -> list[Branch]:
    """Return all teams, those below under those above, by name."""
    counted = Count("members", filter=Q(members__is_active=True))
    rows = visible(user, Team).select_related("leader").annotate(size=counted).order_by("name", "pk")
    below: dict[int | None, list[Team]] = {}
    for team in rows:
        below.setdefault(team.parent_id, []).append(team)

    def walk(parent: int | None, depth: int) -> Iterator[Branch]:
        for team in below.get(parent, []):
            yield Branch(team, depth, team.size)  # type: ignore[attr-defined]
            yield from walk(team.pk, depth + 1)

    return list(walk(None, 0))
