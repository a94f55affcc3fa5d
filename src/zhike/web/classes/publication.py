"""What a publication did, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, cast

from zhike.base.chips import Chip
from zhike.base.paging import capped_count
from zhike.classification.inbox import open_reviews
from zhike.classification.models import Review
from zhike.classification.rules import rulebook
from zhike.web.chips import class_chip
from zhike.web.classes.side import class_list, label_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zhike.accounts.models import User
    from zhike.base.paging import Count
    from zhike.classification.models import Publication, SchemeVersion
    from zhike.core.text import Language

# Beyond this nobody reads the number.
MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Move:
    """How many customers went from one class to another."""

    old: Chip
    new: Chip
    customers: int


@dataclass(frozen=True, slots=True)
class DimensionMoves:
    """What a publication moved in one dimension: another than that of its rules, where that reads its classes."""

    dimension: str
    label: str
    moves: Sequence[Move]

    @property
    def total(self) -> int:
        return sum(move.customers for move in self.moves)


class Waiting(NamedTuple):
    """How many customers of one dimension keep their class until somebody agrees to the new one."""

    dimension: str
    label: str
    size: Count


def moves_of(publication: Publication, language: Language) -> list[DimensionMoves]:
    """Return the moves by dimension."""
    return [
        _moves(publication, dimension, rows, language)
        for dimension, rows in cast("Mapping[str, list[tuple[str, str, int]]]", publication.moves).items()
    ]


def waiting_of(
    user: User, publication: Publication, versions: Sequence[SchemeVersion], language: Language
) -> list[Waiting]:
    """Return in which dimensions of these versions customers wait for somebody to agree to what the rules say."""
    found = []
    for version in versions:
        dimension = version.scheme.dimension
        if publication.switched_at is not None and version.pk == version.scheme.current_id:
            rows = open_reviews(user).filter(dimension=dimension, kind=Review.Kind.SUGGESTION)
            size = capped_count(rows.filter(created_at__gte=publication.switched_at), MOST_COUNTED)
            if size:
                found.append(Waiting(dimension, label_of(version.data, language), size))
    return found


def _moves(
    publication: Publication, dimension: str, rows: Sequence[tuple[str, str, int]], language: Language
) -> DimensionMoves:
    scheme = next((s for s in rulebook().schemes if s.dimension == dimension), None)
    names = _names(publication, dimension, language)

    def chip(key: str) -> Chip:
        if scheme is not None and any(class_.key == key for class_ in scheme.classes):
            return class_chip(scheme, key, language)
        return Chip(dimension, names.get(key, key))

    label = scheme.label.get(language) if scheme is not None else dimension
    return DimensionMoves(dimension, label, [Move(chip(old), chip(new), customers) for old, new, customers in rows])


def _names(publication: Publication, dimension: str, language: Language) -> dict[str, str]:
    """Return what classes were called that the rules in force have no longer."""
    versions = [version for version in publication.versions.all() if version.scheme.dimension == dimension]
    versions += [version.base for version in versions if version.base is not None]
    return {
        str(class_.get("key")): label_of(class_, language)
        for version in versions
        for class_ in class_list(cast("Mapping[str, object]", version.data))
    }


def problem_of(publication: Publication, language: Language) -> str:
    """Return why it failed, empty if it did not."""
    return str(publication.problem.get(language, ""))
