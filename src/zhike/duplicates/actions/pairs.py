"""Writes of pairs: what a search has found, and what people decide. What was decided is remembered."""

from __future__ import annotations

from itertools import batched
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.db.models import Q

from zhike.accounts.policy import can, doable, require
from zhike.base.clock import now
from zhike.base.errors import Conflict, NotFound
from zhike.core.duplicates.evidence import LIKELY
from zhike.core.duplicates.evidence import Pair as FoundPair
from zhike.customers.models import Customer
from zhike.duplicates.candidates import look_up
from zhike.duplicates.listing import decidable, pairs
from zhike.duplicates.models import Pair
from zhike.duplicates.reading import read_some
from zhike.engine.duplicates.groups import groups_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from zhike.accounts.models import User
    from zhike.core.duplicates.evidence import Comparison

# What may change and then speak anew for a pair that somebody has parted: what belongs to one holder.
KEYS = frozenset({"number", "phone", "email", "birthday"})
CHUNK = 2_000
_State = Pair.State


class Stored(NamedTuple):
    """How many pairs a search wrote: open ones, and of them those that nobody had seen before."""

    open: int
    new: int


def as_data(comparison: Comparison) -> list[dict[str, object]]:
    return [{"part": piece.part, "level": piece.level, "bits": round(piece.bits, 2)} for piece in comparison.evidence]


@transaction.atomic
def store_pairs(found: Sequence[FoundPair], *, at: datetime) -> Stored:
    """Write pairs that a search has found. Those that somebody has decided stay as they were decided.

    One that was said not to be the same opens again when something speaks for it that did not then: a credit
    code, a telephone number, an e-mail address or a birthday that has come to agree.
    """
    opened = new = 0
    for chunk in batched(found, CHUNK):
        ids = {pk for pair in chunk for pk in (pair.low, pair.high)}
        there = {
            (pair.customer_id, pair.other_id): pair
            for pair in Pair.objects.select_for_update(no_key=True).filter(customer__in=ids, other__in=ids)
        }
        present = set(Customer.present.filter(pk__in=ids).values_list("pk", flat=True))
        made: list[Pair] = []
        changed: list[Pair] = []
        for low, high, comparison in chunk:
            if not {low, high} <= present:
                continue
            told = as_data(comparison)
            pair = there.get((low, high))
            if pair is None:
                made.append(Pair(customer_id=low, other_id=high, score=comparison.score, evidence=told, found_at=at))
            elif pair.state == _State.OPEN or (pair.state == _State.OTHER and _says_more(pair.evidence, told)):
                pair.state, pair.decided_by, pair.decided_at = _State.OPEN, None, None
                pair.score, pair.evidence, pair.found_at = comparison.score, told, at
                changed.append(pair)
        Pair.objects.bulk_create(made, ignore_conflicts=True)
        Pair.objects.bulk_update(
            changed, ["state", "decided_by", "decided_at", "score", "evidence", "found_at"], batch_size=500
        )
        opened += len(made) + len(changed)
        new += len(made)
    return Stored(opened, new)


def _says_more(before: Iterable[dict[str, object]], after: Iterable[dict[str, object]]) -> bool:
    return bool(_speaking(after) - _speaking(before))


def _speaking(told: Iterable[dict[str, object]]) -> set[str]:
    """Return the keys that speak for a pair."""
    return {str(piece["part"]) for piece in told if float(str(piece["bits"])) > 0} & KEYS


@transaction.atomic
def forget_unfound(*, before: datetime, of: Collection[int] | None = None) -> int:
    """Remove the open pairs that a search of everybody, or of some customers, has not found again."""
    rows = Pair.objects.filter(state=_State.OPEN, found_at__lt=before)
    if of is not None:
        rows = rows.filter(Q(customer__in=of) | Q(other__in=of))
    removed, _ = rows.delete()
    return removed


