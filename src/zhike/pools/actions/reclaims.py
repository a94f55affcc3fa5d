"""What the rules do by themselves: they tell owners ahead, and take back whom nobody has followed up.

Safe to run twice and at once: each batch locks its customers and asks the rule again under the lock, so that whoever was
followed up, given away or taken meanwhile is left alone. A worker that was away makes up for it with its next run;
where it was too late to warn in time, the warning is given first and its days are waited for.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from zhike.accounts.queries import company_zone
from zhike.audit.actions import record
from zhike.base.clock import now, today
from zhike.classification.due import place_due
from zhike.classification.models import Notification
from zhike.pools.actions.hand_back import enter
from zhike.pools.locks import lock_owned, lock_rule
from zhike.pools.models import Notice, Stay
from zhike.pools.reclaim import due, in_force, noticed, readings, ripe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zhike.pools.models import Rule
    from zhike.pools.reclaim import Reading

logger = logging.getLogger("zhike.pools")

BATCH = 500


@dataclass(slots=True)
class Ran:
    """How many owners' customers were announced and how many were taken back."""

    warned: int = 0
    reclaimed: int = 0


def run_rules() -> Ran:
    """Do all that the rules ask for today. First whomever the clock has moved is placed: rules read classes of now."""
    place_due()
    found = readings()
    for one in found:
        if one.problem is not None:
            logger.error("the reclaim rule %s cannot be read, nor does any after it run: %s", one.rule.pk, one.problem)
    ran = Ran()
    for place, one in in_force(found):
        if one.rule.warn_days:
            while told := _warn(found, place):
                ran.warned += told
        while taken := _take(found, place):
            ran.reclaimed += taken
    return ran


@transaction.atomic
def _warn(found: Sequence[Reading], place: int) -> int:
    """Tell the owners of the next customers; return how many."""
    rule = found[place].rule
    lock_rule(rule)
    day = today(company_zone())
    rows = due(found, place, ahead=rule.warn_days).exclude(noticed()).order_by("pk")
    near = list(rows.values_list("pk", "owner", "owner__is_active", "since")[:BATCH])
    # Nobody goes sooner than promised: a warning that comes late moves the day.
    notices = [
        Notice(
            customer_id=pk,
            owner_id=owner,
            rule=rule,
            since=since,
            goes_on=max(since + timedelta(days=rule.days), day + timedelta(days=rule.warn_days)),
            created_at=now(),
        )
        for pk, owner, _is_active, since in near
    ]
    told = {pk for pk, _owner, is_active, _since in near if is_active}
    made = Notice.objects.bulk_create(notices)
    Notification.objects.bulk_create(
        Notification(
            user_id=one.owner_id,
            kind=Notification.Kind.RECLAIM,
            customer_id=one.customer_id,
            day=one.goes_on,
            text=rule.pool.name,
            created_at=one.created_at,
        )
        for one in made
        if one.customer_id in told
    )
    return len(near)


@transaction.atomic
def _take(found: Sequence[Reading], place: int) -> int:
    """Take the next customers back; return how many the rule meant."""
    rule = found[place].rule
    wanted = list(ripe(found, place).order_by("pk").values_list("pk", flat=True)[:BATCH])
    if not wanted:
        return 0
    owners = lock_owned(wanted)
    still = set(ripe(found, place).filter(pk__in=owners).values_list("pk", flat=True))
    taken = {pk: owner for pk, owner in owners.items() if pk in still and owner is not None}
    _enter(rule, taken)
    return len(wanted)


def _enter(rule: Rule, taken: dict[int, int]) -> None:
    if not taken:
        return
    enter(rule.pool, taken, way=dict.fromkeys(taken, Stay.Way.RECLAIMED), by=None, rule=rule)
    record(
        "pool.reclaimed",
        by=None,
        subject=("pools.Rule", rule.pk),
        data={"pool": rule.pool_id, "rule": rule.pk, "count": len(taken)},
    )
    # What still waits for the former owner about them is told by this line.
    at = now()
    Notification.objects.filter(kind=Notification.Kind.RECLAIM, customer__in=taken, read_at=None).update(read_at=at)
    Notification.objects.bulk_create(
        Notification(user_id=owner, kind=Notification.Kind.RECLAIMED, text=f"{count} {rule.pool.name}", created_at=at)
        for owner, count in sorted(Counter(taken.values()).items())
    )
