"""Writes of the tree of teams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from zhike.accounts.models import Team
from zhike.accounts.policy import require
from zhike.audit.actions import record
from zhike.base.errors import Conflict
from zhike.base.inputs import Invalid, line

if TYPE_CHECKING:
    from zhike.accounts.models import User


@transaction.atomic
def change_team(*, team: Team, by: User | None, name: str, parent: Team | None, leader: User | None) -> Team:
    """Rename a team, hang it below another, and say who leads it."""
    if by is not None:
        require(by, "change", Team)
    rows = {row.pk: row for row in Team.objects.select_for_update()}  # all: two moves at once could make a circle
    found = rows[team.pk]
    given = {"name": line(name, "name", 100, required=True), "parent_id": parent.pk if parent else None}
    given["leader_id"] = leader.pk if leader else None
    if Team.objects.filter(name=given["name"]).exclude(pk=found.pk).exists():
        raise Conflict(f"已经有团队叫「{given['name']}」", f"there is a team {given['name']} already", path="name")
    _check_above(found, parent.pk if parent else None, rows)
    before = {name: getattr(found, name) for name, value in given.items() if getattr(found, name) != value}
    if not before:
        return found
    for column, value in given.items():
        setattr(found, column, value)
    found.save(update_fields=["name", "parent", "leader"])
    after = {name: given[name] for name in before}
    record("team.changed", by=by, subject=found, data={"fields": sorted(before), "before": before, "after": after})
    return found


def _check_above(team: Team, parent: int | None, rows: dict[int, Team]) -> None:
    above = parent
    while above is not None:
        if above == team.pk:
            raise Invalid("团队不能放到自己的下级里", "a team cannot hang below itself", path="parent")
        above = rows[above].parent_id
