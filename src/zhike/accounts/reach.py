"""Whom and what a person reaches beside themselves: teams, territories, shares.

All of it comes with one query, once for each request, and as literal lists: of people whom it is
given by id the database knows how much they own; of a join it does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Q

from zhike.accounts.rights import Scope
from zhike.base import clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from zhike.accounts.models import User

    type _Line = tuple[str, int, str, list[list[str]]]  # what, id, name or label, bounds

_STATEMENT = """
WITH RECURSIVE mine (who, id) AS (
    SELECT id, team_id FROM accounts_user WHERE id = ANY(%(users)s) AND team_id IS NOT NULL
    UNION SELECT leader_id, id FROM accounts_team WHERE leader_id = ANY(%(users)s)
),
above (who, id) AS (
    SELECT who, id FROM mine
    UNION SELECT a.who, t.parent_id FROM above a JOIN accounts_team t ON t.id = a.id WHERE t.parent_id IS NOT NULL
),
below (who, id) AS (
    SELECT who, id FROM mine UNION SELECT b.who, t.id FROM below b JOIN accounts_team t ON t.parent_id = b.id
)
SELECT m.who, 'team', u.id, '', '[]'::json
  FROM mine m JOIN accounts_user u ON u.team_id = m.id WHERE %(owner)s::bigint IS NULL OR u.id = %(owner)s
UNION ALL
SELECT b.who, 'tree', u.id, '', '[]'
  FROM below b JOIN accounts_user u ON u.team_id = b.id WHERE %(owner)s::bigint IS NULL OR u.id = %(owner)s
UNION ALL
SELECT who, CASE WHEN may_write THEN 'write' ELSE 'read' END, "row", object, '[]'
  FROM (SELECT user_id AS who, s.* FROM accounts_share s WHERE user_id = ANY(%(users)s)
        UNION ALL SELECT a.who, s.* FROM above a JOIN accounts_share s ON s.team_id = a.id) s
 WHERE ended_at IS NULL AND (ends_at IS NULL OR ends_at > %(now)s)
   AND (%(row)s::bigint IS NULL OR "row" = %(row)s)
UNION ALL
SELECT h.who, 'territory', t.id, t.name, json_build_array(t.regions, t.cities, t.industries)
  FROM accounts_territory t
  JOIN (SELECT user_id AS who, territory_id FROM accounts_territory_users WHERE user_id = ANY(%(users)s)
        UNION SELECT a.who, e.territory_id FROM above a JOIN accounts_territory_teams e ON e.team_id = a.id) h
    ON h.territory_id = t.id
ORDER BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Area:
    """A territory as the policy reads it."""

    pk: int
    name: str
    regions: list[str]
    cities: list[str]
    industries: list[str]

    def holds(self, region: str, city: str, industry: str) -> bool:
        placed = not (self.regions or self.cities) or region in self.regions or city in self.cities
        return self.is_bounded and placed and (not self.industries or industry in self.industries)

    @property
    def is_bounded(self) -> bool:
        """One without any bounds holds nobody: it was not filled in yet."""
        return bool(self.regions or self.cities or self.industries)


@dataclass(frozen=True, slots=True)
class Reach:
    """What a person reached when first asked for."""

    user: int
    team: tuple[int, ...]
    tree: tuple[int, ...]
    areas: tuple[Area, ...]
    shared: dict[str, dict[int, bool]]  # model label → id → may be changed

    def people(self, scope: Scope) -> list[int]:
        """Return whose records a scope short of all reaches."""
        match scope:
            case Scope.TEAM:
                return list(self.team)
            case Scope.TREE:
                return list(self.tree)
            case _:
                return [self.user]

    def rows(self, label: str, *, write: bool) -> list[int]:
        """Return the records of this model that were shared, or those that were shared to be changed."""
        return [row for row, may_write in self.shared.get(label, {}).items() if may_write or not write]


def reach_of(user: User) -> Reach:
    """Return what this person reaches, asked for once as long as `user` lives."""
    kept: Reach | None = user.__dict__.get("_reach")
    if kept is None:
        kept = user.__dict__["_reach"] = _read([user.pk])[user.pk]
    return kept


def read_reaches(users: Iterable[User]) -> None:
    """Read at once what each of these people reaches: `reach_of` gives it from then on."""
    unread = {user.pk: user for user in users if "_reach" not in user.__dict__}
    if unread:
        for pk, reach in _read(list(unread)).items():
            unread[pk].__dict__["_reach"] = reach


def reach_to(users: Iterable[User], *, row: int, owner: int | None) -> dict[int, Reach]:
    """Return how far each of these people reaches towards one record alone: all that is needed to say who sees it."""
    return _read([user.pk for user in users], row=row, owner=owner or 0)


def _read(users: list[int], *, row: int | None = None, owner: int | None = None) -> dict[int, Reach]:
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, {"users": users, "now": clock.now(), "row": row, "owner": owner})
        lines: dict[int, list[_Line]] = {pk: [] for pk in users}
        for who, *line in cursor.fetchall():
            lines[who].append(tuple(line))
    return {pk: _reach(pk, found) for pk, found in lines.items()}


def _reach(pk: int, found: Sequence[_Line]) -> Reach:
    team = {pk, *_ids(found, "team")}
    shared: dict[str, dict[int, bool]] = {}
    for what, row, label, _ in found:
        if what in {"read", "write"}:
            rows = shared.setdefault(label, {})
            rows[row] = rows.get(row, False) or what == "write"
    return Reach(
        user=pk,
        team=tuple(sorted(team)),
        tree=tuple(sorted({*team, *_ids(found, "tree")})),
        areas=tuple(Area(row, name, *bounds) for what, row, name, bounds in found if what == "territory"),
        shared=shared,
    )


def _ids(found: Iterable[_Line], what: str) -> list[int]:
    return [pk for kind, pk, _, _ in found if kind == what]


def more_customers(reach: Reach, *, write: bool) -> Q:
    """Return what a person reaches beside the customers of people."""
    more = Q()
    if shared := reach.rows("customers.Customer", write=write):
        more |= Q(pk__in=shared)
    for area in reach.areas:
        if not area.is_bounded:
            continue
        bounds = Q()
        if area.regions or area.cities:
            bounds &= Q(region_folded__in=area.regions) | Q(city_folded__in=area.cities)
        if area.industries:
            bounds &= Q(industry_folded__in=area.industries)
        more |= bounds
    return more
