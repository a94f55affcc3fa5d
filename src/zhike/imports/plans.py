"""What is to be done with a file: which column is what, what its words mean, whom its rows are about.

A plan is kept as data, so that the next file of the same columns begins with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Mapping


class OnMatch(StrEnum):
    """What becomes of a row whose customer is there already."""

    UPDATE = "update"
    FILL = "fill"
    SKIP = "skip"
    REVIEW = "review"


class Mode(StrEnum):
    """How a column meets a value that is there: as the plan says, only where there is none, or in its place."""

    USUAL = ""
    FILL = "fill"
    OVERWRITE = "overwrite"


# What rows are matched by, the most certain first.
MATCHES = ("id", "credit_code", "phone", "email", "name")
# Leads a target that makes a field of the company's own: `new:text`.
NEW = "new:"
OWN = "custom."
# What a word of a choice becomes that the field does not have yet.
ADDED = "+"


class Use(NamedTuple):
    """What a column is for. An empty `to` is a column that is passed over."""

    to: str = ""
    mode: str = Mode.USUAL


UNUSED = Use()


@dataclass(frozen=True, slots=True)
class Plan:
    """`values`: column → word of the file → key of the choice, empty for none, `ADDED` for a new one. `order`: of day and month.

    `owner` says whose the new ones are of whom the file says nothing: ``me`` or nobody's. For events `kind` is that
    of rows without one, `unit` what amounts count, `source` what their keys are unique in, `unknown` whether customers nobody knows are made. `made` are the own
    fields that were made for this file.
    """

    what: str = "customers"
    uses: Mapping[str, Use] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    match: tuple[str, ...] = ()
    on_match: str = OnMatch.UPDATE
    owner: str = ""
    order: str = "ymd"
    kind: str = ""
    unit: str = "major"
    currency: str = ""
    source: str = ""
    unknown: bool = False
    preset: str = ""
    made: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        return {
            "what": self.what,
            "uses": {column: list(use) for column, use in self.uses.items() if use.to},
            "values": {column: dict(words) for column, words in self.values.items() if words},
            "match": list(self.match),
            "on_match": self.on_match,
            "owner": self.owner,
            "order": self.order,
            "kind": self.kind,
            "unit": self.unit,
            "currency": self.currency,
            "source": self.source,
            "unknown": self.unknown,
            "preset": self.preset,
            "made": list(self.made),
        }

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """Read a plan as it is kept."""
        known = {name: data[name] for name in cls.__slots__ if name in data}
        known["uses"] = {column: Use(*use) for column, use in data.get("uses", {}).items()}
        known["match"], known["made"] = tuple(data.get("match", ())), tuple(data.get("made", ()))
        return cls(**known)

    def column_of(self, target: str) -> str:
        """Return the column that is for a target, or nothing."""
        return next((column for column, use in self.uses.items() if use.to == target), "")

    def targets(self) -> set[str]:
        return {use.to for use in self.uses.values() if use.to}

    def with_uses(self, uses: Mapping[str, Use]) -> Plan:
        return replace(self, uses=dict(uses))
