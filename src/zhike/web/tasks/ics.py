"""Tasks as calendar programs read them (RFC 5545)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from icalendar import Calendar, Event, vCalAddress, vText

from zhike.accounts.policy import visible
from zhike.accounts.queries import company_zone
from zhike.base.clock import now
from zhike.customers.models import Customer
from zhike.followups.models import Task

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import tzinfo

    from zhike.accounts.models import User

TYPE = "text/calendar; charset=utf-8"
PRODUCT = "-//Zhike//Tasks//ZH"
# What a calendar program is shown: enough to plan by, and never so much that reading it is work.
BEHIND, AHEAD, MOST = 30, 365, 1_000
TIME = timedelta(minutes=30)
# Urgency of RFC 5545: 1 is the highest, 5 the middle, 9 the lowest.
PRIORITIES = {Task.Priority.HIGH: 1, Task.Priority.NORMAL: 5, Task.Priority.LOW: 9}


def feed(user: User, name: str, site: str) -> bytes:
    """Return the open tasks of a person, with the names of the customers whom they see."""
    day = now().astimezone(company_zone()).date()
    rows = visible(user, Task).filter(owner=user, state=Task.State.OPEN)
    rows = rows.filter(shown_on__range=(day - timedelta(days=BEHIND), day + timedelta(days=AHEAD)))
    tasks = list(rows.select_related("customer", "plan").order_by("shown_on", "priority", "pk")[:MOST])
    ids = {task.customer_id for task in tasks if task.customer_id}
    names = dict(visible(user, Customer).filter(pk__in=ids).values_list("pk", "name")) if ids else {}
    calendar = _calendar("PUBLISH")
    calendar.add("X-WR-CALNAME", name)
    calendar.add("REFRESH-INTERVAL", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for task in tasks:
        calendar.add_component(_event(task, names.get(task.customer_id or 0, ""), user.zone, site))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def invitation(task: Task, customer: str, guests: Iterable[tuple[str, str]], zone: tzinfo | None, site: str) -> bytes:
    """Return a task as an invitation: its owner invites `guests`, pairs of name and e-mail address."""
    calendar = _calendar("REQUEST")
    event = _event(task, customer, zone, site)
    event.add("ORGANIZER", _person(task.owner.name, task.owner.email), encode=False)
    for name, email in guests:
        guest = _person(name, email)
        guest.params["RSVP"] = vText("TRUE")
        guest.params["PARTSTAT"] = vText("NEEDS-ACTION")
        event.add("ATTENDEE", guest, encode=False)
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", method)
    return calendar


def _event(task: Task, customer: str, zone: tzinfo | None, site: str) -> Event:
    event = Event()
    event.add("UID", f"task-{task.pk}@{urlsplit(site).hostname or 'zhike'}")
    event.add("DTSTAMP", now())
    event.add("SEQUENCE", task.version)
    event.add("SUMMARY", f"{customer} · {task.name}" if customer else task.name)
    event.add("URL", f"{site}/tasks/{task.pk}/")
    event.add("PRIORITY", PRIORITIES[Task.Priority(task.priority)])
    if task.text:
        event.add("DESCRIPTION", task.text)
    at = task.due_at if task.shown_on == task.due_on else None
    if at is None:
        event.add("DTSTART", task.shown_on)
        event.add("DTEND", task.shown_on + timedelta(days=1))
        event.add("TRANSP", "TRANSPARENT")
    else:
        own = company_zone()
        start = datetime.combine(task.due_on, at, own).astimezone(zone or own)
        event.add("DTSTART", start)
        event.add("DTEND", start + TIME)
    return event


def _person(name: str, email: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{email}")
    person.params["CN"] = vText(name)
    return person
