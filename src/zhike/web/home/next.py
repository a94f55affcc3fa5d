"""Whom to contact next, and why: the day that was agreed, else the cadence of the customer's classes.

A planned day wins over the day that the classes lead to, which placing keeps beside the facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple, cast

from django.db.models import F, Prefetch

from zhike.accounts.policy import visible
from zhike.base.paging import Count, capped_count
from zhike.classification.facts import read_stored
from zhike.classification.models import Placement
from zhike.core.facts import Ref
from zhike.customers.models import Customer
from zhike.customers.queries import SEARCH_COLUMNS
from zhike.web.chips import Chips
from zhike.web.services import METHOD_ICONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

    from zhike.accounts.models import User
    from zhike.base.chips import Chip
    from zhike.classification.rules import Rulebook
    from zhike.core.schemes import Class, Scheme
    from zhike.core.text import Language

CONTACTED = Ref("metric.days_since_contact_made")
CREATED = Ref("metric.days_since_created")
AHEAD_DAYS = 7
SHOWN = 8
SHOWN_ALL = 100
MOST_COUNTED = 1_000


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
    size: Count
    tasks: Sequence[Task]

    @property
    def more(self) -> Count:
        return Count(self.size.value - len(self.tasks), self.size.capped)


class Days(NamedTuple):
    """The days of a group, both ends included."""

    first: date
    last: date


def next_contacts(
    user: User, rules: Rulebook, *, mine: bool, today: date, language: Language, expanded: str = ""
) -> list[Group]:
    """Return the groups in order of urgency, empty ones left out."""
    chips = Chips(rules.schemes, language)
    customers = _scope(user, mine=mine)
    groups = {
        "overdue": Days(date.min, today - timedelta(days=1)),
        "today": Days(today, today),
        "coming": Days(today + timedelta(days=1), today + timedelta(days=AHEAD_DAYS)),
    }
    found = []
    for key, days in groups.items():
        planned, owed = _planned(customers, days), _owed(customers, days, rules)
        size = _sum(capped_count(planned, MOST_COUNTED), capped_count(owed, MOST_COUNTED))
        if not size:
            continue
        rows = _first(planned, owed, urgent=key == "overdue", limit=SHOWN_ALL if key == expanded else SHOWN)
        found.append(Group(key, size, [_task(customer, rules, chips, today, language) for customer in rows]))
    return found


def owns_customers(user: User) -> bool:
    return visible(user, Customer).filter(owner=user).exists()


def _scope(user: User, *, mine: bool) -> QuerySet[Customer]:
    customers = visible(user, Customer).defer(*SEARCH_COLUMNS)
    return customers.filter(owner=user) if mine else customers


def _planned(customers: QuerySet[Customer], days: Days) -> QuerySet[Customer]:
    """Keep those with whom a day was agreed."""
    return customers.filter(next_contact_on__range=days).annotate(due=F("next_contact_on"))


def _owed(customers: QuerySet[Customer], days: Days, rules: Rulebook) -> QuerySet[Customer]:
    """Keep those whose classes lead to such a day. Naming every cadence lets the index find the days."""
    cadences = {c.service.cadence_days for scheme in rules.schemes for c in scheme.classes} - {None}
    return customers.filter(
        next_contact_on=None, facts__contact_every__in=sorted(filter(None, cadences)), facts__contact_due_on__range=days
    ).annotate(due=F("facts__contact_due_on"))


def _first(planned: QuerySet[Customer], owed: QuerySet[Customer], *, urgent: bool, limit: int) -> list[Customer]:
    """Return the first of both: what was agreed, then the classes that are contacted most often."""
    order = ("facts__contact_every", "facts__contact_due_on", "pk")
    if not urgent:
        order = ("facts__contact_due_on", "facts__contact_every", "pk")
    rows = [
        *_loaded(planned.order_by("next_contact_on", "pk"))[:limit],
        *_loaded(owed.order_by(*order))[:limit],
    ]
    return (rows if urgent else sorted(rows, key=attrgetter("due")))[:limit]


def _loaded(customers: QuerySet[Customer]) -> QuerySet[Customer]:
    placements = Prefetch("placements", Placement.objects.defer("reason"))
    return customers.select_related("facts", "owner").prefetch_related(placements)


def _sum(one: Count, other: Count) -> Count:
    return Count(one.value + other.value, one.capped or other.capped)


def _task(customer: Customer, rules: Rulebook, chips: Chips, today: date, language: Language) -> Task:
    placements = list(customer.placements.all())
    deciding = _deciding(placements, rules.schemes)
    due: date = customer.due  # type: ignore[attr-defined]
    facts = getattr(customer, "facts", None)  # there are none before a pack is installed
    stored = facts.values if facts else {}
    contacted, created = (read_stored(stored, ref, today) for ref in (CONTACTED, CREATED))
    methods = deciding.service.methods if deciding else ()
    drawn = [chip for chip in chips.of(placements) if chip and chip.style in {"", "deep"}]
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
