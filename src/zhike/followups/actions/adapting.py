"""How a change of class alters what is left of a plan: what was done stays, and what was altered is said.

Switched for the plan of the next class, a step that both have goes on as the next one has it. Beside that, what a class
is owed alters the steps that are left: a senior person does them while some class asks for one, and none comes later
than the shortest cadence lets it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from zhike.classification.models import Placement
from zhike.core.plans import as_data, read_steps
from zhike.followups.actions.steps import begun, title
from zhike.followups.models import Plan, Task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zhike.classification.follow_up import Entered
    from zhike.classification.rules import Rulebook
    from zhike.core.plans import Step
    from zhike.core.schemes import Service
    from zhike.followups.actions.steps import Writer
    from zhike.followups.models import PlanTemplate

type What = dict[str, object]


def switch(plan: Plan, template: PlanTemplate, move: Entered, writer: Writer) -> Plan:
    """End a plan for that of the class that was entered, and carry over what both have."""
    steps = read_steps(template.steps)
    after = {step.key: step for step in steps}
    tasks = {task.step: task for task in Task.objects.filter(plan=plan).exclude(step="")}
    done = [key for key in after if key in tasks and tasks[key].state == Task.State.DONE]
    open_ = {key: task for key, task in tasks.items() if task.state in {Task.State.OPEN, Task.State.SHELVED}}
    carried = {key: task for key, task in open_.items() if key in after}
    cause = {"by": "class", "dimension": move.dimension, "class_key": move.class_key}
    days = {key: str(plan.days.get(key, "")) for key in carried}
    new = writer.begin(plan.customer, template, cause, done=done, open_=days)
    writer.end(plan, Plan.State.SWITCHED, "switched", kept=carried)
    what: list[What] = [_said("kept", after[key]) for key in done]
    what += [_carry(task, after[key], new, writer) for key, task in carried.items()]
    before = {step.key: step for step in read_steps(plan.steps)}
    what += [_said("dropped", before[key]) for key in open_ if key not in after]
    what += [_said("added", step) for step in begun(steps, done, carried)]
    entry = {"from": move.old, "to": move.class_key, "dimension": move.dimension}
    new.adapted = [{"at": writer.at.isoformat(), **entry, "what": what}]
    writer.tell(plan, "plan.ended", **entry, reason="switched")
    writer.tell(new, "plan.adapted", by="class", **entry, reason="switched", what=what)
    return new


def _carry(task: Task, step: Step, new: Plan, writer: Writer) -> What:
    """Let an open task go on as the step of the new plan has it."""
    is_same = task.kind == step.method and task.title in step.name
    task.plan, task.kind, task.title = new, step.method, title(step)
    writer.moved[task.pk] = task
    return _said("kept" if is_same else "changed", step)


def _said(code: str, step: Step, **more: object) -> What:
    return {"code": code, "step": step.key, "zh": step.name.zh, "en": step.name.en, **more}


@dataclass(slots=True)
class Adapting:
    """Alters the plans that go on, by what the classes entered and left are owed."""

    writer: Writer
    rules: Rulebook
    moves: Mapping[int, Sequence[Entered]]
    going: Mapping[int, Mapping[str, Plan]]
    _classes: dict[int, dict[str, str]] = field(default_factory=dict)

    def adapt(self) -> None:
        on_their_way = {
            pk: [plan for plan in plans.values() if not plan._state.adding and plan.state == Plan.State.ACTIVE]
            for pk, plans in self.going.items()
        }
        ids = [pk for pk, plans in on_their_way.items() if plans]
        rows = Placement.objects.filter(customer__in=ids).values_list("customer", "dimension", "class_key")
        for pk, dimension, key in rows:
            self._classes.setdefault(pk, {})[dimension] = key
        for pk in ids:
            old = self._services(pk, {move.dimension: move.old for move in self.moves[pk]})
            new = self._services(pk, {move.dimension: move.class_key for move in self.moves[pk]})
            for plan in on_their_way[pk]:
                self._adapt(plan, old, new)

    def _services(self, pk: int, moved: Mapping[str, str]) -> list[Service]:
        """Return what a customer is owed by the classes, with these in the place of those that are stored."""
        standing = {**self._classes.get(pk, {}), **moved}
        return [
            class_.service
            for scheme in self.rules.schemes
            for class_ in scheme.classes
            if standing.get(scheme.dimension) == class_.key
        ]

    def _adapt(self, plan: Plan, old: Sequence[Service], new: Sequence[Service]) -> None:
        is_senior, cadence = _asks_senior(new), _cadence(new)
        is_given = is_senior != _asks_senior(old)
        is_hurried = cadence is not None and cadence < (_cadence(old) or cadence + 1)
        if not is_given and not is_hurried:
            return
        open_ = {task.step: task for task in Task.objects.filter(plan=plan, state=Task.State.OPEN)}
        what = self._let(plan, open_, is_senior=is_senior) if is_given else []
        if is_hurried and cadence is not None:
            what += self._hurry(plan, open_, cadence)
        if not what:
            return
        move = self.moves[plan.customer_id][0]
        entry = {"dimension": move.dimension, "from": move.old, "to": move.class_key}
        plan.adapted = [*plan.adapted, {"at": self.writer.at.isoformat(), **entry, "what": what}]
        self.writer.change(plan)
        self.writer.tell(plan, "plan.adapted", by="class", **entry, what=what)

    def _let(self, plan: Plan, open_: Mapping[str, Task], *, is_senior: bool) -> list[What]:
        """Let a senior person do what is left, or again whom the template names."""
        said = {step.key: step.who for step in read_steps(plan.template.steps)}
        steps, what = [], []
        for step in read_steps(plan.steps):
            is_left = step.key not in plan.days or step.key in open_
            named = said.get(step.key, step.who)
            who = "senior" if is_senior and named == "owner" else named
            if is_left and who != step.who:
                step = replace(step, who=who)  # noqa: PLW2901  the step as it is from here on
                what.append(_said("who", step, who=who))
                self._give(plan, step, open_.get(step.key))
            steps.append(step)
        plan.steps = as_data(steps)
        return what

    def _give(self, plan: Plan, step: Step, task: Task | None) -> None:
        if task is None or task.delegated or plan.customer.owner_id is None:
            return
        doing = self.writer.doers.does(plan.customer, step.who, task.due_on, offset=0, working_days=False)
        task.owner_id = doing.owner
        self.writer.moved[task.pk] = task

    def _hurry(self, plan: Plan, open_: Mapping[str, Task], cadence: int) -> list[What]:
        """Let the first of what is open not wait longer than the cadence, unless a person chose its day."""
        planned = [task for task in open_.values() if task.due_on.isoformat() == plan.days.get(task.step)]
        first = min(planned, key=lambda task: (task.due_on, task.pk), default=None)
        if first is None or first.snoozed_until is not None:
            return []
        latest = self.writer.doers.worked(first.owner_id, self.writer.doers.today + timedelta(days=cadence))
        if first.due_on <= latest:
            return []
        step = next(step for step in read_steps(plan.steps) if step.key == first.step)
        what = _said("earlier", step, was=first.due_on.isoformat(), day=latest.isoformat())
        first.due_on, first.told = latest, 0
        plan.days[step.key] = latest.isoformat()
        self.writer.moved[first.pk] = first
        return [what]


def _asks_senior(services: Sequence[Service]) -> bool:
    return any(service.owner == "senior" for service in services)


def _cadence(services: Sequence[Service]) -> int | None:
    return min((service.cadence_days for service in services if service.cadence_days), default=None)
