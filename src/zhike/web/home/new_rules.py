"""New rules that moved one's customers, until one has confirmed that one knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhike.classification.inbox import unconfirmed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zhike.accounts.models import User
    from zhike.classification.models import Acknowledgement, SchemeVersion
    from zhike.classification.rules import Rulebook
    from zhike.core.text import Language


@dataclass(frozen=True, slots=True)
class NewRules:
    """One publication: its versions by name, what was said of it, and how many customers it moved."""

    pk: int
    publication: int
    versions: Sequence[str]
    note: str
    customers: int


def new_rules(user: User, rules: Rulebook, language: Language) -> list[NewRules]:
    """Return what this person has not confirmed yet, oldest first."""
    return [_told(asked, rules, language) for asked in unconfirmed(user)]


def _told(asked: Acknowledgement, rules: Rulebook, language: Language) -> NewRules:
    labels = {scheme.dimension: scheme.label.get(language) for scheme in rules.schemes}

    def name(version: SchemeVersion) -> str:
        dimension = version.scheme.dimension
        return f"{labels.get(dimension, dimension)} v{version.number}"

    return NewRules(
        pk=asked.pk,
        publication=asked.publication_id,
        versions=[name(version) for version in asked.publication.versions.all()],
        note=asked.publication.note,
        customers=asked.customers,
    )
