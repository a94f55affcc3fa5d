"""Writes that end a task: finished with an outcome, or dropped.

A contact that finishing one stands for is recorded in the same transaction, so that the classes have followed when it
returns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from zhike.accounts.policy import can
from zhike.accounts.queries import company_zone
from zhike.base.clock import now, today
from zhike.base.doors import Door
from zhike.base.errors import Forbidden, NotFound
from zhike.base.inputs import Invalid, day, paragraph
from zhike.customers.actions.log import plan_contact
from zhike.followups import recurrence
from zhike.followups.actions.plans import go_on
from zhike.followups.actions.tasks import check_open, follow_day, lock_task, save_task
from zhike.followups.models import Follower, Task
from zhike.timeline import actions as timeline
from zhike.timeline.models import Event

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from zhike.accounts.models import User
    from zhike.customers.models import Contact

# What was done with a customer, as the timeline calls it; whom nobody reached was not contacted.
EVENT_KINDS: Mapping[str, str] = {
    Task.Kind.CALL: "call.made",
    Task.Kind.VISIT: "visit.made",
    Task.Kind.MEETING: "visit.made",
    Task.Kind.MESSAGE: "message.sent",
    Task.Kind.EMAIL: "email.sent",
}
NOT_MET = frozenset({Task.Outcome.NO_ANSWER, Task.Outcome.POSTPONED, Task.Outcome.OTHER})


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished task, the event that tells of it (none without a customer), and the one that comes next."""

    task: Task
    event: Event | None
    following: Task | None


@transaction.atomic
def finish_task(  # noqa: PLR0913  one keyword each
    *,
    task: Task,
    version: int,
    outcome: str,
    by: User,
    text: str = "",
    minutes: int | None = None,
    contact: Contact | None = None,
    occurred_at: datetime | None = None,
    next_contact_on: date | None = None,
    event: Event | None = None,
) -> Finished:
    """Finish a task. For a customer one event is written, that of the contact if there was one.

    `event` is one that tells of it already: then none is written. `next_contact_on` is when the person wants to be in
    touch next, where that is agreed. Finished twice with the same words it is finished once; its recurrence makes the
    next one.
    """
    if outcome not in Task.Outcome.values:
        raise Invalid("请选择结果", "choose how it went", path="outcome")
    said = paragraph(text, "text", Task.TEXT_MAX)
    found = lock_task(task, None, by)
    if found.state == Task.State.DONE and (found.done_by_id, found.outcome, found.outcome_text) == (
        by.pk,
        outcome,
        said,
    ):
        told = Event.objects.filter(pk=found.event or 0).first()
        return Finished(found, told, Task.objects.filter(previous=found).first())
    check_open(found, version)
    if found.customer is not None and not can(by, "view", found.customer):
        raise Forbidden(
            "你已经看不到这位客户，不能替他记录：请把任务交回负责人，或者不做",
            "you no longer see this customer and cannot record for them: give the task back to the owner, or drop it",
        )
    if contact is not None and contact.customer_id != found.customer_id:
        raise NotFound
    found.state, found.outcome, found.outcome_text = Task.State.DONE, outcome, said
    found.done_at, found.done_by = now(), by
    found.version += 1
    found.save()
    if event is None:
        event = _record(found, by, minutes, contact, occurred_at)
    elif event.customer_id == found.customer_id:
        _told_by(found, event)
    following = _make_next(found)
    go_on(found, by)
    follow_day(found, by)
    if next_contact_on is not None and found.customer is not None:
        plan_contact(found.customer, day(next_contact_on, "next_contact_on"), by)
    return Finished(found, event, following)


@transaction.atomic
def drop_task(*, task: Task, version: int, by: User, text: str = "") -> Task:
    """Drop a task: it will not be done."""
    found = lock_task(task, version, by)
    said = paragraph(text, "text", Task.TEXT_MAX)
    columns = {"state": Task.State.DROPPED, "outcome_text": said, "done_at": now(), "done_by": by}
    dropped = save_task(found, columns, by)
    go_on(dropped, by)
    return dropped


def _record(
    task: Task, by: User, minutes: int | None, contact: Contact | None, occurred_at: datetime | None
) -> Event | None:
    """Write the one event that tells of a finished task."""
    if task.customer is None:
        return None
    kind = "task.done" if task.outcome in NOT_MET else EVENT_KINDS.get(task.kind, "task.done")
    data: dict[str, object] = {"text": task.outcome_text, "result": task.outcome, "title": task.title}
    if kind == "email.sent":
        data = {"subject": task.title, "text": task.outcome_text, "result": task.outcome}
    elif kind != "task.done":
        data["minutes"] = minutes
    event = timeline.record(
        task.customer,
        kind,
        by=by,
        contact=contact,
        occurred_at=occurred_at,
        source=Door.FOLLOWUP,
        subject=("task", str(task.pk)),
        data=data,
        key=f"task:{task.pk}",
    )
    _told_by(task, event)
    return event


def _told_by(task: Task, event: Event) -> None:
    task.event = event.pk
    task.save(update_fields=["event"])


def _make_next(task: Task) -> Task | None:
    """Make the task that comes after a finished one by its recurrence."""
    if not task.recurrence:
        return None
    due = recurrence.next_day(task.recurrence, task.due_on, today(company_zone()))
    if due is None:
        return None
    following = Task.objects.create(
        customer=task.customer,
        kind=task.kind,
        title=task.title,
        text=task.text,
        due_on=due,
        due_at=task.due_at,
        priority=task.priority,
        owner=task.owner,
        creator=task.creator,
        delegated=task.delegated,
        recurrence=task.recurrence,
        checklist=[{**item, "done": False} for item in task.checklist],
        previous=task,
        created_at=now(),
    )
    rows = [
        Follower(task=following, user_id=pk, added_at=now()) for pk in task.following.values_list("user", flat=True)
    ]
    Follower.objects.bulk_create(rows)
    return following
