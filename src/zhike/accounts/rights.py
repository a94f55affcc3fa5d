"""What a right is made of: whose records, how much of a field, and all rights of a role together."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum


class Scope(IntEnum):
    """Whose records a right reaches; the greater holds the smaller."""

    OWN = 1
    TEAM = 2
    TREE = 3  # the team and those below it
    ALL = 4

    @property
    def key(self) -> str:
        return self.name.lower()


class Access(IntEnum):
    """How much of a field a person has; the greater holds the smaller."""

    HIDDEN = 0
    MASKED = 1
    READ = 2
    WRITE = 3

    @property
    def key(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Rights:
    """(verb, model label) → whose; (model label, field) → how much, where that is less than the verbs would give."""

    scopes: dict[tuple[str, str], Scope] = field(default_factory=dict)
    fields: dict[tuple[str, str], Access] = field(default_factory=dict)

    def scope(self, verb: str, label: str) -> Scope | None:
        return self.scopes.get((verb, label))

    def covers(self, other: Rights) -> bool:
        """Say whether nobody with `other` could do or read more than somebody with these rights."""
        named = {*self.fields, *other.fields}
        return all(self.scopes.get(key, 0) >= scope for key, scope in other.scopes.items()) and all(
            self.fields.get(key, Access.WRITE) >= other.fields.get(key, Access.WRITE) for key in named
        )
