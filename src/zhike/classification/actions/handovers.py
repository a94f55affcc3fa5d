"""Writes: what a person owns, given to others by class and rule, in the background where it is much.

Each step takes some thousands of customers in one transaction, with their events and all that follows
them: unread notifications, and new rules that nobody has confirmed for them yet. Open items of the review
queue belong to the customer and go with it. Whoever begins again goes on where it was broken off.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.db import IntegrityError, connection, transaction

from zhike.accounts.policy import require
from zhike.accounts.queries import assignable_owners
from zhike.audit.actions import record
from zhike.base.clock import now
from zhike.base.errors import Conflict
from zhike.base.inputs import Invalid
from zhike.classification.handovers import (
    ELSE,
    check_counted,
    customers_of,
    metrics_read,
    plan,
    read_lines,
    receivers,
    require_giving,
    with_line,
)
from zhike.classification.models import Acknowledgement, Handover, KeptMetric, Notification, Scheme
from zhike.classification.preview import not_filled_in
from zhike.core.errors import ZhikeError
from zhike.customers.actions.owners import give_customers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from zhike.accounts.models import User
    from zhike.classification.handovers import Line

logger = logging.getLogger("zhike.classification")

CHUNK = 2_000

_State = Handover.State
_UNFORESEEN = {"zh": "程序或数据库出了错，可以再交接一次", "en": "the program or the database failed; hand over again"}

# New rules told of a customer are confirmed by whoever owns it now; who has confirmed them has confirmed them.
_FOLLOW = """
WITH given AS (SELECT * FROM unnest(%(ids)s::bigint[], %(owners)s::bigint[]) AS s (customer_id, owner_id)),
open AS (
    SELECT publication_id FROM classification_acknowledgement WHERE user_id = %(giver)s AND confirmed_at IS NULL
),
moved AS (
    SELECT o.publication_id, g.owner_id, count(DISTINCT e.customer_id) AS customers
      FROM open o
      JOIN classification_publication_versions pv ON pv.publication_id = o.publication_id
      JOIN classification_schemeversion v ON v.id = pv.schemeversion_id
      JOIN classification_scheme d ON d.id = v.scheme_id
      JOIN given g ON true
      JOIN timeline_event e ON e.customer_id = g.customer_id AND e.kind = 'class.changed'
       AND e.data ->> 'recomputed' = 'rules' AND e.data ->> 'dimension' = d.dimension
       AND e.data ->> 'version' = v.number::text
     GROUP BY 1, 2
),
told AS (
    INSERT INTO classification_acknowledgement AS a (publication_id, user_id, customers)
    SELECT publication_id, owner_id, customers FROM moved
    ON CONFLICT (publication_id, user_id) DO UPDATE SET customers = a.customers + EXCLUDED.customers
     WHERE a.confirmed_at IS NULL
)
UPDATE classification_acknowledgement a SET customers = greatest(a.customers - m.customers, 0)
  FROM (SELECT publication_id, sum(customers) AS customers FROM moved GROUP BY 1) m
 WHERE a.publication_id = m.publication_id AND a.user_id = %(giver)s AND a.confirmed_at IS NULL
