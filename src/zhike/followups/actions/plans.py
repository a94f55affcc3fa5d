"""Writes of plans: begun and ended by people, and gone on with as their steps are done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from zhike.accounts.policy import get_visible, require
from zhike.accounts.queries import company_zone
from zhike.base.clock import today
from zhike.base.errors import Conflict, Forbidden, NotFound
from zhike.base.inputs import Invalid, line
from zhike.core.plans import read_steps
from zhike.customers.models import Customer
from zhike.followups.actions.steps import Due, Writer, following
from zhike.followups.models import Plan, PlanTemplate, Task
from zhike.timeline.locks import MergedAway, lock_customers

if TYPE_CHECKING:
    from zhike.accounts.models import User


@transaction.atomic
def start_plan(*, customer: Customer, template: PlanTemplate, by: User, switch: bool = False) -> Plan:
    """Begin a plan by hand.

    Of one purpose there is one: where another goes on, `Conflict` says which, unless that is to be switched for this one.
    """
    found = _lock(customer.pk, by)
    require(by, "create", Plan(customer=found))
    if not template.is_active:
        raise Invalid("这个计划模板已经停用", "this plan template is no longer used", path="template")
    if found.owner_id is None:
        raise Invalid("先给这位客户一位负责人", "give this customer an owner first", path="owner")
    going = Plan.objects.filter(customer=found, purpose=template.purpose, state=Plan.State.ACTIVE)
    other = going.select_related("template").first()
    writer = Writer(by)
    if other is not None:
        if not switch:
            zh, en = other.template.name
            raise Conflict(
                f"同一目的的计划「{zh}」还在进行，先结束它，或者换成这一个",
                f"the plan “{en}” of the same purpose is going on: end it first, or switch it for this one",
                path="template",
            )
        writer.end(other, Plan.State.SWITCHED, "switched")
        writer.tell(other, "plan.ended", reason="switched")
    plan = writer.begin(found, template, {"by": "hand"})
    writer.tell(plan, "plan.started", by="hand")
    writer.write()
    return plan


@transaction.atomic
def end_plan(*, plan: Plan, version: int, by: User, reason: str = "") -> Plan:
    """End a plan before it is done: what was done stays, and what is open of it is dropped."""
    said = line(reason, "reason", Plan.REASON_MAX)
    _lock(plan.customer_id, by)
    found = Plan.objects.select_related("customer__owner", "template").filter(pk=plan.pk).first()
    if found is None:
        raise NotFound
    require(by, "change", found)
    if found.state != Plan.State.ACTIVE or found.version != version:
        raise Conflict("这个计划刚被别人改过，再看一眼", "somebody has just changed this plan: look again")
    writer = Writer(by)
    writer.end(found, Plan.State.ENDED, said)
    writer.tell(found, "plan.ended", by="hand", reason="hand")
    writer.write()
    return found


def go_on(task: Task, by: User | None) -> None:
    """Go on with the plan of a task that was finished or dropped: the step that waits for it, or the end of the plan.

    The caller has locked the customer.
    """
    if task.plan_id is None:
        return
    plan = Plan.objects.select_related("customer__owner", "template").get(pk=task.plan_id)
    if plan.state != Plan.State.ACTIVE:
        return
    writer = Writer(by)
    after = following(plan, task.step)
    if after is not None:
        writer.due.append(Due(plan, after, today(company_zone())))
        writer.touched.add(plan.customer_id)
    elif is_done(plan):
        writer.end(plan, Plan.State.DONE, "done")
        writer.tell(plan, "plan.ended", reason="done")
    else:
        return
    writer.write()


def is_done(plan: Plan) -> bool:
    """Say whether every step of a plan was done or dropped."""
    waits = any(step.key not in plan.days for step in read_steps(plan.steps))
    return not waits and not Task.objects.filter(plan=plan, state=Task.State.OPEN).exists()


def _lock(pk: int, by: User) -> Customer:
    lock_customers([pk])
    found = Customer.objects.select_related("owner").get(pk=pk)
    if found.merged_into_id is not None:
        raise MergedAway
    get_visible(by, Customer, pk=pk)
    if found.erased_at is not None:
        raise Forbidden
    return found
