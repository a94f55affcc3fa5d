"""The group that a company belongs to, and what it is to other customers, as its page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhike.classification.groups import group_of
from zhike.customers.relations import relations_of, words_of
from zhike.web.chips import class_chip, undetermined_chip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zhike.accounts.models import User
    from zhike.base.chips import Chip
    from zhike.classification.groups import Group, Member
    from zhike.classification.rules import Rulebook
    from zhike.core.schemes import Scheme
    from zhike.core.text import Language
    from zhike.customers.models import Customer, Relation

FEW = 5


@dataclass(frozen=True, slots=True)
class Kin:
    """A group as a card: the figures, and a few of its members."""

    size: int
    hidden: int
    more: int
    revenue: int
    classes: Sequence[tuple[str, Sequence[tuple[Chip, int]]]]
    members: Sequence[Member]

    @property
    def seen(self) -> int:
        return self.size - self.hidden

    @property
    def few(self) -> Sequence[Member]:
        return self.members[:FEW]

    @property
    def rest(self) -> Sequence[Member]:
        return self.members[FEW:]


@dataclass(frozen=True, slots=True)
class Related:
    """Another customer and what it is to this one."""

    pk: int
    other: Customer
    words: str
    note: str


def read_kin(user: User, customer: Customer, rules: Rulebook, language: Language) -> Kin | None:
    group = group_of(user, customer.pk)
    if group is None:
        return None
    classes = [(scheme.label.get(language), _classes(scheme, group, language)) for scheme in rules.schemes]
    return Kin(
        group.size,
        group.hidden,
        group.more,
        group.revenue,
        [(label, found) for label, found in classes if found],
        group.members,
    )


def _classes(scheme: Scheme, group: Group, language: Language) -> list[tuple[Chip, int]]:
    """Return the classes of one dimension in their order, with how many members are in each."""
    sizes = dict(group.classes.get(scheme.dimension, {}))
    unknown = sizes.pop("", 0)
    ordered = [*(class_.key for class_ in scheme.classes if class_.key in sizes)]
    ordered += sorted(set(sizes) - set(ordered))
    found = [(class_chip(scheme, key, language), sizes[key]) for key in ordered]
    if unknown:
        dimension = scheme.label.get(language)
        found.append((undetermined_chip(dimension), unknown))
    return found


def read_related(user: User, customer: Customer) -> list[Related]:
    return [_related(row, customer) for row in relations_of(user, customer.pk)]


def _related(row: Relation, customer: Customer) -> Related:
    is_first = row.customer_id == customer.pk
    words = words_of(row.kind, is_first=is_first)
    return Related(row.pk, row.other if is_first else row.customer, words, row.note)
