"""What the page of one customer shows around its timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from zhike.accounts.policy import can, field_access, grounds, readable_fields, redacted
from zhike.base.errors import current_language
from zhike.classification.queries import Story, story
from zhike.core.conditions.describe import Writer
from zhike.customers.display import Display
from zhike.customers.models import Customer
from zhike.customers.readable import unreadable
from zhike.duplicates.listing import known_of
from zhike.privacy.profiling import bar_of
from zhike.timeline.models import Event
from zhike.web.chips import Chips
from zhike.web.customer.completeness import AnswerForm, to_ask
from zhike.web.customer.details import detail_groups, load_fields
from zhike.web.customer.forms import KIND_ICONS, LogForm
from zhike.web.customer.kin import read_kin, read_related
from zhike.web.customer.metrics import figures
from zhike.web.customer.side import read_side
from zhike.web.customer.timeline import read_group, read_timeline
from zhike.web.merges.notes import merge_notes

if TYPE_CHECKING:
    from datetime import date

    from zhike.accounts.models import User
    from zhike.base.chips import Chip
    from zhike.classification.then import Then
    from zhike.core.text import Language
    from zhike.web.request import Request


def open_story(user: User, pk: int) -> Story:
    """Return the customer that this person may see, with its classes, or raise `NotFound`."""
    return story(user, Customer(pk=pk))


def page_context(
    request: Request,
    told: Story,
    *,
    form: LogForm | None = None,
    before: int | None = None,
    answered: AnswerForm | None = None,
) -> dict[str, object]:
    """Return everything that the page shows: its head, the timeline, the quick log, the right column."""
    writer = writer_for(request, told)
    stretch = read_timeline(
        request.user,
        told.customer.pk,
        group=read_group(request.GET.get("group", "")),
        before=before,
        rules=told.rules,
        writer=writer,
    )
    form = form or LogForm(customer=told.customer, by=request.user, currency=request.company.currency)
    context = record_context(request.user, told, writer)
    if context["may_change"] and before is None:
        display = context["display"]
        assert isinstance(display, Display)
        context["to_ask"] = to_ask(request.user, told, display.fields.values(), display, writer.currency, sent=answered)
    return {**context, "timeline": stretch, "log": form, "log_icons": KIND_ICONS}


def writer_for(request: Request, told: Story | Then) -> Writer:
    fields = told.rules.fields
    return Writer(current_language(), fields, request.company.currency, unreadable(request.user, fields))


def record_context(user: User, told: Story, writer: Writer) -> dict[str, object]:
    """Return what the head of the page and its right column show."""
    customer, today = redacted(user, told.customer), told.as_of
    began = record_began(told)
    planned = customer.next_contact_on
    display = _display(user, writer)
    may_change = can(user, "change", told.customer)
    access = field_access(user, Customer)
    return {
        "section": "customers",
        "customer": customer,
        "chips": _chips(told, writer.language),
        "began": began,
        "today": today,
        "days_known": (today - began).days,
        "overdue_days": max(0, (today - planned).days) if planned else 0,
        "figures": figures(told.history, today=today, language=writer.language, currency=writer.currency),
        "side": read_side(user, told.customer),
        "group": read_kin(user, told.customer, told.rules, writer.language),
        "relations": read_related(user, told.customer),
        "reads": readable_fields(user, Customer),
        "display": display,
        "details": detail_groups(customer, display.fields.values(), display),
        "may_change": may_change,
        "bar": bar_of(told.customer),
        "may_merge": may_change and bool(grounds(user, "merge", told.customer, owner_id=told.customer.owner_id)),
        "merges": merge_notes(user, told.customer.pk),
        "alike": known_of(user, told.customer.pk),
        "may_reach": may_change and access.writes("reaches"),
        "may_address": may_change and access.writes("addresses"),
        "may_log": can(user, "create", Event(customer=told.customer)),
    }


def _display(user: User, writer: Writer) -> Display:
    return Display(user, load_fields(), language=writer.language, currency=writer.currency)


def record_began(told: Story) -> date:
    """Return the day the record began: on paper, else with the first event."""
    customer = told.customer
    days = [event.day for event in told.history.events]
    return customer.created_on or min(days, default=timezone.localtime(customer.created_at).date())


def _chips(told: Story, language: Language) -> list[tuple[str, Chip]]:
    """Return dimension and chip of every class that the customer has."""
    drawn = Chips(told.rules, language)
    found = drawn.of(told.placements)
    return [(scheme.dimension, chip) for scheme, chip in zip(drawn.schemes, found, strict=True) if chip]
