"""Claims: races with exactly one winner, and never more than the quota.

Whoever claims is locked first and then the customers, as `pools.locks` describes; all that may be against it is asked
under these locks. Whoever loses is told why, customer by customer.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from zhike.accounts.policy import require
from zhike.audit.actions import record
from zhike.base.clock import now
from zhike.base.errors import Conflict, NotFound
from zhike.classification.models import Placement
from zhike.classification.rules import rulebook
from zhike.core.text import Text
from zhike.customers.actions.many import move_many
from zhike.customers.models import Customer
from zhike.jobs.kinds import Outcome, refused
from zhike.pools.locks import lock_claimer, lock_first_unowned, lock_unowned
from zhike.pools.models import Pool, Stay
from zhike.pools.queries import (
    customers_in,
    is_member,
    protected_until,
    quota_left,
    ranked,
    rooms_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from zhike.accounts.models import User
    from zhike.pools.queries import Room

MOST = 200
TAKEN = Text("已经被别人领走了", "somebody else has claimed this customer already")


@transaction.atomic
def claim(*, pool: Pool, ids: Iterable[int], by: User) -> dict[int, Outcome]:
    """Give customers of a pool to the member who claims them; return what became of each."""
    wanted = sorted(set(ids))
    if len(wanted) > MOST:
        raise Conflict(f"一次最多领取 {MOST} 位", f"claim at most {MOST} at once")
    _check_member(by, pool)
    lock_claimer(by)
    free = lock_unowned(wanted) & _staying(pool, wanted)
    hurdles = _hurdles(by, pool, wanted)
    found: dict[int, Outcome] = {}
    given: list[int] = []
    for customer in wanted:
        against = hurdles.against(customer) if customer in free else TAKEN
        if against is not None:
            found[customer] = refused(against)
            continue
        hurdles.count(customer)
        given.append(customer)
    return found | _give(pool, given, by)


def claim_one(*, pool: Pool, customer: int, by: User) -> None:
    """Claim one customer, or raise `Conflict` with the reason why not."""
    found = claim(pool=pool, ids=[customer], by=by)[customer]
    if found.said is not None:
        raise Conflict(found.said.zh, found.said.en)


@transaction.atomic
def claim_best(*, pool: Pool, by: User) -> int:
    """Claim the best customer of the pool that nothing is against; return the id.

    Many who ask at the same moment each get another one.
    """
    _check_member(by, pool)
    lock_claimer(by)
    if quota_left(by, pool) == 0:
        raise _conflict(_over_quota(pool))
    rows = customers_in(by, pool)
    full = [room.limit for room in rooms_of(by, pool) if not room.left]
    for limit in full:
        of_class = Placement.objects.filter(dimension=limit.dimension, class_key=limit.class_key)
        rows = rows.exclude(pk__in=of_class.values("customer"))
    had = Stay.objects.filter(pool=pool, left_at=None).values_list("customer", flat=True)
    guarded = protected_until(by, pool, list(had.filter(customer__stays__giver=by).distinct()))
    customer = lock_first_unowned(ranked(rows.exclude(pk__in=list(guarded)), pool))
    if customer is None or customer not in _staying(pool, [customer]):
        raise Conflict("现在没有你可以领取的客户", "there is nobody whom you could claim now")
    _give(pool, [customer], by)
    return customer


def _check_member(by: User, pool: Pool) -> None:
    if not is_member(by, pool):
        raise NotFound
    require(by, "claim", Customer)
    if pool.is_closed:
        raise Conflict(f"公海「{pool.name}」已经停用", f"the pool {pool.name} is closed")


def _staying(pool: Pool, customers: Sequence[int]) -> set[int]:
    rows = Stay.objects.filter(pool=pool, left_at=None, customer__in=customers)
    return set(rows.values_list("customer", flat=True))


def _give(pool: Pool, customers: Sequence[int], by: User) -> dict[int, Outcome]:
    """Write the owner of customers whom this transaction has locked."""
    if not customers:
        return {}
    stays = Stay.objects.filter(pool=pool, left_at=None, customer__in=customers)
    stays.update(left_at=now(), taker=by, end=Stay.End.CLAIMED)
    why = {"way": "claimed", "pool": pool.name}
    found = move_many(to=dict.fromkeys(customers, by), held=dict.fromkeys(customers), by=by, why=why)
    subject = ("customers.Customer", customers[0]) if len(customers) == 1 else None
    record("pool.claimed", by=by, subject=subject, data={"pool": pool.pk, "count": len(customers)})
    return found


@dataclass(slots=True)
class _Hurdles:
    """What is against claims of one person, as it changes with each that goes through."""

    pool: Pool
    left: int | None
    guarded: Mapping[int, datetime]
    rooms: Sequence[Room]
    classes: Mapping[int, set[tuple[str, str]]]
    taken: Counter[tuple[str, str]]

    def against(self, customer: int) -> Text | None:
        if customer in self.guarded:
            return _guarded(self.guarded[customer])
        if self.left == 0:
            return _over_quota(self.pool)
        for room in self.rooms:
            key = (room.limit.dimension, room.limit.class_key)
            if key in self.classes.get(customer, ()) and room.left <= self.taken[key]:
                return _over_limit(room)
        return None

    def count(self, customer: int) -> None:
        if self.left is not None:
            self.left -= 1
        self.taken.update(self.classes.get(customer, ()))


def _hurdles(by: User, pool: Pool, customers: Sequence[int]) -> _Hurdles:
    rooms = rooms_of(by, pool)
    classes: dict[int, set[tuple[str, str]]] = {}
    if rooms:
        rows = Placement.objects.filter(customer__in=customers)
        for customer, dimension, key in rows.values_list("customer", "dimension", "class_key"):
            classes.setdefault(customer, set()).add((dimension, key))
    guarded = protected_until(by, pool, customers)
    return _Hurdles(pool, quota_left(by, pool), guarded, rooms, classes, Counter())


def _conflict(said: Text) -> Conflict:
    return Conflict(said.zh, said.en)


def _over_quota(pool: Pool) -> Text:
    return Text(
        f"你今天在「{pool.name}」已经领满 {pool.quota} 位，明天再领",
        f"you have claimed your {pool.quota} of today from {pool.name}: come back tomorrow",
    )


def _over_limit(room: Room) -> Text:
    scheme = next((one for one in rulebook().schemes if one.dimension == room.limit.dimension), None)
    known = {one.key: one.label for one in scheme.classes} if scheme else {}
    label = known.get(room.limit.class_key) or Text(room.limit.class_key, room.limit.class_key)
    return Text(
        f"你名下的「{label.zh}」客户已有 {room.owned} 位，最多 {room.limit.most} 位",
        f"you own {room.owned} customers of {label.en}, and may own {room.limit.most}",
    )


def _guarded(until: datetime) -> Text:
    day = timezone.localtime(until).date()
    return Text(
        f"你之前有过这位客户，{day} 以后才能再领", f"you had this customer before, and may claim them again after {day}"
    )
