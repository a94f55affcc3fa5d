"""Writes: what a person owns, given to others by class and rule: a job, which does it step by step.

With a customer goes all that waits for somebody about them: unread notifications, and new rules that nobody has
confirmed for them yet. Open items of the review queue belong to the customer and go with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction

from zhike.accounts.models import User
from zhike.accounts.policy import require
from zhike.accounts.queries import assignable_owners
from zhike.audit.actions import record
from zhike.base.errors import Conflict, NotFound
from zhike.base.inputs import Invalid
from zhike.classification.handovers import (
    ELSE,
    KIND,
    check_counted,
    customers_of,
    last_handover,
    metrics_read,
    plan,
    read_lines,
    receivers,
    require_giving,
    with_line,
)
from zhike.classification.models import Acknowledgement, KeptMetric, Notification, Scheme
from zhike.classification.preview import not_filled_in
from zhike.core.text import Text
from zhike.customers.actions.many import give_many, take_back_many
from zhike.jobs.actions.jobs import ask_job, undo_anothers
from zhike.jobs.kinds import refused
from zhike.jobs.models import Item, Job

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from zhike.classification.handovers import Line
    from zhike.jobs.kinds import Outcome

_NO_LINE = Text("哪一行都不再符合", "no line means this customer any more")

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
def ask_handover(*, giver: User, lines: Sequence[Mapping[str, Any]], counted: int | None, by: User) -> Job:
    """Ask for a hand-over. `counted` is how many customers the person saw it give."""
    require_giving(by)
    require(by, "view", giver)
    read = read_lines(lines, by)
    User.objects.select_for_update(no_key=True).get(pk=giver.pk)  # two at once go one after the other
    if Job.objects.filter(kind=KIND, state__in=Job.OPEN, parameters__giver=giver.pk).exists():
        raise Conflict(
            f"{giver.name}的客户正在交接，等它做完", f"the customers of {giver.name} are being handed over: wait"
        )
    found = plan(by, giver, read)
    if counted is not None and counted != found.total:
        raise Conflict(f"现在是 {found.total} 位客户，再看一眼", f"there are {found.total} customers now: look again")
    if not found.total:
        raise Invalid("没有客户符合这些条件", "no customer fulfils these conditions", path="lines")
    return ask_job(
        kind=KIND,
        by=by,
        parameters={
            "giver": giver.pk,
            "name": giver.name,
            "lines": [{"when": line["when"], "to": list(to.to)} for line, to in zip(lines, read, strict=True)],
            "turns": [0] * len(read),
        },
        targets=with_line(customers_of(by, giver), read).exclude(line=ELSE),
    )


def undo_handover(*, giver: User, by: User) -> Job:
    """Give a colleague back what was handed over last, whoever did it: `by` has to be allowed to hand it over."""
    require_giving(by)
    require(by, "view", giver)
    job = last_handover(by, giver)
    if job is None:
        raise NotFound
    return undo_anothers(job=job, by=by)


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


def check_handover(*, giver: User, lines: Sequence[Mapping[str, Any]], by: User) -> None:
    """Raise unless `by` may give a colleague's customers to the people of these lines."""
    require_giving(by)
    read = read_lines(lines, by)
    check_counted(read)
    receivers(by, giver, read)


@transaction.atomic
def give_by_lines(
    *, ids: Iterable[int], giver: User, lines: Sequence[Mapping[str, Any]], turns: Sequence[int], by: User
) -> tuple[dict[int, Outcome], list[int]]:
    """Give each customer to whom the first line says that means it now; return also how many each line has given."""
    read = read_lines(lines, by)
    people = receivers(by, giver, read)
    rows = with_line(customers_of(by, giver).filter(pk__in=list(ids)), read).order_by("pk")
    to: dict[int, User] = {}
    found: dict[int, Outcome] = {}
    given = list(turns)
    for customer, place in rows.values_list("pk", "line"):
        if place == ELSE:
            found[customer] = refused(_NO_LINE)
            continue
        takers = read[place].to
        to[customer] = people[takers[given[place] % len(takers)]]
        given[place] += 1
    found |= give_many(to=to, giver=giver, by=by)
    _follow(giver, {pk: person for pk, person in to.items() if found[pk].state == Item.State.CHANGED})
    return found, given


@transaction.atomic
def take_back_handover(*, items: Sequence[Item], giver: User, by: User) -> dict[int, Outcome]:
    """Give customers back whom nobody has given away since, with what waits for somebody about them."""
    found = take_back_many(items=items, field="owner", by=by)
    back: dict[int, list[int]] = {}
    for item in items:
        if item.target in found and found[item.target].state == Item.State.CHANGED:
            back.setdefault(item.after["owner"], []).append(item.target)
    for taker in User.objects.filter(pk__in=back):
        _follow(taker, dict.fromkeys(back[taker.pk], giver))
    return found


def _follow(giver: User, given: Mapping[int, User]) -> None:
    """Let what waits for somebody about these customers wait for their new owner."""
    if not given:
        return
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
