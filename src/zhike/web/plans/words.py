"""What a change of class has altered of a plan, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zhike.base.errors import current_language
from zhike.classification.rules import rulebook
from zhike.followups.words import altered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zhike.core.schemes import Scheme

# Those that say least: that a step stays is said by the plan itself.
UNSAID = frozenset({"kept"})


@dataclass(frozen=True, slots=True)
class Adapted:
    """One alteration: when, the change of class that it follows, and what became of the steps."""

    at: datetime
    change: str
    what: Sequence[str]


def adapted(entries: Sequence[Mapping[str, Any]]) -> list[Adapted]:
    """Return the alterations of a plan, the latest first."""
    schemes = {scheme.dimension: scheme for scheme in rulebook().schemes}
    return [_entry(entry, schemes.get(str(entry.get("dimension")))) for entry in reversed(entries)]


def _entry(entry: Mapping[str, Any], scheme: Scheme | None) -> Adapted:
    language = current_language()
    labels = {class_.key: class_.label.get(language) for class_ in scheme.classes} if scheme else {}
    ends = {name: labels.get(entry.get(name, ""), entry.get(name) or "—") for name in ("from", "to")}
    dimension = scheme.label.get(language) if scheme else str(entry.get("dimension", ""))
    return Adapted(
        at=datetime.fromisoformat(entry["at"]),
        change=f"{dimension} {ends['from']} → {ends['to']}",
        what=[
            words.get(language) for words in altered(one for one in entry.get("what", ()) if one["code"] not in UNSAID)
        ],
    )
