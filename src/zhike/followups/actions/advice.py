"""Writes of advice: taken, dismissed; and what customers of a class buy together, counted anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction

from zhike.accounts.policy import require
from zhike.accounts.queries import company_zone
from zhike.base.clock import now, today
from zhike.base.inputs import Invalid, line
from zhike.classification.rules import rulebook
from zhike.core.affinity import LEAST_BOTH, baskets
from zhike.core.next_action import Kind, Reason, rests_until
from zhike.core.rhythm import products
from zhike.followups.actions.tasks import create_task
from zhike.followups.models import Advice, ProductPairs, Task
from zhike.followups.queries.advice import ALIKE
from zhike.timeline.models import Event

if TYPE_CHECKING:
    from zhike.accounts.models import User
    from zhike.classification.rules import Rulebook
    from zhike.customers.models import Customer

# The products that most customers buy.
MOST_PRODUCTS, MOST_PAIRS = 300, 2_000

_BOUGHT = """
SELECT e.customer_id, e.data->>'title', count(*), sum(e.base_amount)
  FROM timeline_event e
  JOIN classification_placement p ON p.customer_id = e.customer_id AND p.dimension = %s AND p.class_key = %s
 WHERE e.kind = 'order.placed' AND e.data->>'title' <> ''
   AND NOT EXISTS (SELECT FROM timeline_event v WHERE v.voids_id = e.id)
 GROUP BY 1, 2
"""


@transaction.atomic
def take_advice(  # noqa: PLR0913  one keyword each
    *,
    customer: Customer,
    kind: str,
    subject: str,
    title: str,
    text: str,
    method: str,
    by: User,
    standing: tuple[str, str] = ("", ""),
) -> Task:
    """Accept an advice: it becomes a task for today. `standing` is the dimension and class that is learned for."""
    found = _clean(kind, subject)
    owner = customer.owner if customer.owner is not None and customer.owner.is_active else None
    task = create_task(
        by=by,
        owner=owner,
        customer=customer,
        kind=method if method in Task.Kind.values else Task.Kind.CALL,
        title=title,
        text=text,
        due_on=today(company_zone()),
    )
    dimension, class_key = standing
    Advice.objects.create(
        customer=customer,
        kind=found[0],
        subject=found[1],
        accepted=True,
        # What is being done is not advised once more the next day.
        rests_until=rests_until(Reason.DONE, today(company_zone())),
        dimension=dimension,
        class_key=class_key,
        task=task,
        by=by,
        at=now(),
    )
    return task


@transaction.atomic
def dismiss_advice(
    *, customer: Customer, kind: str, subject: str, reason: str, by: User, standing: tuple[str, str] = ("", "")
) -> Advice:
    """Dismiss an advice with a reason, by which it rests."""
    require(by, "create", Event(customer=customer))
    found = _clean(kind, subject)
    if reason not in Reason:
        raise Invalid("请选一个原因", "choose a reason", path="reason")
    dimension, class_key = standing
    return Advice.objects.create(
        customer=customer,
        kind=found[0],
        subject=found[1],
        accepted=False,
        reason=reason,
        rests_until=rests_until(Reason(reason), today(company_zone())),
        dimension=dimension,
        class_key=class_key,
        by=by,
        at=now(),
    )


def _clean(kind: str, subject: str) -> tuple[Kind, str]:
    if kind not in Kind:
        raise Invalid("没有这种建议", "there is no such advice", path="kind")
    return Kind(kind), line(subject, "subject", Advice.SUBJECT_MAX, required=True)


def count_pairs() -> int:
    """Count anew what customers buy together, class by class; return how many classes there were."""
    rules = rulebook()
    scheme = next((one for wanted in ALIKE for one in rules.schemes if one.dimension == wanted), None)
    if scheme is None:
        return 0
    for class_ in scheme.classes:
        _count(scheme.dimension, class_.key)
    _forget(rules)
    return len(scheme.classes)


@transaction.atomic
def _count(dimension: str, class_key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_BOUGHT, [dimension, class_key])
        rows: list[tuple[int, str, int, int | None]] = cursor.fetchall()
    found = baskets((customer, product) for customer, title, _, _ in rows for product in products(title))
    # What few bought has no pair that counts, and would tell of persons.
    many = [product for product, size in found.buyers.items() if size >= LEAST_BOTH]
    common = sorted(many, key=lambda product: (-found.buyers[product], product))[:MOST_PRODUCTS]
    kept = set(common)
    orders: dict[str, int] = dict.fromkeys(common, 0)
    sums: dict[str, int] = dict.fromkeys(common, 0)
    for _, title, size, amount in rows:
        # Of an order of several products nobody knows what each was.
        named = products(title)
        if len(named) == 1 and named[0] in kept:
            orders[named[0]] += size
            sums[named[0]] += int(amount or 0)
    pairs = [(*pair, size) for pair, size in found.pairs.items() if kept.issuperset(pair)]
    pairs.sort(key=lambda one: (-one[2], one[0], one[1]))
    ProductPairs.objects.update_or_create(
        dimension=dimension,
        class_key=class_key,
        defaults={
            "everyone": found.everyone,
            "buyers": {product: found.buyers[product] for product in common},
            "amounts": {product: sums[product] // orders[product] for product in common if orders[product]},
            "pairs": pairs[:MOST_PAIRS],
            "counted_at": now(),
        },
    )


def _forget(rules: Rulebook) -> None:
    """Leave nothing of classes that there are no longer."""
    known = {(scheme.dimension, class_.key) for scheme in rules.schemes for class_ in scheme.classes}
    for row in ProductPairs.objects.only("dimension", "class_key"):
        if (row.dimension, row.class_key) not in known:
            row.delete()
