"""The best few customers for what somebody is typing, in a time that does not grow with the company.

Nobody sorts half a million customers who all have 有限公司 in their names. The best are looked for where they are
likely, each place with an index and a limit, and only what was found is ranked: among the newest that the person
sees (who sees few has them all there), among their own and those they opened last, at the beginnings of names
and readings, at the ends of telephone numbers, and at last, when that was not enough, anywhere. A word that many
have is among the newest thousand; one that is not there is rare, and rare words are what the index is good at.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Q
from django.db.models.functions import Left

from zhike.accounts.policy import visible
from zhike.customers.mixed import mixed_place
from zhike.customers.models import Customer, SearchText
from zhike.customers.models.search import START_MAX
from zhike.customers.needles import Term, terms
from zhike.customers.search import PARTS, matching, narrowing, parts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from django.db.models import QuerySet

    from zhike.accounts.models import User

# How many rows are looked through one by one: of whoever is seen, and of one's own.
POOL, OWN = 1_000, 500
# How many of each place are ranked, and how many good ones end the search.
TAKEN, ENOUGH = 100, 20
# 00000000 has one piece, which every key has: of so many who have all pieces at most the words are compared.
COMPARED = 2_000


class Tier(IntEnum):
    """How well a word fits, the best first."""

    EXACT = 0
    BEGINNING = 1
    INSIDE = 2
    READ_BEGINNING = 3
    READ = 4
    PHONE_END = 5
    REACH = 6
    CONTACT = 7


class Hit(NamedTuple):
    """A customer that was found, and by what of them."""

    pk: int
    tier: Tier


@dataclass(frozen=True, slots=True)
class Needles:
    """What is looked for: the words, and all of them as one."""

    terms: tuple[Term, ...]
    parts: frozenset[str]

    @property
    def whole(self) -> Term:
        return self.terms[0] if len(self.terms) == 1 else Term("".join(term.text for term in self.terms))

    def each(self) -> list[Needles]:
        """Return each word by itself."""
        return [Needles((term,), self.parts) for term in self.terms]

    @property
    def condition(self) -> Q:
        return reduce(and_, (matching(term, self.parts) for term in self.terms))

    @property
    def pieces(self) -> Q:
        return reduce(and_, (narrowing(term, path="") for term in self.terms))


def needles(user: User, query: str) -> Needles | None:
    """Return what a person looks for with this query, nothing when it has no word."""
    found = terms(query)
    return Needles(tuple(found), parts_of(user)) if found else None


def find(user: User, query: str, *, recent: Sequence[int] = (), limit: int = 8) -> list[Hit]:
    """Return the customers that fit best; those opened lately and a person's own first among equals."""
    sought = needles(user, query)
    if sought is None:
        return []
    place = _Places(user, visible(user, Customer), sought)
    newest = newest_customers(user)
    if len(newest) <= POOL:
        place.look(Q(pk__in=newest), everybody=True)
        return place.best(recent, limit)
    own = place.seen.filter(owner=user).order_by("-pk").values_list("pk", flat=True)[:OWN]
    place.look(Q(pk__in={*own, *recent}), everybody=True)
    place.look(Q(pk__in=newest[:POOL]))
    for beginning in place.beginnings():
        place.look(beginning)
    if place.good < ENOUGH:
        place.look(Q(pk__in=SearchText.objects.filter(sought.pieces).values("pk")[:COMPARED]))
    return place.best(recent, limit)


def newest_customers(user: User) -> list[int]:
    """Return whom a person sees, newest first: one more than `POOL` when there are more."""
    return list(visible(user, Customer).order_by("-pk").values_list("pk", flat=True)[: POOL + 1])


