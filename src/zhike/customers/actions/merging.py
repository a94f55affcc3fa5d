"""Two people who change one record: what both changed is asked, what only one did merges by itself.

What the second saver saw is told by the history: a field that was changed since had, when they opened the
record, the value that the first of these changes found. So no page has to send along what it began with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhike.base.errors import Conflict
from zhike.customers.actions.changes import plain, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from zhike.timeline.models import Event


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that two people changed, each to something else. Values as they are stored."""

    field: str
    base: object
    theirs: object
    mine: object
    who: str
    at: datetime


class Overlap(Conflict):
    """Somebody else has changed the same fields. `version` is the one up to which the differences tell of."""

    def __init__(self, zh: str, en: str, *, differences: tuple[Difference, ...] = (), version: int = 0) -> None:
        super().__init__(zh, en)
        self.differences = differences
        self.version = version


@dataclass(frozen=True, slots=True)
class Merge:
    """What is left of somebody's changes, and what must be asked."""

    dropped: frozenset[str]
    differences: tuple[Difference, ...]
    changed: Mapping[str, tuple[str, ...]]  # person → fields that they changed meanwhile


def merge(
    version: int,
    mine: Mapping[str, object],
    now: Mapping[str, object],
    later: Iterable[Event],
    settled: Mapping[str, int] | None = None,
) -> Merge:
    """Hold what a person wants, on top of `version`, against what `later` events changed since.

    `mine` and `now` are the fields that the person sends: as they want them and as they are. A field that
    they left as they saw it is `dropped`: it stays as somebody else made it. `settled` are fields of which
    they were asked, with the version up to which they have seen what others made of them.
    """
    began: dict[str, object] = {}
    last: dict[str, tuple[str, datetime]] = {}
    people: dict[str, list[str]] = {}
    asked = settled or {}
    for event in later:
        made = int(event.data.get("version") or 0)
        who = event.actor.name if event.actor else "Zhike"
        for row in rows_of(event):
            name = str(row["field"])
            if made <= asked.get(name, version):
                continue
            began.setdefault(name, row.get("from"))
            last[name] = (who, event.occurred_at)
            people.setdefault(who, []).append(name)
    dropped: set[str] = set()
    found: list[Difference] = []
    for name, value in mine.items():
        if name not in began:
            continue
        wanted, there, base = plain(value), plain(now[name]), began[name]
        if _same(wanted, base) or _same(wanted, there):
            dropped.add(name)
        elif not _same(there, base):
            who, at = last[name]
            found.append(Difference(name, base, there, wanted, who, at))
    changed = {who: tuple(dict.fromkeys(names)) for who, names in people.items()}
    return Merge(frozenset(dropped), tuple(found), changed)


def _same(one: object, other: object) -> bool:
    """Say whether two stored values are one; nothing is nothing, however it is kept."""
    return one == other or (one in (None, "", []) and other in (None, "", []))
