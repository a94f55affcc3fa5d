"""Writes of territories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from zhike.accounts.models import Territory
from zhike.accounts.policy import require
from zhike.accounts.removals import on_territory, require_place
from zhike.audit.actions import record
from zhike.base.errors import Conflict
from zhike.base.inputs import Invalid, line
from zhike.core.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zhike.accounts.models import Team, User

MOST_VALUES = 200
_BOUNDS = ("regions", "cities", "industries")


@transaction.atomic
def set_territory(
    *,
    territory: Territory | None,
    by: User,
    name: str,
    bounds: dict[str, list[str]],
    users: Iterable[User],
    teams: Iterable[Team],
) -> Territory:
    """Make a territory, or say anew what it holds (`regions`, `cities`, `industries`) and who has it."""
    require(by, "change" if territory else "create", Territory)
    found = Territory.objects.select_for_update().get(pk=territory.pk) if territory else Territory()
    found.name = line(name, "name", 100, required=True)
    if Territory.objects.filter(name=found.name).exclude(pk=found.pk).exists():
        raise Conflict(f"已经有辖区叫「{found.name}」", f"there is a territory {found.name} already", path="name")
    for column in _BOUNDS:
        setattr(found, column, _values(bounds.get(column, []), column))
    if not any(getattr(found, column) for column in _BOUNDS):
        raise Invalid("至少写一个区域、城市或行业", "name at least one region, city or industry", path="regions")
    found.save()
    found.users.set(users)
    found.teams.set(teams)
    data = {"key": str(found.pk), "fields": [*_BOUNDS, "users", "teams"]}
    record("territory.changed", by=by, subject=("accounts.Territory", found.pk), data=data)
    return found


@transaction.atomic
def remove_territory(*, territory: Territory, by: User, to: Territory | None = None) -> None:
    """Take a territory away; whoever has it gets `to` in its place. Nobody has it: it just goes."""
    require(by, "delete", Territory)
    if to is not None:
        require(by, "change", Territory)
    found = Territory.objects.select_for_update().get(pk=territory.pk)
    if to is not None and to.pk == found.pk:
        raise Invalid("选另一个辖区", "choose another territory", path="to")
    hanging = on_territory(found)
    require_place(hanging, is_named=to is not None)
    if to is not None:
        to.users.add(*found.users.all())
        to.teams.add(*found.teams.all())
        gained = {"key": str(to.pk), "fields": ["users", "teams"]}
        record("territory.changed", by=by, subject=("accounts.Territory", to.pk), data=gained)
    data = {"name": found.name, "to": to.pk if to else None, "counts": hanging.counts()}
    record("territory.removed", by=by, subject=("accounts.Territory", found.pk), data=data)
    found.delete()


def _values(given: list[str], field: str) -> list[str]:
    """Return the values as the columns of customers are compared."""
    values = sorted({fold(line(value, field, Territory.TEXT_MAX)) for value in given} - {""})
    if len(values) > MOST_VALUES:
        raise Invalid(f"最多 {MOST_VALUES} 个", f"at most {MOST_VALUES}", path=field)
    return values
