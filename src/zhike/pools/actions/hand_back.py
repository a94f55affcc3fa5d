"""Customers put into a pool: handed back by who owns them, or given by whoever may; and taken out again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from zhike.accounts.policy import doable, require
from zhike.audit.actions import record
from zhike.base.clock import now
from zhike.base.errors import Conflict, NotFound
from zhike.base.inputs import Invalid
from zhike.core.text import Text
from zhike.customers.actions.many import move_many, take_back_many
from zhike.customers.models import Customer
from zhike.jobs.kinds import SAME, Outcome, refused
from zhike.jobs.models import Item
from zhike.pools.conditions import check_filled, known_fields, matching, metrics_of, read
from zhike.pools.locks import lock_owned
from zhike.pools.models import Stay
from zhike.pools.queries import giveable_pools

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zhike.accounts.models import User
    from zhike.pools.models import Pool, Reason, Rule

_UNFIT = Text("不符合这个公海的条件", "does not fulfil the condition of this pool")
_BACK_ALREADY = Text("已经不在这个公海里了", "no longer in this pool")


def check_into_pool(*, pool: Pool, reason: Reason | None, note: str, by: User) -> None:
    """Raise unless this person may put customers into the pool, with this reason."""
    require(by, "hand_back", Customer)
    if not giveable_pools(by).filter(pk=pool.pk).exists():
        if pool.is_closed:
            raise Conflict(f"公海「{pool.name}」已经停用", f"the pool {pool.name} is closed")
        raise NotFound
    if reason is None:
        raise Invalid("选一个理由", "choose a reason", path="reason")
    if len(note) > Stay.NOTE_MAX:
        raise Invalid(f"说明最多 {Stay.NOTE_MAX} 个字", f"at most {Stay.NOTE_MAX} characters", path="note")


@transaction.atomic
def into_pool(*, pool: Pool, ids: Iterable[int], reason: Reason | None, by: User, note: str = "") -> dict[int, Outcome]:
    """Put customers into a pool; whoever owned one hands them back. Return what became of each that may be put there."""
    check_into_pool(pool=pool, reason=reason, note=note, by=by)
    rows = doable(by, "hand_back", Customer).filter(pk__in=list(ids))
    owners = lock_owned(rows.values_list("pk", flat=True))
    fit = _fitting(pool, owners)
    here = set(Stay.objects.filter(pool=pool, left_at=None, customer__in=owners).values_list("customer", flat=True))
    found: dict[int, Outcome] = {pk: refused(_UNFIT) for pk in owners if pk not in fit}
    found |= dict.fromkeys(fit & here, SAME)
    moved = {pk: owners[pk] for pk in owners if pk not in found}
    way = {pk: Stay.Way.HANDED_BACK if owner == by.pk else Stay.Way.GIVEN for pk, owner in moved.items()}
    enter(pool, moved, way=way, reason=reason, note=note, by=by)
    after = {"owner": None, "pool": pool.pk}
    found |= {pk: Outcome(Item.State.CHANGED, {"owner": owner}, after) for pk, owner in moved.items()}
    return found


def enter(  # noqa: PLR0913  one keyword each
    pool: Pool,
    owners: Mapping[int, int | None],
    *,
    way: Mapping[int, str],
    by: User | None,
    reason: Reason | None = None,
    note: str = "",
    rule: Rule | None = None,
) -> None:
    """Let customers, who are locked, lie in the pool from now on and nobody own them."""
    if not owners:
        return
    at = now()
    Stay.objects.filter(customer__in=owners, left_at=None).update(left_at=at, end=Stay.End.MOVED)
    owned = {pk: owner for pk, owner in owners.items() if owner is not None}
    for one in sorted({way[pk] for pk in owned}):
        ids = [pk for pk in owned if way[pk] == one]
        why = {
            "way": one,
            "pool": pool.name,
            **({"pool_rule": rule.name} if rule else {}),
            **({"reason": reason.label} if reason else {}),
            **({"text": note} if note else {}),
        }
        move_many(to=dict.fromkeys(ids), held={pk: owned[pk] for pk in ids}, by=by, why=why)
    Stay.objects.bulk_create(
        Stay(
            customer_id=pk,
            pool=pool,
            way=way[pk],
            entered_at=at,
            giver_id=owner,
            by=by,
            reason=reason,
            note=note,
            rule=rule,
        )
        for pk, owner in owners.items()
    )
    if rule is None:
        subject = ("customers.Customer", next(iter(owners))) if len(owners) == 1 else None
        data = {"pool": pool.pk, "count": len(owners), "reason": reason.pk if reason else None}
        record("pool.given", by=by, subject=subject, data=data)


@transaction.atomic
def take_out(*, items: Sequence[Item], by: User) -> dict[int, Outcome]:
    """Give customers back to who owned them where they still lie in the pool into which they were put."""
    owned = [item for item in items if item.before.get("owner")]
    found = take_back_many(items=owned, field="owner", by=by)
    rest = {item.target: item.after.get("pool") for item in items if not item.before.get("owner")}
    seen = doable(by, "assign", Customer).filter(pk__in=rest).values_list("pk", flat=True)
    owners = lock_owned(seen)
    for customer in owners:
        stay = Stay.objects.filter(customer=customer, pool=rest[customer], left_at=None)
        ended = stay.update(left_at=now(), end=Stay.End.TAKEN_OUT)
        found[customer] = Outcome(Item.State.CHANGED) if ended else refused(_BACK_ALREADY)
    return found


def _fitting(pool: Pool, customers: Iterable[int]) -> set[int]:
    node = read(pool.condition, known_fields())
    check_filled(metrics_of(node))
    rows = Customer.present.filter(matching(node), pk__in=list(customers))
    return set(rows.values_list("pk", flat=True))
