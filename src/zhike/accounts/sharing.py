"""Rows that a person keeps or shares: for oneself, with the team, with everybody.

Such a row has an `owner`, a `reach` and the `team` that it was shared with. What somebody keeps for
themselves nobody else sees, whatever their role. `accounts.policy` asks here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhike.accounts.rights import Scope

if TYPE_CHECKING:
    from zhike.accounts.models import User


class Reach(models.TextChoices):
    MINE = "mine", _("只有我")
    TEAM = "team", _("本组")
    EVERYONE = "everyone", _("所有人")


# Models whose rows are shared one by one.
SHARED_ROWS = frozenset({"classification.SavedView"})


class Shared(Protocol):
    """What such a row must have."""

    owner_id: int
    reach: str
    team_id: int | None


def shared_with(user: User, publishes: Scope | None) -> Q:
    """Keep the rows that this person sees. `publishes` is for whom they may share rows with everybody."""
    seen = Q(owner=user.pk) | Q(reach=Reach.EVERYONE)
    if publishes is Scope.ALL:
        return seen | Q(reach=Reach.TEAM)
    return seen | Q(reach=Reach.TEAM, team=user.team_id) if user.team_id is not None else seen


def may_change_shared(user: User, row: Shared, publishes: Scope | None) -> bool:
    """Say whether a person who sees a row may change it: its owner, and who leads those it is shared with."""
    if row.owner_id == user.pk:
        return True
    if row.reach == Reach.MINE:
        return False
    leads = publishes is not None and row.reach == Reach.TEAM and row.team_id == user.team_id
    return publishes is Scope.ALL or leads