@transaction.atomic
def group_pairs() -> int:
    """Say of every open pair to which group of more than two it belongs; return how many groups there are."""
    rows = list(Pair.objects.filter(state=_State.OPEN).values_list("pk", "customer", "other", "score", "group"))
    groups = [
        group
        for group in groups_of({(low, high) for _, low, high, score, _ in rows if score >= LIKELY})
        if len(group) > 2  # noqa: PLR2004  a pair is two
    ]
    group_of = {pk: group[0] for group in groups for pk in group}
    moved: dict[int | None, list[int]] = {}
    for pk, low, _, score, group in rows:
        wanted = group_of.get(low) if score >= LIKELY else None
        if wanted != group:
            moved.setdefault(wanted, []).append(pk)
    changed = [Pair(pk=pk, group=group) for group, ids in moved.items() for pk in ids]
    Pair.objects.bulk_update(changed, ["group"], batch_size=1_000)
    return len(groups)


@transaction.atomic
def part_pairs(*, ids: Collection[int], by: User) -> int:
    """Remember that the two of each of these pairs are not the same customer; return how many were open."""
    require(by, "change", Pair)
    wanted = set(ids)
    if set(pairs(by).filter(pk__in=wanted).values_list("pk", flat=True)) != wanted:
        raise NotFound
    may = set(decidable(by).filter(pk__in=wanted).values_list("pk", flat=True))
    if may != wanted:
        raise Conflict(
            "其中有你不能修改的客户，请他们的负责人来定",
            "some of these customers are not yours to change: ask who owns them",
        )
    rows = Pair.objects.filter(pk__in=wanted, state=_State.OPEN)
    return rows.update(state=_State.OTHER, decided_by=by, decided_at=now())


@transaction.atomic
def part_from(*, customer: Customer, others: Collection[int], by: User) -> int:
    """Remember that a customer who was just saved is none of `others`, who had been named before; return how many pairs.

    Only pairs that `by` may decide: whom they merely see, the owner decides about.
    """
    if not (others and can(by, "change", Pair)):
        return 0
    may = doable(by, "change", Customer).filter(pk__in=[customer.pk, *others])
    wanted = set(may.values_list("pk", flat=True))
    records = read_some(Customer.present.filter(pk__in=wanted & {customer.pk}))
    at = now()
    found = [
        FoundPair(min(customer.pk, one.customer), max(customer.pk, one.customer), one.comparison)
        for record in records
        for one in look_up(record)
        if one.customer in wanted
    ]
    store_pairs(found, at=at)
    ids = [pair.high if pair.low == customer.pk else pair.low for pair in found]
    between = Q(customer=customer, other__in=ids) | Q(customer__in=ids, other=customer)
    rows = Pair.objects.filter(between, state=_State.OPEN)
    return rows.update(state=_State.OTHER, decided_by=by, decided_at=at)


@transaction.atomic
def reopen_pair(*, pair: Pair, by: User) -> None:
    """Take back that two are not the same."""
    require(by, "change", Pair)
    if not decidable(by).filter(pk=pair.pk).exists():
        raise NotFound
    rows = Pair.objects.filter(pk=pair.pk, state=_State.OTHER)
    rows.update(state=_State.OPEN, decided_by=None, decided_at=None)


def settle_merged(*, ids: Collection[int], by: User | None) -> int:
    """Remember that these customers were one: their pairs are decided. Called in the transaction of the merge."""
    rows = Pair.objects.filter(customer__in=ids, other__in=ids).exclude(state=_State.MERGED)
    return rows.update(state=_State.MERGED, decided_by=by, decided_at=now())


def reopen_merged(*, ids: Collection[int]) -> int:
    """Open the pairs of customers who are parted again. Called in the transaction of the undo."""
    rows = Pair.objects.filter(customer__in=ids, other__in=ids, state=_State.MERGED)
    return rows.update(state=_State.OPEN, decided_by=None, decided_at=None)
