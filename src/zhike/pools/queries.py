"""Reads of pools: which a person sees, who is in them, and what keeps a person from claiming."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Case, Count, F, IntegerField, Max, OuterRef, Q, Subquery, Value, When

from zhike.accounts.policy import can, offered, offered_access, visible
from zhike.accounts.queries import company_zone
from zhike.base.clock import now
from zhike.base.errors import NotFound
from zhike.classification.models import Placement
from zhike.classification.rules import rulebook
from zhike.core.dates import day_start, local_day
from zhike.customers.models import Customer, CustomField
from zhike.pools.members import pools_of, pools_seen
from zhike.pools.models import Limit, Pool, Reason, Stay

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from zhike.accounts.field_access import FieldAccess
    from zhike.accounts.models import User

# What members may be shown of a customer whom they have not claimed; the company's own fields come to these.
SHOWABLE = ("kind", "region", "city", "industry", "size", "source", "tags", "created_on")
MASKED = ("phone", "email")
_REACHED_BY = frozenset({CustomField.Format.PHONE, CustomField.Format.EMAIL})


def pool_list(user: User) -> list[Pool]:
    """Return the pools that this person sees, with how many customers are in each as `size`."""
    is_there = Q(stays__left_at=None, stays__customer__owner=None, stays__customer__deleted_at=None)
    is_there &= Q(stays__customer__erased_at=None, stays__pk__isnull=False)
    return list(pools_seen(user).annotate(size=Count("stays", filter=is_there)).order_by("is_closed", "name"))


def pool_for(user: User, pk: int) -> Pool:
    """Return a pool that this person sees, or raise `NotFound`."""
    found = pools_seen(user).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def is_member(user: User, pool: Pool) -> bool:
    return pools_of(user).filter(pk=pool.pk).exists()


def giveable_pools(user: User) -> QuerySet[Pool]:
    """Return the open pools into which this person may put customers: one's own, for whoever assigns to all any."""
    rows = visible(user, Pool) if can(user, "assign", Customer) else pools_of(user)
    return rows.filter(is_closed=False) if can(user, "hand_back", Customer) else rows.none()


def reasons() -> list[Reason]:
    return list(Reason.objects.filter(is_retired=False))


def customers_in(user: User, pool: Pool) -> QuerySet[Customer]:
    """Return the customers who are in a pool that this person sees."""
    rows = offered(user, Customer) if is_member(user, pool) else visible(user, Customer).filter(owner=None)
    return rows.filter(pk__in=Stay.objects.filter(pool=pool, left_at=None).values("customer"))


def stays_in(user: User, pool: Pool) -> QuerySet[Stay]:
    """Return the stays in a pool that last, of the customers whom this person may see there."""
    return Stay.objects.filter(pool=pool, left_at=None, customer__in=customers_in(user, pool))


def access_in(user: User, pool: Pool) -> FieldAccess:
    """Return how much of each field this person has of the customers in a pool."""
    own = {field.name: field for field in CustomField.objects.filter(retired_at=None)}
    chosen = [name for name in pool.shown if name in SHOWABLE or name in own]
    reached = {name for name in chosen if name in own and own[name].format in _REACHED_BY}
    shown = {"name", *chosen} - reached
    return offered_access(user, Customer, shown=shown, masked=reached | (set(MASKED) & set(pool.shown)))


def classes_in(user: User, customers: Iterable[int]) -> QuerySet[Placement]:
    """Return where customers of pools stand, as far as this person sees them there or anywhere."""
    wanted = list(customers)
    seen = offered(user, Placement).filter(customer__in=wanted).values("pk")
    return Placement.objects.filter(
        Q(pk__in=seen) | Q(pk__in=visible(user, Placement).values("pk")), customer__in=wanted
    )


def day_began() -> datetime:
    """Return when the company's day began, for which the quota counts."""
    zone = company_zone()
    return day_start(local_day(now(), zone), zone)


def claimed_today(user: User, pool: Pool) -> int:
    """Return how many customers this person has claimed from a pool today, whatever became of them."""
    return Stay.objects.filter(taker=user, pool=pool, end=Stay.End.CLAIMED, left_at__gte=day_began()).count()


def quota_left(user: User, pool: Pool) -> int | None:
    """Return how many more this person may claim today; None for any number."""
    return None if pool.quota is None else max(0, pool.quota - claimed_today(user, pool))


def protected_until(user: User, pool: Pool, customers: Sequence[int]) -> dict[int, datetime]:
    """Return until when this person may not claim some of these customers, whom they had before."""
    if not pool.protection_days:
        return {}
    period = timedelta(days=pool.protection_days)
    rows = Stay.objects.filter(giver=user, customer__in=customers, entered_at__gt=now() - period)
    last = rows.order_by().values_list("customer").annotate(at=Max("entered_at"))
    return {customer: at + period for customer, at in last}


@dataclass(frozen=True, slots=True)
class Room:
    """How many customers of a class a person owns, and how many at most before no more are claimed."""

    limit: Limit
    owned: int

    @property
    def left(self) -> int:
        return max(0, self.limit.most - self.owned)


def rooms_of(user: User, pool: Pool) -> list[Room]:
    """Return what room a person has left in each class that the pool limits."""
    limits = list(pool.limits.all())
    if not limits:
        return []
    owned = Customer.present.filter(owner=user, placements__dimension__in={limit.dimension for limit in limits})
    rows = owned.values_list("placements__dimension", "placements__class_key").annotate(n=Count("pk"))
    counts = {(dimension, key): n for dimension, key, n in rows}
    return [Room(limit, counts.get((limit.dimension, limit.class_key), 0)) for limit in limits]


def ranked(customers: QuerySet[Customer], pool: Pool) -> QuerySet[Customer]:
    """Put the best by the pool's dimension first; of equals whoever waits longest."""
    scheme = next((one for one in rulebook().schemes if one.dimension == pool.rank_by), None)
    ranks: Mapping[str, int] = {}
    if scheme is not None:
        # Without ranks the classes come in the order of the rules.
        order = sorted(enumerate(scheme.classes), key=lambda one: (one[1].rank is None, -(one[1].rank or 0), one[0]))
        ranks = {class_.key: place for place, (_, class_) in enumerate(order)}
    class_key = Placement.objects.filter(customer=OuterRef("pk"), dimension=pool.rank_by).values("class_key")[:1]
    stay = Stay.objects.filter(customer=OuterRef("pk"), left_at=None).values("entered_at")[:1]
    place = Case(
        *(When(ranked_class=Value(key), then=Value(at)) for key, at in ranks.items()),
        default=Value(len(ranks)),
        output_field=IntegerField(),
    )
    rows = customers.annotate(ranked_class=Subquery(class_key), waits_since=Subquery(stay)).annotate(place=place)
    return rows.order_by("place", F("waits_since"), "pk")
