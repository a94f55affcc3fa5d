"""The quick log of a contact: what happened, and when to be in touch next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from zhike.accounts.policy import require
from zhike.base.doors import Door, through
from zhike.base.errors import Conflict, NotFound
from zhike.base.inputs import Invalid
from zhike.base.inputs import day as clean_day
from zhike.customers.actions.changes import plain, tell_quietly
from zhike.customers.mentions import mentioned
from zhike.customers.models import Contact, Customer
from zhike.timeline import actions as timeline
from zhike.timeline.models import Event
from zhike.timeline.schema import clean_data, kind_of

if TYPE_CHECKING:
    from datetime import date, datetime

    from zhike.accounts.models import User

# What the quick log offers → the kind of event it writes.
LOG_KINDS = {"call": "call.made", "visit": "visit.made", "message": "message.sent", "note": "note.added"}


@transaction.atomic
def log_contact(  # noqa: PLR0913  one keyword each
    *,
    customer: Customer,
    kind: str,
    by: User,
    text: str = "",
    said: str = "",
    result: str = "",
    minutes: int | None = None,
    contact: Contact | None = None,
    next_contact_on: date | None = None,
    occurred_at: datetime | None = None,
    key: str = "",
) -> Event:
    """Write down a call, visit, message or note and when to be in touch next.

    A contact that was made fulfils what was planned: without a new day there is no plan left. `said` are the
    customer's own words.
    `key` is drawn by the form, so that sending it twice logs once; sent again with other words it is
    refused, since they would be lost.
    """
    require(by, "create", Event(customer=customer))
    if kind not in LOG_KINDS:
        raise Invalid("请选择电话、拜访、消息或备注", "choose call, visit, message or note", path="kind")
    if not text.strip() and kind == "note":
        raise Invalid("请写下备注的内容", "write what the note should say", path="text")
    if contact is not None and contact.customer_id != customer.pk:
        raise NotFound
    if next_contact_on is not None:
        clean_day(next_contact_on, "next_contact_on")
    heard = mentioned(by, customer, text).heard
    data = {
        "text": text,
        "said": said.strip() or None,
        "result": result,
        "minutes": minutes,
        "mentions": [person.pk for person in heard] or None,
    }
    event = timeline.record(
        customer,
        LOG_KINDS[kind],
        by=by,
        contact=contact,
        occurred_at=occurred_at,
        data=data,
        source=Door.LOG if key else "",
        key=key,
    )
    if event.is_repeat:
        if (event.kind, event.data) != (LOG_KINDS[kind], clean_data(kind_of(LOG_KINDS[kind]), data)):
            raise Conflict("这份记录已经保存过，内容不同", "this form was recorded before, with other words")
    elif kind != "note" or next_contact_on is not None:
        plan_contact(customer, next_contact_on, by)
        for hook in settings.ZHIKE_ON_LOGGED:
            import_string(hook)(customer.pk)
    return event


@transaction.atomic
def choose_day(*, customer: Customer, day: date, by: User) -> None:
    """Set the day of the next contact, as whoever writes one down may."""
    require(by, "create", Event(customer=customer))
    plan_contact(customer, clean_day(day, "next_contact_on"), by)


def plan_contact(customer: Customer, day: date | None, by: User) -> None:
    """Set the day of the next contact: a change like any other, of which no rule reads anything."""
    found = Customer.objects.only("next_contact_on", "planned_contact_on", "version").get(pk=customer.pk)
    if found.next_contact_on == day:
        if day is not None and found.planned_contact_on == day:  # a person wants it too
            Customer.objects.filter(pk=found.pk).update(planned_contact_on=None)
        return
    changes = {"next_contact_on": [plain(found.next_contact_on), plain(day)]}
    found.next_contact_on = day
    found.version += 1
    found.save(update_fields=["next_contact_on", "version"])
    with through(Door.LOG):
        tell_quietly(found, changes, by)
