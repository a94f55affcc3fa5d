"""修改记录: every change of a customer's fields, by day, with who made it and through which door."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from zhike.accounts.policy import field_access, get_visible
from zhike.base.doors import DOORS, Door
from zhike.base.errors import NotFound, current_language
from zhike.base.htmx import render_page
from zhike.customers.actions.changes import rows_of
from zhike.customers.display import BESIDE, Display
from zhike.customers.models import Contact as ContactRow
from zhike.customers.models import Customer, CustomField
from zhike.timeline.models import Event
from zhike.timeline.queries import changes
from zhike.web.assigned import assigned_by
from zhike.web.merges.notes import merge_notes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from django.db.models import Model
    from django.http import HttpResponse

    from zhike.accounts.field_access import FieldAccess
    from zhike.web.request import Request

PAGE_SIZE = 40
# An id has at most nineteen digits.
MOST_DIGITS = 19
LONGEST_FIELD = 80
_COLUMNS = (
    "name",
    "kind",
    "owner",
    "phone",
    "email",
    "region",
    "city",
    "industry",
    "size",
    "source",
    "campaign",
    "first_touch_channel",
    "first_touch_on",
    "first_touch_note",
    "birthday",
    "preferences",
    "tags",
    *BESIDE,
    "next_contact_on",
    "created_on",
    "key",
)
# The columns that follow what all ways to reach somebody say.
_REACHED = ("phone", "email")


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One save: who, when, by which door, and what it changed."""

    at: datetime
    who: str
    door: str
    title: str
    changes: Sequence[Change]


@dataclass(frozen=True, slots=True)
class Day:
    """The saves of one day."""

    day: date
    entries: Sequence[Entry]


@require_safe
def customer_history(request: Request, pk: int) -> HttpResponse:
    customer = get_visible(request.user, Customer, pk=pk)
    access: dict[type[Model], FieldAccess] = {
        model: field_access(request.user, model) for model in (Customer, ContactRow)
    }
    field = request.GET.get("field", "")[:LONGEST_FIELD]
    if not access[Customer].knows(field):
        raise NotFound
    events = changes(request.user, customer.pk, field=field)
    if before := request.GET.get("before", ""):
        events = events.filter(_earlier(request, customer, before))
    page = list(events[: PAGE_SIZE + 1])
    shown, more = page[:PAGE_SIZE], len(page) > PAGE_SIZE
    own = list(CustomField.objects.all())
    display = Display(request.user, own, language=current_language(), currency=request.company.currency)
    display.load(
        (str(row["field"]), row[side])
        for event in shown
        for row in rows_of(event)
        for side in ("from", "to")
        if side in row
    )
    context = {
        "section": "customers",
        "customer": customer,
        "merges": merge_notes(request.user, customer.pk),
        "days": [
            Day(day, [_entry(event, field, display, access) for event in events])
            for day, events in groupby(shown, key=lambda event: event.day)
        ],
        "older": shown[-1].pk if more else None,
        "field": field,
        "options": [(name, label) for name, label in _options(display, own) if access[Customer].knows(name)],
    }
    return render_page(request, "web/customer_history.html", context, partial="days" if before else "")


def _earlier(request: Request, customer: Customer, before: str) -> Q:
    if not (before.isascii() and before.isdigit() and len(before) < MOST_DIGITS):
        raise NotFound
    at = get_visible(request.user, Event, pk=int(before), customer=customer)
    earlier = Q(day__lt=at.day) | Q(occurred_at__lt=at.occurred_at) | Q(occurred_at=at.occurred_at, pk__lt=at.pk)
    return earlier & Q(day__lte=at.day)


def _options(display: Display, own: Sequence[CustomField]) -> list[tuple[str, str]]:
    return [(name, display.label(name)) for name in (*_COLUMNS, *(field.name for field in own))]


def _entry(event: Event, field: str, display: Display, access: Mapping[type[Model], FieldAccess]) -> Entry:
    readable = access[ContactRow if event.kind.startswith("contact.") else Customer]
    rows = [row for row in readable.changes(rows_of(event)) if not field or row["field"] == field]
    if any(row["field"] == "reaches" for row in rows):
        rows = [row for row in rows if row["field"] not in _REACHED]  # said there
    door = DOORS.get(Door(event.source)) if event.source in list(Door) else None
    return Entry(
        at=event.occurred_at,
        who=event.actor.name if event.actor else gettext("系统"),
        door=door.get(display.language) if door else "",
        title=_title(event),
        changes=[
            Change(
                _label(str(row["field"]), event, display),
                display.value(str(row["field"]), row.get("from")),
                display.value(str(row["field"]), row.get("to")),
            )
            for row in rows
        ],
    )


def _label(name: str, event: Event, display: Display) -> str:
    """Return the label of a field; those of a person at the customer are that model's."""
    if event.kind.startswith("contact.") and name in {field.name for field in ContactRow._meta.concrete_fields}:
        return str(ContactRow._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    return display.label(name)


def _title(event: Event) -> str:
    match event.kind:
        case "customer.created":
            return gettext("建档")
        case "contact.added":
            return gettext("新增联系人 %(name)s") % {"name": event.data.get("name", "")}
        case "contact.updated":
            return gettext("联系人 %(name)s") % {"name": event.data.get("name", "")}
        case "owner.changed":
            return assigned_by(event.data)
        case _:
            return ""
