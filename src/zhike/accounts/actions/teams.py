"""Writes of the tree of teams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from zhike.accounts.actions.people import change_person
from zhike.accounts.models import Invitation, Team
from zhike.accounts.policy import require
from zhike.accounts.removals import kept_with, on_team, require_place, shares_of
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


@transaction.atomic
def remove_team(*, team: Team, by: User, to: Team | None = None) -> None:
    """Take a team away; `to` takes over its people and whatever else was kept with it.

    The teams below hang where it hung. Shares with it and its part in territories end.
    """
    require(by, "delete", Team)
    rows = {row.pk: row for row in Team.objects.select_for_update()}
    found = rows[team.pk]
    if to is not None and (to.pk == found.pk or to.pk not in rows):
        raise Invalid("选另一个团队", "choose another team", path="to")
    hanging = on_team(found)
    require_place(hanging, is_named=to is not None)
    for person in found.members.select_related("role"):
        # Whoever takes people into another team decides what they see.
        change_person(user=person, by=by, name=person.name, role=person.role_key, team=to)
    Invitation.objects.filter(team=found).update(team=to)
    for relation in kept_with(Team):
        relation.related_model._default_manager.filter(**{relation.field.name: found}).update(
            **{relation.field.name: to}
        )
    found.below.update(parent=found.parent_id)
    for share in shares_of(found):
        record("share.ended", by=by, subject=(share.object, share.row), data={"team": found.pk})
    data = {"name": found.name, "to": to.pk if to else None, "counts": hanging.counts()}
    record("team.removed", by=by, subject=found, data=data)
    found.delete()


def _check_above(team: Team, parent: int | None, rows: dict[int, Team]) -> None:
    above = parent
    while above is not None:
        if above == team.pk:
            raise Invalid("团队不能放到自己的下级里", "a team cannot hang below itself", path="parent")
        above = rows[above].parent_id
