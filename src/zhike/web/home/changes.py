"""The classes that changed in the last days, each with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from zhike.classification.queries import recent_changes as class_changes
from zhike.web.chips import class_chip
from zhike.web.evidence import evidence

if TYPE_CHECKING:
    from datetime import date, datetime

    from zhike.accounts.models import User
    from zhike.base.chips import Chip
    from zhike.classification.rules import Rulebook
    from zhike.core.conditions.describe import Writer
    from zhike.customers.models import Customer
    from zhike.timeline.models import Event

DAYS = 7
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Change:
    """One change of class."""

    customer: Customer
    dimension: str
    before: Chip
    after: Chip
    evidence: str
    at: datetime


def recent_changes(user: User, rules: Rulebook, writer: Writer, *, mine: bool, today: date) -> list[Change]:
    """Return the newest changes of the last days, those of dimensions in force."""
    dimensions = [scheme.dimension for scheme in rules.schemes]
    events = class_changes(user, since=today - timedelta(days=DAYS - 1), dimensions=dimensions)
    if mine:
        events = events.filter(customer__owner=user)
    return [_change(event, rules, writer) for event in events[:SHOWN]]


def _change(event: Event, rules: Rulebook, writer: Writer) -> Change:
    scheme = rules.scheme(str(event.data["dimension"]))
    return Change(
        customer=event.customer,
        dimension=scheme.dimension,
        before=class_chip(scheme, str(event.data.get("from")), writer.language),
        after=class_chip(scheme, str(event.data.get("to")), writer.language),
        evidence=evidence(event.data, rules, writer, timezone.get_current_timezone()),
        at=event.occurred_at,
    )
