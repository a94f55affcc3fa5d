"""The versions of a dimension: when each came into force, by whom and why, and what it moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhike.classification.models import Publication

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zhike.classification.models import Scheme, SchemeVersion


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version. `moved` is how many customers changed class in this dimension when it came."""

    version: SchemeVersion
    publication: Publication | None
    moved: int
    is_current: bool
    may_return: bool


def version_rows(versions: Iterable[SchemeVersion], scheme: Scheme) -> list[VersionRow]:
    """Return the rows of the list, newest first."""
    return [_row(version, scheme) for version in versions]


def _row(version: SchemeVersion, scheme: Scheme) -> VersionRow:
    publication = next(
        (p for p in version.publications.all() if p.switched_at is not None and p.kind != Publication.Kind.RETIRE), None
    )
    is_current = scheme.current_id == version.pk
    return VersionRow(
        version=version,
        publication=publication,
        moved=moved_in(publication, scheme.dimension) if publication else 0,
        is_current=is_current,
        may_return=not is_current,
    )


def moved_in(publication: Publication, dimension: str) -> int:
    """Return how many customers a publication moved in one dimension."""
    return sum(int(customers) for _old, _new, customers in publication.moves.get(dimension, []))
