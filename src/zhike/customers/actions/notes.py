"""Writes of a note that is there: corrected within a day, or taken back. The timeline keeps what was said first."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from zhike.accounts.policy import can, require
from zhike.base.clock import now
from zhike.base.errors import Forbidden
from zhike.base.inputs import Invalid
from zhike.customers.mentions import mentioned
from zhike.timeline import actions as timeline
from zhike.timeline.locks import lock_customer
from zhike.timeline.models import Event

if TYPE_CHECKING:
    from zhike.accounts.models import User

NOTE = "note.added"
EDITABLE_FOR = timedelta(days=1)


def may_edit_note(event: Event, by: User) -> bool:
    """Say whether a person may still correct a note: their own, within a day."""
    is_own = event.kind == NOTE and event.actor_id == by.pk
    return is_own and now() - event.recorded_at < EDITABLE_FOR


def may_void_note(event: Event, by: User) -> bool:
    """Say whether a person may take a note back: the author, and whoever may do so with everybody's."""
    return event.kind == NOTE and (event.actor_id == by.pk or can(by, "void", Event))


@transaction.atomic
def edit_note(*, event: Event, text: str, by: User) -> Event:
    """Say it otherwise: another note in its place, at its time. Sent again, it gives back the other note."""
    require(by, "create", Event)
    customer, _ = lock_customer(event.customer_id, by=by, moment=now())
    if not may_edit_note(event, by):
        raise Forbidden("备注只能由写的人在一天之内修改", "A note is changed by whoever wrote it, within a day")
    if not text.strip():
        raise Invalid("请写下备注的内容", "write what the note should say", path="text")
    if text.strip() == event.data.get("text"):
        return event
    known = {person.pk for person in mentioned(by, customer, str(event.data.get("text", ""))).heard}
    data = {
        "text": text,
        "result": event.data.get("result"),
        # Whoever was spoken to before has heard of it.
        "mentions": [person.pk for person in mentioned(by, customer, text).heard if person.pk not in known],
        "replaces": event.pk,
    }
    made = timeline.record(
        customer,
        NOTE,
        by=by,
        occurred_at=event.occurred_at,
        contact=event.contact,
        channel=event.channel,
        data={name: value for name, value in data.items() if value},
        source="edit",
        key=f"{event.pk}",
    )
    if not made.is_repeat:
        timeline.void(event, by=by, replaced=True)
    elif made.data.get("text") != text.strip():
        raise Invalid("这条备注刚被改过，请先看最新内容", "this note has just been changed: look at it again")
    return made


@transaction.atomic
def void_note(*, event: Event, by: User) -> None:
    """Take a note back: it stays in the timeline, crossed out."""
    require(by, "create", Event)
    lock_customer(event.customer_id, by=by, moment=now())
    if not may_void_note(event, by):
        raise Forbidden
    if not Event.objects.filter(voids=event).exists():
        timeline.void(event, by=by)
