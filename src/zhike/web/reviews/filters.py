"""The filter of the queue, as it stands in the address; what cannot be read is refused in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext

from zhike.accounts.models import User
from zhike.accounts.policy import sees_others, visible
from zhike.classification.inbox import open_reviews
from zhike.classification.models import Review
from zhike.core.errors import ZhikeError, suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet
    from django.http import QueryDict

    from zhike.core.schemes import Scheme
    from zhike.core.text import Language

# ?owner=all: the items of everybody whose customers one sees; without it one's own.
EVERYBODY = "all"
LONGEST = 100


class ReviewFilterError(ZhikeError):
    """A filter that names something which does not exist."""

    code = "bad_filter"
    status = 400


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """What kind of item, of which dimension or class, and whose. `class_key` is `dimension.class`."""

    kind: str = ""
    dimension: str = ""
    class_key: str = ""
    owner: str = ""

    def __bool__(self) -> bool:
        return bool(self.kind or self.dimension or self.class_key)

    def apply(self, user: User) -> QuerySet[Review]:
        """Return the items that wait for this person and that the filter keeps."""
        rows = open_reviews(user, mine=not self.owner)
        if self.owner not in {"", EVERYBODY}:
            rows = rows.filter(customer__owner=int(self.owner))
        if self.kind:
            rows = rows.filter(kind=self.kind)
        if self.dimension:
            rows = rows.filter(dimension=self.dimension)
        if self.class_key:
            dimension, _, key = self.class_key.partition(".")
            rows = rows.filter(Q(from_key=key) | Q(to_key=key), dimension=dimension)
        return rows


@dataclass(frozen=True, slots=True)
class Choice:
    """One select of the filter: pairs of value and label, the first of them for everything."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    chosen: str


def read_review_filter(query: QueryDict, schemes: Sequence[Scheme], people: Sequence[User]) -> ReviewFilter:
    """Read the filter from an address, or say what in it does not exist."""

    def one_of(name: str, known: Iterable[str]) -> str:
        value = query.get(name, "").strip()[:LONGEST]
        options = list(known)
        if value and value not in options:
            zh, en = suggestion(value, options)
            raise ReviewFilterError(f"待复核里没有 {value} 可筛。{zh}", f"There is no {value} to filter by.{en}")
        return value

    return ReviewFilter(
        kind=one_of("kind", Review.Kind.values),
        dimension=one_of("dimension", [scheme.dimension for scheme in schemes]),
        class_key=one_of("class", [f"{s.dimension}.{c.key}" for s in schemes for c in s.classes]),
        owner=one_of("owner", [EVERYBODY, *(str(person.pk) for person in people)]),
    )


def team_of(user: User) -> list[User]:
    """Return the people whose items this person may look at beside their own."""
    if not sees_others(user, Review):
        return []
    return list(visible(user, User).filter(is_active=True).order_by("name", "pk"))


def choices(
    chosen: ReviewFilter, schemes: Sequence[Scheme], people: Sequence[User], language: Language
) -> list[Choice]:
    """Return the selects of the filter; that of people only for whoever sees others' items."""
    classes = [
        (f"{scheme.dimension}.{class_.key}", f"{scheme.label.get(language)} · {class_.label.get(language)}")
        for scheme in schemes
        for class_ in scheme.classes
    ]
    dimensions = [(scheme.dimension, scheme.label.get(language)) for scheme in schemes]
    found = [
        Choice("kind", gettext("事由"), _options(gettext("全部事由"), Review.Kind.choices), chosen.kind),
        Choice("dimension", gettext("维度"), _options(gettext("全部维度"), dimensions), chosen.dimension),
        Choice("class", gettext("类别"), _options(gettext("全部类别"), classes), chosen.class_key),
    ]
    if people:
        names = [(EVERYBODY, gettext("所有人的")), *((str(person.pk), person.name) for person in people)]
        found.append(Choice("owner", gettext("谁的客户"), _options(gettext("我的"), names), chosen.owner))
    return found


def _options(everything: str, pairs: Iterable[tuple[str, object]]) -> list[tuple[str, str]]:
    return [("", everything), *((value, str(label)) for value, label in pairs)]