class _Places:
    """What has been found so far."""

    def __init__(self, user: User, seen: QuerySet[Customer], sought: Needles) -> None:
        self.user = user
        self.seen = seen
        self.sought = sought
        self._found: dict[int, tuple[Tier, bool, str]] = {}
        # What some part of them cannot match at all, an index need not be asked for.
        whole = sought.whole
        self._fair = Tier.READ if whole.is_latin or whole.is_mixed else Tier.INSIDE
        if whole.digits:
            self._fair = Tier.PHONE_END

    @property
    def good(self) -> int:
        return sum(tier <= self._fair for tier, _own, _name in self._found.values())

    def look(self, where: Q, *, everybody: bool = False) -> None:
        """Rank those of this place who match: a limited number, or everybody."""
        columns = sorted(self.sought.parts)
        rows = self.seen.alias(**_STARTS).filter(where, self.sought.condition).order_by()
        texts = rows.values_list("pk", "owner_id", *(f"searched__{part}" for part in columns))
        for pk, owner, *values in texts if everybody else texts[:TAKEN]:
            if pk in self._found:
                continue
            held = dict(zip(columns, values, strict=True))
            tier = tier_of(self.sought, held)
            if tier is not None:
                self._found[pk] = (tier, owner == self.user.pk, held.get("name", ""))

    def beginnings(self) -> Iterable[Q]:
        """Yield where an index has those who begin, or end, with what is sought."""
        whole, parts = self.sought.whole, self.sought.parts
        if "name" in parts:
            yield Q(name_start=f"{whole.text}\n"[:START_MAX])
            yield Q(name_start__startswith=whole.text[:START_MAX])
            if whole.is_latin:
                yield Q(initials_start__startswith=whole.text[:START_MAX])
                yield Q(pinyin_start__startswith=whole.text[:START_MAX])
        if whole.digits and "phones" in parts:
            yield Q(searched__grams__contains=whole.tail_grams)

    def best(self, recent: Sequence[int], limit: int) -> list[Hit]:
        lately = {pk: place for place, pk in enumerate(recent)}

        def key(pk: int) -> tuple[object, ...]:
            tier, is_own, name = self._found[pk]
            return tier, lately.get(pk, len(lately)), not is_own, len(name), name, pk

        return [Hit(pk, self._found[pk][0]) for pk in sorted(self._found, key=key)[:limit]]


_STARTS = {f"{part}_start": Left(f"searched__{part}", START_MAX) for part in ("name", "initials", "pinyin")}


def tier_of(sought: Needles, texts: Mapping[str, str]) -> Tier | None:
    """Return how well these lines fit: as one word where they hold it, else as well as the worst of the words."""
    tiers = [_tier(term, sought.parts, texts) for term in sought.terms]
    worst = None if None in tiers else max(tier for tier in tiers if tier is not None)
    if worst is None or len(tiers) == 1:
        return worst
    together = _tier(sought.whole, sought.parts, texts)
    return worst if together is None else min(worst, together)


def _tier(term: Term, parts: Collection[str], texts: Mapping[str, str]) -> Tier | None:
    def text(part: str) -> str:
        return texts.get(part, "") if part in parts else ""

    name = text("name")
    if f"{term.text}\n" in {name, text("key")}:
        return Tier.EXACT
    if term.text in name:
        return Tier.BEGINNING if name.startswith(term.text) else Tier.INSIDE
    read = _read(term, text)
    if read is not None:
        return read
    if term.digits and term.digits in text("phones"):
        return Tier.PHONE_END if f"{term.digits}\n" in text("phones") else Tier.REACH
    if term.text in text("key") or term.text in text("emails"):
        return Tier.REACH
    theirs = [text(part) for part in PARTS if part.startswith("contact") and part != "contact_phones"]
    if any(term.text in lines for lines in theirs) or (term.digits and term.digits in text("contact_phones")):
        return Tier.CONTACT
    return None


def _read(term: Term, text: Callable[[str], str]) -> Tier | None:
    """Return how a word in letters fits the readings of a name."""
    if term.is_mixed:
        found = mixed_place(text("name").removesuffix("\n"), term) if text("spelled") else None
        return None if found is None else Tier.READ if found[0] else Tier.READ_BEGINNING
    if not term.is_latin:
        return None
    lines = f"\n{text('initials')}{text('pinyin')}"
    if f"\n{term.text}" in lines:
        return Tier.READ_BEGINNING
    return Tier.READ if term.text in lines else None
