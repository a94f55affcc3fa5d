"""Whom and what a person reaches beside themselves: teams, territories, shares.

All of it comes with one query, once for each request, and as literal lists: of people whom it is
given by id the database knows how much they own; of a join it does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

from zhike.accounts.rights import Scope
from zhike.base import clock

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zhike.accounts.models import User

_STATEMENT = """
WITH RECURSIVE mine (id) AS (
    SELECT team_id FROM accounts_user WHERE id = %(user)s AND team_id IS NOT NULL
    UNION SELECT id FROM accounts_team WHERE leader_id = %(user)s
),
above (id) AS (
    SELECT id FROM mine
    UNION SELECT t.parent_id FROM above a JOIN accounts_team t ON t.id = a.id WHERE t.parent_id IS NOT NULL
),
below (id) AS (
    SELECT id FROM mine UNION SELECT t.id FROM below b JOIN accounts_team t ON t.parent_id = b.id
)
SELECT 'mine', id, '', '[]'::json FROM mine
UNION ALL
SELECT CASE WHEN team_id IN (SELECT id FROM mine) THEN 'team' ELSE 'tree' END, id, '', '[]'
  FROM accounts_user WHERE team_id IN (SELECT id FROM below)
UNION ALL
SELECT CASE WHEN may_write THEN 'write' ELSE 'read' END, "row", object, '[]'
  FROM accounts_share
 WHERE (user_id = %(user)s OR team_id IN (SELECT id FROM above))
   AND ended_at IS NULL AND (ends_at IS NULL OR ends_at > %(now)s)
UNION ALL
SELECT 'territory', id, name, json_build_array(regions, cities, industries)
  FROM accounts_territory t
 WHERE EXISTS (SELECT FROM accounts_territory_users u WHERE u.territory_id = t.id AND u.user_id = %(user)s)
    OR EXISTS (SELECT FROM accounts_territory_teams e
                WHERE e.territory_id = t.id AND e.team_id IN (SELECT id FROM above))
ORDER BY 1, 2
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
    team_ids: frozenset[int]
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
        kept = user.__dict__["_reach"] = _read(user.pk)
    return kept


def _read(pk: int) -> Reach:
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, {"user": pk, "now": clock.now()})
        found = cursor.fetchall()
    team = {pk, *_ids(found, "team")}
    shared: dict[str, dict[int, bool]] = {}
    for what, row, label, _ in found:
        if what in {"read", "write"}:
            rows = shared.setdefault(label, {})
            rows[row] = rows.get(row, False) or what == "write"
    return Reach(
        user=pk,
        team_ids=frozenset(_ids(found, "mine")),
        team=tuple(sorted(team)),
        tree=tuple(sorted({*team, *_ids(found, "tree")})),
        areas=tuple(Area(row, name, *bounds) for what, row, name, bounds in found if what == "territory"),
        shared=shared,
    )


def _ids(found: Iterable[tuple[str, int, str, object]], what: str) -> list[int]:
    return [pk for kind, pk, _, _ in found if kind == what]
