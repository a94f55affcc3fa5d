"""What the page of one customer shows around its timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from zhike.accounts.policy import can
from zhike.classification.queries import Story, story
from zhike.customers.models import Customer
from zhike.web.chips import Chips
from zhike.web.customer.metrics import figures

if TYPE_CHECKING:
    from datetime import date

    from zhike.accounts.models import User
    from zhike.base.chips import Chip
    from zhike.core.conditions.describe import Writer
    from zhike.core.text import Language


def open_story(user: User, pk: int) -> Story:
    """Return the customer that this person may see, with its classes, or raise `NotFound`."""
    return story(user, Customer(pk=pk))


def record_context(user: User, told: Story, writer: Writer) -> dict[str, object]:
    """Return what the head of the page and its right column show."""
    customer, today = told.customer, told.as_of
    began = record_began(told)
    planned = customer.next_contact_on
    return {
        "section": "customers",
        "customer": customer,
        "chips": _chips(told, writer.language),
        "began": began,
        "days_known": (today - began).days,
        "overdue_days": max(0, (today - planned).days) if planned else 0,
        "figures": figures(told.history, today=today, language=writer.language, currency=writer.currency),
        "contacts": list(customer.contacts.order_by("pk")),
        "may_change": can(user, "change", customer),
    }


def record_began(told: Story) -> date:
    """Return the day the record began: on paper, else with the first event."""
    customer = told.customer
    days = [event.day for event in told.history.events]
    return customer.created_on or min(days, default=timezone.localtime(customer.created_at).date())


def _chips(told: Story, language: Language) -> list[tuple[str, Chip]]:
    """Return dimension and chip of every class that the customer has."""
    drawn = Chips(told.rules.schemes, language)
    found = drawn.of(told.placements)
    return [(scheme.dimension, chip) for scheme, chip in zip(drawn.schemes, found, strict=True) if chip]
