"""The quick log in one breath: what happened, what was answered, the task that it finishes, and the next step.

All of it in one transaction, once however often the form is sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from django.db import transaction

from zhike.accounts.queries import company_zone
from zhike.base.clock import today
from zhike.base.doors import Door, through
from zhike.customers.actions.customers import update_customer
from zhike.customers.actions.log import log_contact
from zhike.customers.models import Customer
from zhike.followups.actions.contact_days import follow_tasks
from zhike.followups.actions.finishing import finish_task
from zhike.followups.actions.tasks import create_task
from zhike.followups.models import Task

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from zhike.accounts.models import User
    from zhike.customers.models import Contact
    from zhike.timeline.models import Event

# The next step is done in the way in which the contact was made; after a note it is just to be done.
METHODS: Mapping[str, str] = {"call": Task.Kind.CALL, "visit": Task.Kind.VISIT, "message": Task.Kind.MESSAGE}
# What became of a contact, as the quick log has it → how the task that it finishes went.
OUTCOMES: Mapping[str, str] = {"有进展": Task.Outcome.AGREED, "未接通": Task.Outcome.NO_ANSWER}


@dataclass(frozen=True, slots=True)
class Logged:
    """The event that was written, the task that it finished and the one that comes next, where there are such."""

    event: Event
    finished: Task | None
    following: Task | None


@transaction.atomic
def log_and_plan(  # noqa: PLR0913  one keyword each
    *,
    customer: Customer,
    kind: str,
    by: User,
    text: str = "",
    said: str = "",
    result: str = "",
    contact: Contact | None = None,
    next_contact_on: date | None = None,
    next_step: str = "",
    answers: Mapping[str, Any] | None = None,
    task: Task | None = None,
    occurred_at: datetime | None = None,
    key: str = "",
) -> Logged:
    """Log a contact, write down what was answered, finish `task` with it, and make a task of the next step."""
    event = log_contact(
        customer=customer,
        kind=kind,
        by=by,
        text=text,
        said=said,
        result=result,
        contact=contact,
        next_contact_on=next_contact_on,
        occurred_at=occurred_at,
        key=key,
    )
    if event.is_repeat:
        return Logged(event, None, None)
    if answers:
        version = Customer.objects.values_list("version", flat=True).get(pk=customer.pk)
        with through(Door.LOG):
            update_customer(customer=customer, version=version, by=by, **answers)
    finished = None
    if task is not None and task.state == Task.State.OPEN:
        outcome = OUTCOMES.get(result, Task.Outcome.REACHED)
        done = finish_task(
            task=task, version=task.version, outcome=outcome, text=text[: Task.TEXT_MAX], by=by, event=event
        )
        finished = done.task
    following = _next_step(customer, next_step, next_contact_on, kind, by, key)
    if next_contact_on is None and kind != "note":
        follow_tasks([customer.pk], by=by, passed=[customer.pk])
    return Logged(event, finished, following)


def _next_step(customer: Customer, title: str, day: date | None, kind: str, by: User, key: str) -> Task | None:
    if not title.strip():
        return None
    return create_task(
        by=by,
        customer=customer,
        title=title,
        kind=METHODS.get(kind, Task.Kind.TODO),
        due_on=day or today(company_zone()),
        form_key=uuid5(UUID(key), "next") if key else None,
    )
