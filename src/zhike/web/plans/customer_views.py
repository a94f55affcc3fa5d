"""What is next for a customer: their plans with the step at hand, and the open tasks. A part of their page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.views.decorators.http import require_safe

from zhike.accounts.policy import can, get_visible
from zhike.base.errors import current_language
from zhike.base.htmx import render_page
from zhike.customers.models import Customer
from zhike.followups.models import Plan, Task
from zhike.followups.queries import plans as plan_queries
from zhike.followups.queries.tasks import of_customer
from zhike.followups.words import BEGUN, ended
from zhike.web.plans.words import Adapted, adapted
from zhike.web.request import Request, local_today
from zhike.web.tasks.forms import QuickForm
from zhike.web.tasks.rows import make_rows, with_task_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from zhike.core.plans import Step
    from zhike.web.tasks.rows import Row

MOST_TASKS = 12
MOST_PAST = 5
MOST_ADAPTED = 3


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step of a plan as its card shows it; `task` is the open one that it is, if it has begun."""

    name: str
    method: str
    talk_track: str
    material: str
    asks: Sequence[str]
    is_done: bool
    task: Row | None


@dataclass(frozen=True, slots=True)
class PlanCard:
    """An active plan: how far it is, and what is at hand."""

    plan: Plan
    name: str
    purpose: str
    short_goal: str
    long_goal: str
    steps: Sequence[StepLine]
    done: int
    began: str
    adapted: Sequence[Adapted]
    may_end: bool

    @property
    def at_hand(self) -> StepLine | None:
        return next((step for step in self.steps if step.task is not None), None)

    @property
    def share(self) -> int:
        return round(100 * self.done / len(self.steps)) if self.steps else 100


@require_safe
def customer_next(request: Request, pk: int) -> HttpResponse:
    user = request.user
    customer = get_visible(user, Customer, pk=pk)
    tasks = list(with_task_columns(of_customer(user, customer))[: MOST_TASKS + 1])
    rows = make_rows(user, tasks[:MOST_TASKS], local_today())
    found = list(plan_queries.of(user, customer)[: MOST_TASKS + MOST_PAST])
    active = [plan for plan in found if plan.state == Plan.State.ACTIVE]
    context = {
        "section": "customers",
        "customer": customer,
        "plans": [_card(request, plan, rows) for plan in active],
        "past": [
            (plan, ended(plan.end_reason).get(current_language())) for plan in found if plan.state != Plan.State.ACTIVE
        ][:MOST_PAST],
        "rows": [row for row in rows if row.task.plan_id is None],
        "more": len(tasks) > MOST_TASKS,
        "quick": QuickForm(),
        "may_create": can(user, "create", Task),
        "may_start": can(user, "create", Plan(customer=customer)),
    }
    return render_page(request, "web/customer_next.html", context, partial="section")


def _card(request: Request, plan: Plan, rows: Sequence[Row]) -> PlanCard:
    language = current_language()
    by_step = {row.task.step: row for row in rows if row.task.plan_id == plan.pk}
    over = set(
        Task.objects.filter(plan=plan).exclude(state=Task.State.OPEN).exclude(step="").values_list("step", flat=True)
    )
    steps = [_line(step, by_step.get(step.key), is_done=step.key in over) for step in plan_queries.steps_of(plan)]
    template = plan.template
    return PlanCard(
        plan=plan,
        name=template.name.get(language),
        purpose=template.purpose_label(language),
        short_goal=template.short_goal.get(language),
        long_goal=template.long_goal.get(language),
        steps=steps,
        done=sum(step.is_done for step in steps),
        began=BEGUN[plan.cause["by"]].get(language) if plan.cause.get("by") in BEGUN else "",
        adapted=adapted(plan.adapted)[:MOST_ADAPTED],
        may_end=can(request.user, "change", plan),
    )


def _line(step: Step, task: Row | None, *, is_done: bool) -> StepLine:
    language = current_language()
    return StepLine(
        name=step.name.get(language),
        method=str(Task.Kind(step.method).label),
        talk_track=step.talk_track.get(language),
        material=step.material.get(language),
        asks=step.form,
        is_done=is_done,
        task=task,
    )