"""


@transaction.atomic
def ask_handover(*, giver: User, lines: Sequence[Mapping[str, Any]], counted: int | None, by: User) -> Handover:
    """Write down a hand-over to be carried out. `counted` is how many customers the person saw it give."""
    require_giving(by)
    require(by, "view", giver)
    read = read_lines(lines, by)
    found = plan(by, giver, read)
    if counted is not None and counted != found.total:
        raise Conflict(f"现在是 {found.total} 位客户，再看一眼", f"there are {found.total} customers now: look again")
    if not found.total:
        raise Invalid("没有客户符合这些条件", "no customer fulfils these conditions", path="lines")
    try:
        with transaction.atomic():
            return Handover.objects.create(
                giver=giver,
                by=by,
                lines=[{"when": line["when"], "to": list(to.to)} for line, to in zip(lines, read, strict=True)],
                turns=[0] * len(read),
                total=found.total,
                created_at=now(),
            )
    except IntegrityError as error:
        raise Conflict(
            f"{giver.name}的客户正在交接，等它做完", f"the customers of {giver.name} are being handed over: wait"
        ) from error


def keep_what_lines_read(lines: Sequence[Line], by: User) -> None:
    """Have the metrics kept that these conditions read and nothing else does yet."""
    require_giving(by)
    new = {str(row.ref) for row in not_filled_in(metrics_read(lines)) if row._state.adding}
    KeptMetric.objects.bulk_create([KeptMetric(ref=ref) for ref in sorted(new)], ignore_conflicts=True)


@transaction.atomic
def give_dimensions(*, giver: User, to: User, by: User) -> int:
    """Let somebody else answer for the rules of which `giver` is the owner; return of how many dimensions."""
    require(by, "publish", Scheme)
    if not to.is_active or not assignable_owners(by).filter(pk=to.pk).exists():
        raise Invalid("这个人不能接手规则", "this person cannot take over the rules", path="to")
    rows = Scheme.objects.select_for_update().filter(owner=giver).order_by("pk")
    dimensions = list(rows.values_list("dimension", flat=True))
    if dimensions:
        Scheme.objects.filter(dimension__in=dimensions).update(owner=to)
        data = {"to": [to.pk], "count": len(dimensions), "dimensions": dimensions}
        record("user.rules_given", by=by, subject=giver, data=data)
    return len(dimensions)


def run_waiting_handovers() -> int:
    """Carry out what was asked for, and what a crash has left undone; return how many."""
    waiting = list(Handover.objects.filter(state__in=Handover.OPEN).order_by("pk").values_list("pk", flat=True))
    for pk in waiting:
        run_handover(pk)
    return len(waiting)


def run_handover(pk: int) -> None:
    """Carry a hand-over through, step by step."""
    try:
        while _step(pk):
            pass
    except ZhikeError as error:
        _fail(pk, {"zh": error.message("zh"), "en": error.message("en")}, error.code)
    except Exception:
        _fail(pk, _UNFORESEEN, "unforeseen")
        logger.exception("hand-over %s failed", pk)


@transaction.atomic
def _step(pk: int) -> bool:
    """Give the next few thousand customers; say whether there may be more. Two at once go one after the other."""
    row = Handover.objects.select_for_update(of=("self",)).select_related("giver", "by").get(pk=pk)
    if not row.is_open:
        return False
    require_giving(row.by)
    lines = read_lines(row.lines, row.by)
    check_counted(lines)
    people = receivers(row.by, row.giver, lines)
    customers = with_line(customers_of(row.by, row.giver).filter(pk__gt=row.after), lines).order_by("pk")
    chunk = list(customers.values_list("pk", "line")[:CHUNK])
    to: dict[int, User] = {}
    turns = list(row.turns)
    for customer, line in chunk:
        if line != ELSE:
            to[customer] = people[lines[line].to[turns[line] % len(lines[line].to)]]
            turns[line] += 1
    given = give_customers(giver=row.giver, to=to, by=row.by) if to else {}
    if given:
        _follow(row.giver, given)
    row.turns, row.done = turns, row.done + len(given)
    row.state = _State.RUNNING if len(chunk) == CHUNK else _State.DONE
    row.after = chunk[-1][0] if chunk else row.after
    row.finished_at = None if row.state == _State.RUNNING else now()
    if row.state == _State.DONE:
        to_whom = sorted({pk for line in lines for pk in line.to})
        record(
            "user.handed_over", by=row.by, subject=row.giver, data={"to": to_whom, "count": row.done, "rule": row.pk}
        )
    row.save(update_fields=["turns", "done", "state", "after", "finished_at"])
    return row.is_open


def _follow(giver: User, given: Mapping[int, User]) -> None:
    """Let what waits for somebody about these customers wait for their new owner."""
    owners = [owner.pk for owner in given.values()]
    with connection.cursor() as cursor:
        cursor.execute(_FOLLOW, {"giver": giver.pk, "ids": list(given), "owners": owners})
    Acknowledgement.objects.filter(user=giver, confirmed_at=None, customers=0).delete()
    by_owner: dict[int, list[int]] = {}
    for customer, owner in given.items():
        by_owner.setdefault(owner.pk, []).append(customer)
    unread = Notification.objects.filter(user=giver, read_at=None)
    for owner_pk, customers in by_owner.items():
        unread.filter(customer__in=customers).update(user=owner_pk)


@transaction.atomic
def _fail(pk: int, problem: dict[str, str], why: str) -> None:
    row = Handover.objects.select_for_update(of=("self",)).select_related("giver", "by").get(pk=pk)
    if not row.is_open:
        return
    row.state, row.problem, row.finished_at = _State.FAILED, problem, now()
    row.save(update_fields=["state", "problem", "finished_at"])
    data = {"count": row.done, "rule": row.pk, "why": why}
    record("user.handover_failed", by=row.by, subject=row.giver, data=data)
