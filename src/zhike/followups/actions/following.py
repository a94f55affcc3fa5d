"""How plans and tasks follow what happens to customers: classes, events, owners, the bin.

Named in the lists of the settings, and called set-wise in the transaction of the change, under its locks. New rules and
history that is being written begin no plan, but who leaves a class by them leaves its plan, or goes on with that of the next.
"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.db import connection
from django.db.models import F

from zhike.accounts.queries import company_zone
from zhike.assignment.promises import BY_US
from zhike.base.among import among
from zhike.base.clock import today
from zhike.classification.models import Placement
from zhike.core.plans import EVENT, read_steps
from zhike.core.text import fold
from zhike.customers.models import Customer
from zhike.followups.actions.adapting import Adapting, switch
from zhike.followups.actions.contact_days import follow_tasks
from zhike.followups.actions.steps import Due, Writer
from zhike.followups.models import Plan, PlanTemplate, Task
from zhike.followups.queries.templates import AWAITED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from zhike.classification.follow_up import Entered
    from zhike.classification.rules import Rulebook
    from zhike.timeline.models import Event

# Who gets a customer goes on with what a class begins, if it was entered so few days ago.
FRESH_DAYS = 30


class _Templates(NamedTuple):
    """The templates that begin by a class, and those that begin by any change of a dimension."""

    of_class: Mapping[tuple[str, str], Sequence[PlanTemplate]]
    of_change: Mapping[str, Sequence[PlanTemplate]]


def _templates() -> _Templates:
    of_class: defaultdict[tuple[str, str], list[PlanTemplate]] = defaultdict(list)
    of_change: defaultdict[str, list[PlanTemplate]] = defaultdict(list)
    triggers = [PlanTemplate.Trigger.CLASS, PlanTemplate.Trigger.CHANGE]
    for template in PlanTemplate.objects.filter(is_active=True, trigger__in=triggers):
        if template.trigger == PlanTemplate.Trigger.CLASS:
            of_class[template.dimension, template.class_key].append(template)
        else:
            of_change[template.dimension].append(template)
    return _Templates(of_class, of_change)


# --- Classes ---


def follow_classes(entered: Sequence[Entered], rules: Rulebook, *, is_told: bool) -> None:
    """Begin, switch, end and adapt plans as customers enter and leave classes."""
    if not is_told and not any(one.old for one in entered):
        return
    known = _templates()
    ids = {one.customer for one in entered}
    going = _going(ids)
    if not going and not (is_told and (known.of_class or known.of_change)):
        return
    by_customer: defaultdict[int, list[Entered]] = defaultdict(list)
    for one in entered:
        by_customer[one.customer].append(one)
    writer = Writer()
    customers = Customer.present.select_related("owner").in_bulk(ids)
    for pk, moves in by_customer.items():
        if pk in customers:
            active = going.get(pk, {})
            _follow(customers[pk], moves, active, known, writer, is_told=is_told)
    Adapting(writer, rules, by_customer, going).adapt()
    writer.write()


def _going(ids: Iterable[int]) -> dict[int, dict[str, Plan]]:
    """Return the active plans of these customers: customer → purpose → plan."""
    found: defaultdict[int, dict[str, Plan]] = defaultdict(dict)
    rows = Plan.objects.filter(customer__in=among(ids), state=Plan.State.ACTIVE)
    for plan in rows.select_related("template", "customer__owner").order_by("pk"):
        found[plan.customer_id][plan.purpose] = plan
    return dict(found)


def _follow(
    customer: Customer,
    moves: Sequence[Entered],
    active: dict[str, Plan],
    known: _Templates,
    writer: Writer,
    *,
    is_told: bool,
) -> None:
    for move in moves:
        for plan in list(active.values()):
            cause = plan.cause
            of = (cause.get("by"), cause.get("dimension"), cause.get("class_key"))
            if of == ("class", move.dimension, move.old):
                del active[plan.purpose]
                after = [
                    one
                    for one in known.of_class.get((move.dimension, move.class_key), ())
                    if one.purpose == plan.purpose
                ]
                if after and customer.owner_id is not None:
                    active[plan.purpose] = switch(plan, after[0], move, writer)
                else:
                    writer.end(plan, Plan.State.ENDED, "left")
                    writer.tell(plan, "plan.ended", **_of(move), reason="left")
    if not is_told or customer.owner_id is None:
        return
    for move in moves:
        begins = [("class", one) for one in known.of_class.get((move.dimension, move.class_key), ())]
        begins += [("change", one) for one in known.of_change.get(move.dimension, ())] if move.old else []
        for by, template in begins:
            other = active.get(template.purpose)
            if other is None:
                cause = {"by": by, "dimension": move.dimension, "class_key": move.class_key}
                active[template.purpose] = writer.begin(customer, template, cause)
                writer.tell(active[template.purpose], "plan.started", by=by, **_of(move))
            elif other.template_id != template.pk:
                _stands_in_the_way(other, template, move, writer)


def _stands_in_the_way(plan: Plan, template: PlanTemplate, move: Entered, writer: Writer) -> None:
    """Say on a plan that another of its purpose would have begun: it is shown, and not doubled."""
    what = [{"code": "conflict", "template": template.key, "zh": template.name_zh, "en": template.name_en}]
    plan.adapted = [*plan.adapted, {"at": writer.at.isoformat(), **_of(move), "what": what}]
    if not plan._state.adding:
        writer.change(plan)


def _of(move: Entered) -> dict[str, str]:
    return {"dimension": move.dimension, "from": move.old, "to": move.class_key}


# --- Events ---


def see_event(event: Event) -> None:
    """Let a contact fulfil the day that somebody chose, and let steps and plans begin that wait for such an event."""
    customer = event.customer
    chosen = customer.next_contact_on if customer.next_contact_by == "person" else None
    if event.kind in BY_US and chosen is not None and chosen <= event.day:
        follow_tasks([customer.pk], by=event.actor, passed=[customer.pk])
    line = fold(str(event.data.get("line") or event.data.get("product") or ""))
    if line and customer.owner_id is not None:
        _begin_by_product(customer, line, event)
    if event.kind not in AWAITED:
        return
    # Asked by hand: it runs for every event, and mostly nothing waits for it.
    with connection.cursor() as cursor:
        cursor.execute(_WAITS, [customer.pk, json.dumps([{"after": f"{EVENT}{event.kind}"}])])
        (waits,) = cursor.fetchone() or (False,)
    if waits:
        _spawn({customer.pk: {event.kind: event.day}})


_WAITS = """
SELECT EXISTS (SELECT FROM followups_plan WHERE customer_id = %s AND state = 'active' AND steps @> %s::jsonb)
"""


def see_events(ids: Iterable[int], *, recomputed: str = "") -> None:
    """Let steps begin that wait for what was written about these customers in bulk."""
    del recomputed
    listed = list(ids)
    if not Plan.objects.filter(customer__in=among(listed), state=Plan.State.ACTIVE).exists():
        return
    with connection.cursor() as cursor:
        cursor.execute(_SINCE, [listed])
        found: defaultdict[int, dict[str, date]] = defaultdict(dict)
        for customer, kind, day in cursor.fetchall():
            found[customer][kind] = day
    _spawn(found)


# What has happened since the plans of these customers began, by kind, each with its first day.
_SINCE = """
SELECT e.customer_id, e.kind, min(e.day)
  FROM timeline_event e
  JOIN (SELECT customer_id, min(started_at) AS started_at FROM followups_plan
         WHERE state = 'active' AND customer_id = ANY(%s) GROUP BY 1) p ON p.customer_id = e.customer_id
 WHERE e.occurred_at >= p.started_at
   AND NOT EXISTS (SELECT FROM timeline_event v WHERE v.voids_id = e.id)
 GROUP BY 1, 2
