"""Whom and what the numbers in the audit log mean today. What is gone since keeps its number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from zhike.accounts.models import Role, Team, Territory, User

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zhike.core.text import Language

# Which of the names in the data of an entry hold the number of a row.
_HOLDS = {
    "leader_id": "accounts.User",
    "parent": "accounts.Team",
    "parent_id": "accounts.Team",
    "role": "accounts.Role",
    "role_id": "accounts.Role",
    "team": "accounts.Team",
    "team_id": "accounts.Team",
}


@dataclass(frozen=True, slots=True)
class Names:
    """Names by kind of row and number."""

    rows: Mapping[str, Mapping[str, str]]

    @classmethod
    def read(cls, language: Language) -> Self:
        """Read the names of all people, teams, territories and roles: a company has few of them."""
        role = "label_zh" if language == "zh" else "label_en"
        named = {
            "accounts.User": User.objects.values_list("pk", "name"),
            "accounts.Team": Team.objects.values_list("pk", "name"),
            "accounts.Territory": Territory.objects.values_list("pk", "name"),
            "accounts.Role": Role.objects.values_list("key", role),
        }
        return cls({kind: {str(pk): name for pk, name in rows} for kind, rows in named.items()})

    def of(self, kind: str, number: object) -> str:
        """Return the name of a row, or nothing."""
        return self.rows.get(kind, {}).get(str(number), "")

    def held(self, name: str, value: object) -> str:
        """Return the name of the row whose number stands under `name`, or nothing."""
        return self.of(_HOLDS[name], value) if name in _HOLDS else ""
