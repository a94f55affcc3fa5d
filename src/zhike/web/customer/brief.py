"""Before a visit: one page of what to know of a customer, to be read on the way or printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from zhike.accounts.policy import field_access, readable_fields, redacted, visible
from zhike.base.errors import current_language
from zhike.base.templatetags.zhike import money
from zhike.classification.queries import class_changes
from zhike.core.rhythm import need_again
from zhike.customers.models import Customer
from zhike.followups.models import Plan
from zhike.followups.queries import tasks
from zhike.timeline.kinds import KINDS, Group, kinds_of
from zhike.timeline.models import Event
from zhike.timeline.queries import voided
from zhike.web.chips import Chips, class_chip
from zhike.web.customer.metrics import figures
from zhike.web.customer.next_action import Adviser
from zhike.web.customer.record import open_story, record_began, writer_for
from zhike.web.customer.side import read_side
from zhike.web.evidence import evidence
from zhike.web.home.waking import orders_of, rhythm_words
from zhike.web.request import Request, local_today

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from django.http import HttpResponse

    from zhike.accounts.models import User
    from zhike.base.chips import Chip
    from zhike.classification.queries import Story
    from zhike.core.conditions.describe import Writer

TALKED, TRADED, ASKED, TURNS = 6, 5, 4, 5


@dataclass(frozen=True, slots=True)
class Said:
    """Something that happened, in a line."""

    day: date
    kind: str
    icon: str
    text: str
    amount: str
    who: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A change of class, with what decided it."""

    at: datetime
    before: Chip
    after: Chip
    evidence: str


@require_safe
def brief(request: Request, pk: int) -> HttpResponse:
    told = open_story(request.user, pk)
    writer = writer_for(request, told)
    user, customer, today = request.user, told.customer, local_today()
    need = need_again(orders_of(user, [pk]).get(pk, []), today)
    drawn = Chips(told.rules, writer.language)
    advice = Adviser(user, told, current_language()).shown()
    context = {
        "section": "customers",
        "customer": redacted(user, customer),
        "reads": readable_fields(user, Customer),
        "access": field_access(user, Customer),
        "today": today,
        "days_known": (today - record_began(told)).days,
        "chips": [chip for chip in drawn.of(told.placements) if chip],
        "turns": _turns(user, told, writer),
        "figures": figures(told.history, today=today, language=writer.language, currency=writer.currency),
        "side": read_side(user, customer),
        "need": rhythm_words(need, today) if need else "",
        "asked": _said(user, pk, kinds_of(Group.SIGNAL), ASKED, writer),
        "talked": _said(user, pk, (*kinds_of(Group.CONTACT), "note.added"), TALKED, writer),
        "traded": _said(user, pk, kinds_of(Group.TRADE), TRADED, writer),
        "open_tasks": tasks.of_customer(user, customer)[:TALKED],
        "open_points": open_points(user, pk, writer),
        "advice": advice,
        "plan_names": [
            plan.template.name.get(writer.language)
            for plan in visible(user, Plan).filter(customer=pk, state=Plan.State.ACTIVE).select_related("template")
        ],
    }
    return render(request, "web/customer_brief.html", context)


def _said(user: User, pk: int, kinds: Sequence[str], most: int, writer: Writer) -> list[Said]:
    """Return the latest of these kinds that say something."""
    rows = visible(user, Event).filter(customer=pk, kind__in=kinds).exclude(pk__in=voided()).select_related("actor")
    return [_line(event, writer) for event in rows.order_by("-day", "-occurred_at", "-pk")[:most]]


def _line(event: Event, writer: Writer) -> Said:
    kind = KINDS[event.kind]
    data = event.data
    parts = [str(data[name]) for name in ("title", "subject", "product", "text") if data.get(name)]
    amount = money(event.base_amount, writer.currency) if event.base_amount else ""
    who = event.actor.name if event.actor else ""
    return Said(event.day, kind.label.get(writer.language), kind.icon, " · ".join(parts), amount, who)


def _turns(user: User, told: Story, writer: Writer) -> list[Turn]:
    """Return how the classes changed lately, each with what decided it."""
    known = {scheme.dimension: scheme for scheme in told.rules.schemes}
    rows = class_changes(user).filter(customer=told.customer, data__dimension__in=list(known))
    found = []
    for event in rows.order_by("-occurred_at", "-pk")[:TURNS]:
        scheme = known[str(event.data["dimension"])]
        found.append(
            Turn(
                at=event.occurred_at,
                before=class_chip(scheme, str(event.data.get("from")), writer.language),
                after=class_chip(scheme, str(event.data.get("to")), writer.language),
                evidence=evidence(event.data, told.rules, writer, timezone.get_current_timezone()),
            )
        )
    return found


def open_points(user: User, pk: int, writer: Writer) -> list[str]:
    """Return what is still open with the customer: tickets that nobody closed, complaints since the last one was."""
    events = visible(user, Event).filter(customer=pk).exclude(pk__in=voided())
    rows = events.filter(kind__in=["ticket.opened", "ticket.closed", "complaint.filed"]).order_by("day", "pk")
    waiting: dict[str, str] = {}
    for event in rows:
        number = str(event.data.get("number") or event.pk)
        if event.kind == "ticket.closed":
            waiting.pop(number, None)
            continue
        title = str(event.data.get("title") or event.data.get("text") or "")
        kind = KINDS[event.kind].label.get(writer.language)
        words = {"kind": kind, "title": title, "day": event.day.isoformat()}
        waiting[number] = gettext("%(kind)s（%(day)s）：%(title)s") % words
    return list(waiting.values())[-TALKED:]
