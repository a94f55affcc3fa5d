"""Reads: pairs as a person may see them, and how often people found the search right. Both of a pair must be seen."""

from __future__ import annotations

from math import inf, sqrt
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count, Q, TextField
from django.db.models.functions import MD5, Cast

from zhike.accounts.policy import can, doable, visible
from zhike.base.errors import NotFound
from zhike.core.duplicates.evidence import LIKELY, STRONG
from zhike.core.text import Text
from zhike.customers.models import Customer
from zhike.duplicates.models import Pair

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from zhike.accounts.models import User

# Band of scores → from where, up to where, what it is called.
BANDS: dict[str, tuple[float, float, Text]] = {
    "strong": (STRONG, inf, Text("很可能", "very likely")),
    "likely": (LIKELY, STRONG, Text("可能", "likely")),
    "possible": (-inf, LIKELY, Text("有点像", "possible")),
}
_State = Pair.State
# So many of a band are drawn at random to be judged.
SAMPLE = 20


class Right(NamedTuple):
    """How many pairs of a band people have decided, and how many of them were one customer."""

    band: str
    decided: int
    merged: int

    @property
    def share(self) -> float | None:
        return self.merged / self.decided if self.decided else None


class Sample(NamedTuple):
    """Pairs of a band that were drawn at random among all of it, and what people have said to them so far."""

    ids: list[int]
    decided: int
    merged: int

    @property
    def range(self) -> tuple[float, float] | None:
        """Return between which shares the precision of the band lies with 95 %, after Wilson."""
        size = self.decided
        if not size:
            return None
        share, z = self.merged / size, 1.96
        middle = share + z * z / (2 * size)
        around = z * sqrt(share * (1 - share) / size + z * z / (4 * size * size))
        return (middle - around) / (1 + z * z / size), (middle + around) / (1 + z * z / size)


class Known(NamedTuple):
    """The pairs of a customer that somebody may open, and whether there are others."""

    pairs: tuple[int, ...]
    is_hidden: bool


def band_of(score: float) -> str:
    return next(band for band, (least, _, _) in BANDS.items() if score >= least)


def pairs(user: User) -> QuerySet[Pair]:
    """Return the pairs of which `user` sees both."""
    return visible(user, Pair).filter(other__in=visible(user, Customer).values("pk"))


def merged_pairs(user: User) -> QuerySet[Pair]:
    """Return the pairs that were merged into customers whom `user` sees. One of each, or both, is there no more."""
    if not can(user, "view", Pair):
        return Pair.objects.none()
    seen = visible(user, Customer).values("pk")
    sides = Q(customer__in=seen) | Q(customer__merged_into__in=seen)
    others = Q(other__in=seen) | Q(other__merged_into__in=seen)
    return Pair.objects.filter(sides, others, state=_State.MERGED)


def get_pair(user: User, pk: int) -> Pair:
    found = pairs(user).filter(pk=pk).select_related("customer__owner", "other__owner").first()
    if found is None:
        raise NotFound
    return found


def decidable(user: User) -> QuerySet[Pair]:
    """Return the pairs that `user` may decide: those of which they may change both."""
    rows = doable(user, "change", Pair)
    return rows.filter(other__in=doable(user, "change", Customer).values("pk"))


def open_pairs(user: User) -> QuerySet[Pair]:
    return pairs(user).filter(state=_State.OPEN)


def in_band(rows: QuerySet[Pair], band: str) -> QuerySet[Pair]:
    return rows.filter(_within(band))


def known_of(user: User, customer: int) -> Known:
    """Return what `user` is told of the open pairs of a customer whom they see."""
    rows = Pair.objects.filter(Q(customer=customer) | Q(other=customer), state=_State.OPEN)
    others = {pair: ({low, high} - {customer}).pop() for pair, low, high in rows.values_list("pk", "customer", "other")}
    if not others:
        return Known((), is_hidden=False)
    seen = set(visible(user, Customer).filter(pk__in=others.values()).values_list("pk", flat=True))
    shown = tuple(sorted(pair for pair, other in others.items() if other in seen))
    return Known(shown, is_hidden=Customer.present.filter(pk__in=set(others.values()) - seen).exists())


def precision(user: User) -> list[Right]:
    """Return for each band how many pairs were decided and how many of them were one customer."""
    by_band = {band: Count("pk", filter=_within(band)) for band in BANDS}
    parted = pairs(user).filter(state=_State.OTHER).aggregate(**by_band)
    merged = merged_pairs(user).aggregate(**by_band)
    return [Right(band, parted[band] + merged[band], merged[band]) for band in BANDS]


def sample_of(user: User, band: str) -> Sample:
    """Return the sample of a band: the same pairs for as long as they are found, whatever was said to them.

    People decide what stands on top first, so that what they have decided tells little of the rest. Drawn by a digest of
    the id among decided and open ones alike, the sample tells of all.
    """
    merged = merged_pairs(user).values("pk")
    others = pairs(user).exclude(state=_State.MERGED).values("pk")
    every = in_band(Pair.objects.filter(Q(pk__in=others) | Q(pk__in=merged)), band)
    drawn = list(every.order_by(MD5(Cast("pk", TextField())), "pk").values_list("pk", "state")[:SAMPLE])
    decided = [state for _, state in drawn if state != _State.OPEN]
    return Sample([pk for pk, _ in drawn], len(decided), decided.count(_State.MERGED))


def _within(band: str) -> Q:
    least, most, _ = BANDS[band]
    found = Q()
    if least != -inf:
        found &= Q(score__gte=least)
    return found if most == inf else found & Q(score__lt=most)
