"""Whom to contact next, and why: the day that was agreed, else the cadence of the customer's classes.

A planned day wins over the day that the classes lead to, which placing keeps beside the facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, cast

from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce

from zhike.accounts.policy import visible
from zhike.classification.facts import read_stored
from zhike.core.facts import Ref
from zhike.customers.models import Customer
from zhike.customers.queries import SEARCH_COLUMNS
from zhike.web.chips import Chips
from zhike.web.services import METHOD_ICONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet
    from django.db.models.expressions import OrderBy

    from zhike.accounts.models import User
    from zhike.base.chips import Chip
    from zhike.classification.models import Placement
    from zhike.classification.rules import Rulebook
    from zhike.core.schemes import Class, Scheme
    from zhike.core.text import Language

CONTACTED = Ref("metric.days_since_contact_made")
CREATED = Ref("metric.days_since_created")
AHEAD_DAYS = 7
SHOWN = 8
SHOWN_ALL = 100
GROUPS = ("overdue", "today", "coming")


@dataclass(frozen=True, slots=True)
class Task:
    """One customer to contact, with the reason in parts that the template makes a sentence of."""

    customer: Customer
    chips: Sequence[Chip]
    icon: str
    due: date
    overdue_days: int
    planned: bool
    class_label: str
    cadence: int
    silent_days: int | None  # since we were last in touch; None means never
    known_days: int


@dataclass(frozen=True, slots=True)
class Group:
    """Overdue, today or coming: some tasks, and how many there are in all."""

    key: str
    size: int
    tasks: Sequence[Task]

    @property
    def more(self) -> int:
        return self.size - len(self.tasks)


def next_contacts(
    user: User, rules: Rulebook, *, mine: bool, today: date, language: Language, expanded: str = ""
) -> list[Group]:
    """Return the groups in order of urgency, empty ones left out."""
    due = with_due(_scope(user, mine=mine))
    horizon = today + timedelta(days=AHEAD_DAYS)
    bounds = {
        "overdue": Q(due__lt=today),
        "today": Q(due=today),
        "coming": Q(due__gt=today, due__lte=horizon),
    }
    sizes: dict[str, int] = due.aggregate(**{key: Count("pk", filter=bound) for key, bound in bounds.items()})
    chips = Chips(rules.schemes, language)
    groups = []
    for key in GROUPS:
        if not sizes[key]:
            continue
        rows = due.filter(bounds[key]).order_by(*_urgency(key))
        loaded = rows.select_related("facts", "owner").prefetch_related("placements")
        limit = SHOWN_ALL if key == expanded else SHOWN
        tasks = [_task(customer, rules, chips, today, language) for customer in loaded[:limit]]
        groups.append(Group(key, sizes[key], tasks))
    return groups


def owns_customers(user: User) -> bool:
    return visible(user, Customer).filter(owner=user).exists()


def _scope(user: User, *, mine: bool) -> QuerySet[Customer]:
    customers = visible(user, Customer).defer(*SEARCH_COLUMNS)
    return customers.filter(owner=user) if mine else customers


def _urgency(key: str) -> tuple[str | OrderBy, ...]:
    """Order by what was agreed, then by the classes that are contacted most often."""
    if key == "overdue":
        return (F("next_contact_on").asc(nulls_last=True), "facts__contact_every", "due", "pk")
    return ("due", F("next_contact_on").asc(nulls_last=True), "facts__contact_every", "pk")


def with_due(customers: QuerySet[Customer]) -> QuerySet[Customer]:
    """Annotate `due`: the day that was agreed, else the one that the cadence leads to."""
    return customers.annotate(due=Coalesce(F("next_contact_on"), F("facts__contact_due_on")))


def _task(customer: Customer, rules: Rulebook, chips: Chips, today: date, language: Language) -> Task:
    placements = list(customer.placements.all())
    deciding = _deciding(placements, rules.schemes)
    due: date = customer.due  # type: ignore[attr-defined]
    facts = getattr(customer, "facts", None)  # there are none before a pack is installed
    stored = facts.values if facts else {}
    contacted, created = (read_stored(stored, ref, today) for ref in (CONTACTED, CREATED))
    methods = deciding.service.methods if deciding else ()
    drawn = [chip for chip in chips.of(customer, placements) if chip and chip.style in {"", "deep"}]
    return Task(
        customer=customer,
        chips=drawn[:2],
        icon=METHOD_ICONS[methods[0]] if methods else "phone",
        due=due,
        overdue_days=max(0, (today - due).days),
        planned=customer.next_contact_on is not None,
        class_label=deciding.label.get(language) if deciding else "",
        cadence=(deciding.service.cadence_days or 0) if deciding else 0,
        silent_days=cast("int | None", contacted),
        known_days=cast("int", created or 0),
    )


def _deciding(placements: Iterable[Placement], schemes: Iterable[Scheme]) -> Class | None:
    """Return the class with the shortest cadence among a customer's."""
    by_dimension = {placement.dimension: placement.class_key for placement in placements}
    owed = [
        class_
        for scheme in schemes
        for class_ in scheme.classes
        if class_.service.cadence_days and by_dimension.get(scheme.dimension) == class_.key
    ]
    return min(owed, key=lambda class_: class_.service.cadence_days or 0, default=None)
