"""Writes that plans have in common, set-wise: plans begun, tasks made of steps, plans ended, and what is told of them.

Every caller has locked the customers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings

from zhike.accounts.queries import company_zone
from zhike.base.clock import now, today
from zhike.base.doors import Door
from zhike.core.plans import PREVIOUS, START, Step, as_data, read_steps
from zhike.followups.actions.contact_days import follow_tasks
from zhike.followups.models import Plan, Task
from zhike.followups.queries.doers import Doers
from zhike.timeline.actions import bulk_setting, insert_events
from zhike.timeline.rows import NewEvent, Row, checked

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from zhike.accounts.models import User
    from zhike.customers.models import Customer
    from zhike.followups.models import PlanTemplate
    from zhike.timeline.rows import Setting

# What is to be won or kept comes before what is to be looked after.
_URGENT = frozenset({"win", "keep"})


class Due(NamedTuple):
    """A step whose time has come, and the day from which it is counted."""

    plan: Plan
    step: Step
    base: date


@dataclass(slots=True)
class Writer:
    """Gathers what becomes of plans, and writes it in a few statements."""

    by: User | None = None
    plans: list[Plan] = field(default_factory=list)
    changed: dict[int, Plan] = field(default_factory=dict)
    due: list[Due] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)
    moved: dict[int, Task] = field(default_factory=dict)
    told: list[tuple[Plan, str, Mapping[str, object]]] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    _doers: Doers | None = None

    @property
    def at(self) -> datetime:
        return now()

    @property
    def doers(self) -> Doers:
        if self._doers is None:
            self._doers = Doers(today(company_zone()))
        return self._doers

    def begin(
        self,
        customer: Customer,
        template: PlanTemplate,
        cause: Mapping[str, object],
        *,
        done: Collection[str] = (),
        open_: Mapping[str, str] | None = None,
    ) -> Plan:
        """Begin a plan: what is due from its start comes to be done.

        Steps that are `done` stay so, and those in `open_` are being done, with the days that they were given.
        """
        steps = read_steps(template.steps)
        plan = Plan(
            customer=customer,
            template=template,
            purpose=template.purpose,
            steps=as_data(steps),
            cause=dict(cause),
            started_at=self.at,
            started_by=self.by,
            days={**dict.fromkeys(done, ""), **(open_ or {})},
        )
        self.plans.append(plan)
        self.touched.add(customer.pk)
        for step in begun(steps, done, open_ or ()):
            self.due.append(Due(plan, step, self.doers.today))
        return plan

    def end(self, plan: Plan, state: str, reason: str, *, kept: Iterable[str] = ()) -> None:
        """End a plan; what was done stays, and what is open of it is dropped but for the steps that are kept."""
        plan.state, plan.end_reason, plan.ended_at, plan.ended_by = state, reason, self.at, self.by
        self.changed[plan.pk] = plan
        self.touched.add(plan.customer_id)
        open_ = Task.objects.filter(plan=plan, state__in=[Task.State.OPEN, Task.State.SHELVED])
        self.dropped += open_.exclude(step__in=list(kept)).values_list("pk", flat=True)

    def change(self, plan: Plan) -> None:
        self.changed[plan.pk] = plan
        self.touched.add(plan.customer_id)

    def tell(self, plan: Plan, kind: str, **data: object) -> None:
        self.told.append((plan, kind, data))

    def write(self) -> None:
        """Write everything: ended plans first, so that of one purpose there is never more than one."""
        if self.dropped:
            rows = Task.objects.filter(pk__in=self.dropped)
            rows.update(state=Task.State.DROPPED, done_at=self.at, done_by=self.by)
        for plan in self.changed.values():
            plan.version += 1
        if self.changed:
            columns = ["state", "end_reason", "ended_at", "ended_by", "steps", "adapted", "days", "version"]
            Plan.objects.bulk_update(self.changed.values(), columns)
        tasks = self._tasks()
        Plan.objects.bulk_create(self.plans)
        self._move()
        for task in tasks:
            task.plan = task.plan  # it has its number now
        Task.objects.bulk_create(tasks, ignore_conflicts=True)
        if self.told:
            setting = bulk_setting()
            insert_events([_event(plan, kind, data, self.by, setting) for plan, kind, data in self.told])
        if self.touched:
            follow_tasks(self.touched, by=self.by)

    def _move(self) -> None:
        """Write the tasks that were carried over to another plan, or altered."""
        for task in self.moved.values():
            task.version += 1
            if "plan" in task._state.fields_cache:  # carried over to one that has been written just now
                task.plan = task.plan
        if self.moved:
            columns = ["plan", "kind", "title", "owner", "due_on", "told", "version"]
            Task.objects.bulk_update(self.moved.values(), columns)

    def _tasks(self) -> list[Task]:
        """Return the tasks of the steps that are due, and note on their plans which day each was given."""
        self.doers.read({due.plan.customer.owner_id for due in self.due if due.plan.customer.owner_id})
        tasks: list[Task] = []
        altered: dict[int, Plan] = {}
        for plan, step, base in self.due:
            if plan.customer.owner_id is None:
                continue
            doing = self.doers.does(plan.customer, step.who, base, offset=step.offset, working_days=step.working_days)
            plan.days[step.key] = doing.day.isoformat()
            if not plan._state.adding:
                altered[plan.pk] = plan
            tasks.append(
                Task(
                    customer=plan.customer,
                    plan=plan,
                    step=step.key,
                    kind=step.method,
                    title=title(step),
                    due_on=doing.day,
                    priority=Task.Priority.HIGH if plan.purpose in _URGENT else Task.Priority.NORMAL,
                    owner_id=doing.owner,
                    creator=self.by,
                    created_at=self.at,
                )
            )
        if altered:
            Plan.objects.bulk_update(altered.values(), ["days"])
        return tasks


def title(step: Step) -> str:
    """Return what the task of a step is called, in the language of the installation."""
    return step.name.get("en" if settings.LANGUAGE_CODE == "en" else "zh")


def begun(steps: Sequence[Step], done: Collection[str], open_: Collection[str] = ()) -> list[Step]:
    """Return the steps that are due from the start of a plan, and those that follow what is done already."""
    found = []
    before: str | None = None
    for step in steps:
        follows = step.after == PREVIOUS and before in done
        if step.key not in done and step.key not in open_ and (step.after == START or follows):
            found.append(step)
        before = step.key
    return found


def following(plan: Plan, key: str) -> Step | None:
    """Return the step that waits for this one to be done."""
    steps = read_steps(plan.steps)
    for step, after in pairwise(steps):
        if step.key == key and after.after == PREVIOUS and after.key not in plan.days:
            return after
    return None


def _event(plan: Plan, kind: str, data: Mapping[str, object], by: User | None, setting: Setting) -> Row:
    made = NewEvent(
        customer_id=plan.customer_id,
        kind=kind,
        occurred_at=now(),
        actor_id=by.pk if by else None,
        source=Door.FOLLOWUP,
        subject_type="plan",
        subject_id=str(plan.pk),
        data={
            "plan": plan.pk,
            "template": plan.template.key,
            "name_zh": plan.template.name_zh,
            "name_en": plan.template.name_en,
            "purpose": plan.purpose,
            **data,
        },
    )
    return checked(made, setting)
