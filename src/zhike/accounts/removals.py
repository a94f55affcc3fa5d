"""What hangs on a team, a role or a territory, and so has to go somewhere before it can be removed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import PROTECT, ManyToOneRel, Q

from zhike.accounts.models import Invitation, Role, Share, Team, Territory, User
from zhike.base.clock import now
from zhike.base.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

_OWN = frozenset({User, Invitation, Team})


@dataclass(frozen=True, slots=True)
class Hanging:
    """How much goes to another one (`people`, `invitations`, `teams`, `others`), and how much ends.

    `others` are what other parts of the program keep with a team, by model. A share and the
    reach of a territory end: handed on, they would open customers to people for whom nobody meant them.
    """

    people: int = 0
    invitations: int = 0
    teams: int = 0
    others: Mapping[str, int] | None = None
    below: int = 0
    shares: int = 0
    territories: int = 0

    def __bool__(self) -> bool:
        return bool(self.people or self.invitations or self.teams or self.others)

    def counts(self) -> dict[str, int]:
        """Return what there is, as the log keeps it."""
        found = {
            "people": self.people,
            "invitations": self.invitations,
            "teams": self.teams,
            "others": sum((self.others or {}).values()),
            "below": self.below,
            "shares": self.shares,
            "territories": self.territories,
        }
        return {name: count for name, count in found.items() if count}


def on_team(team: Team) -> Hanging:
    """Return what hangs on a team. The teams below it move up to where it hung."""
    others: dict[str, int] = {}
    for relation in kept_with(Team):
        if count := relation.related_model._default_manager.filter(**{relation.field.name: team}).count():
            others[relation.related_model._meta.label] = count
    return Hanging(
        people=team.members.count(),
        invitations=Invitation.objects.filter(team=team).count(),
        others=others,
        below=team.below.count(),
        shares=shares_of(team).count(),
        territories=team.territories.count(),
    )


def on_role(role: Role) -> Hanging:
    return Hanging(people=role.users.count(), invitations=Invitation.objects.filter(role=role).count())


def on_territory(territory: Territory) -> Hanging:
    return Hanging(people=territory.users.count(), teams=territory.teams.count())


def shares_of(team: Team) -> QuerySet[Share]:
    """Return the shares with a team that stand."""
    return Share.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now()), team=team, ended_at=None)


def kept_with(model: type[Team]) -> list[ManyToOneRel]:
    """Return what else points at it and stands in the way: models of apps that this one does not know."""
    return [
        relation
        for relation in model._meta.get_fields(include_hidden=True)
        if isinstance(relation, ManyToOneRel) and relation.on_delete is PROTECT and relation.related_model not in _OWN
    ]


def require_place(hanging: Hanging, *, is_named: bool) -> None:
    """Refuse to remove what something hangs on, unless another one was named for it."""
    if hanging and not is_named:
        raise Conflict(
            "还有人或别的东西挂在这里，先选好交给哪一个",
            "people or other things still hang on it: choose which one takes them over",
            path="to",
        )