"""


def _spawn(happened: Mapping[int, Mapping[str, date]]) -> None:
    """Let the steps begin that wait for these kinds of events, each counted from the day of its own."""
    writer = Writer()
    for plans in _going(happened).values():
        for plan in plans.values():
            for step in read_steps(plan.steps):
                day = happened[plan.customer_id].get(step.event)
                if step.event and day is not None and step.key not in plan.days:
                    writer.due.append(Due(plan, step, day))
                    writer.touched.add(plan.customer_id)
    if writer.due:
        writer.write()


def _begin_by_product(customer: Customer, line: str, event: Event) -> None:
    rows = PlanTemplate.objects.filter(is_active=True, trigger=PlanTemplate.Trigger.PRODUCT)
    wanted = [template for template in rows if fold(template.product) == line]
    if not wanted:
        return
    writer = Writer()
    active = _going([customer.pk]).get(customer.pk, {})
    for template in wanted:
        if template.purpose not in active:
            cause = {"by": "product", "event": event.pk}
            active[template.purpose] = writer.begin(customer, template, cause)
            writer.tell(active[template.purpose], "plan.started", by="product")
    writer.write()


# --- Owners, logs, the bin ---


def follow_owners(ids: Iterable[int]) -> None:
    """Let what is open follow the customers to their new owners, but for what a person gave to somebody.

    Who is owned by nobody has no plan: it ends, and what is open is dropped.
    """
    customers = Customer.present.select_related("owner").in_bulk(list(ids))
    owned = [pk for pk, customer in customers.items() if customer.owner_id is not None]
    lost = customers.keys() - set(owned)
    writer = Writer()
    for plans in _going(lost).values():
        for plan in plans.values():
            writer.end(plan, Plan.State.ENDED, "unowned")
            writer.tell(plan, "plan.ended", reason="unowned")
    rows = Task.objects.filter(state=Task.State.OPEN, delegated=False).exclude(owner=F("customer__owner"))
    writer.dropped += rows.filter(customer__in=lost).values_list("pk", flat=True)
    open_ = rows.filter(customer__in=owned).select_related("plan")
    _give(open_, customers, writer)
    _begin_fresh(owned, customers, writer)
    writer.touched.update(customers)
    writer.write()


def _give(tasks: Iterable[Task], customers: Mapping[int, Customer], writer: Writer) -> None:
    for task in tasks:
        customer = customers[task.customer_id or 0]
        assert customer.owner_id is not None
        owner, day = customer.owner_id, task.due_on
        if task.plan is not None:
            step = next((one for one in read_steps(task.plan.steps) if one.key == task.step), None)
            if step is not None:
                # Who is away on the day of a step has it done by whoever stands in; the day that somebody chose stays.
                doing = writer.doers.does(customer, step.who, day, offset=0, working_days=False)
                owner = doing.owner
        if task.owner_id != owner:
            task.owner_id = owner
            writer.moved[task.pk] = task


def _begin_fresh(ids: Iterable[int], customers: Mapping[int, Customer], writer: Writer) -> None:
    """Begin what classes begin that these customers have entered lately, if nobody has done so yet."""
    known = _templates().of_class
    if not known:
        return
    since = today(company_zone()) - timedelta(days=FRESH_DAYS)
    going = _going(ids)
    placed = Placement.objects.filter(customer__in=list(ids), since__gte=since, dimension__in={key[0] for key in known})
    begun = set(
        Plan.objects.filter(customer__in=list(ids), started_at__date__gte=since)
        .exclude(end_reason="unowned")
        .values_list("customer", "template")
    )
    for pk, dimension, key in placed.values_list("customer", "dimension", "class_key").order_by(
        "customer", "dimension"
    ):
        active = going.setdefault(pk, {})
        for template in known.get((dimension, key), ()):
            if template.purpose not in active and (pk, template.pk) not in begun:
                cause = {"by": "class", "dimension": dimension, "class_key": key}
                active[template.purpose] = writer.begin(customers[pk], template, cause)
                writer.tell(active[template.purpose], "plan.started", by="class", dimension=dimension, to=key)


def follow_log(customer: int) -> None:
    """Put the day of what is to be done next in the place of one that a contact has fulfilled."""
    follow_tasks([customer], by=None)


def shelve(ids: Sequence[int]) -> None:
    """Put what is open of customers in the bin aside."""
    Task.objects.filter(customer__in=ids, state=Task.State.OPEN).update(state=Task.State.SHELVED)


def unshelve(ids: Sequence[int]) -> None:
    """Open again what was put aside with customers who are back."""
    Task.objects.filter(customer__in=ids, state=Task.State.SHELVED).update(state=Task.State.OPEN)
