"""Whom to contact next, and why: the day that was agreed, else the cadence of the customer's classes.

A planned day wins over the day that the classes lead to, which placing keeps beside the facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from zhike.accounts.policy import visible
from zhike.base.paging import Count
from zhike.classification.facts import read_stored
from zhike.classification.queries import standings_of
from zhike.core.facts import Ref
from zhike.customers.models import Customer
from zhike.customers.queries import SEARCH_COLUMNS
from zhike.web.chips import Chips, notable
from zhike.web.services import METHOD_ICONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django.db.models import QuerySet

    from zhike.accounts.models import User
    from zhike.base.chips import Chip
    from zhike.classification.queries import Standing
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


class Due(NamedTuple):
    """A customer and the day on which to be in touch."""

    day: date
    customer: int


def next_contacts(
    user: User, rules: Rulebook, *, mine: bool, today: date, language: Language, expanded: str = ""
) -> list[Group]:
    """Return the groups in order of urgency, empty ones left out."""
    scope = _scope(user, mine=mine)
    spans = {
        "overdue": Days(date.min, today - timedelta(days=1)),
        "today": Days(today, today),
        "coming": Days(today + timedelta(days=1), today + timedelta(days=AHEAD_DAYS)),
    }
    sizes: dict[str, Count] = {}
    first: dict[str, list[Due]] = {}
    for key, days in spans.items():
        planned, owed = _planned(scope, days), _owed(scope, days, rules, urgent=key == "overdue")
        sizes[key] = _sum(_count(planned), _count(owed))
        # What was agreed comes first among the overdue; later, day by day.
        both = [*planned, *owed] if key == "overdue" else sorted([*planned, *owed], key=attrgetter("day"))
        first[key] = both[: SHOWN_ALL if key == expanded else SHOWN]
    tasks = _tasks(user, rules, first, today, language)
    return [Group(key, size, tasks[key]) for key, size in sizes.items() if size]


def owns_customers(user: User) -> bool:
    return visible(user, Customer).filter(owner=user).exists()


def _scope(user: User, *, mine: bool) -> QuerySet[Customer]:
    customers = visible(user, Customer)
    return customers.filter(owner=user) if mine else customers


def _planned(customers: QuerySet[Customer], days: Days) -> list[Due]:
    """Return those with whom a day was agreed, the earliest first."""
    found = customers.filter(next_contact_on__range=days).order_by("next_contact_on", "pk")
    return _read(found.values_list("next_contact_on", "pk"))


def _owed(customers: QuerySet[Customer], days: Days, rules: Rulebook, *, urgent: bool) -> list[Due]:
    """Return those whose classes lead to such a day: when it is urgent, the shortest cadence first.

    Naming every cadence lets the index find the days.
    """
    cadences = {c.service.cadence_days for scheme in rules.schemes for c in scheme.classes} - {None}
    found = customers.filter(
        next_contact_on=None, facts__contact_every__in=sorted(filter(None, cadences)), facts__contact_due_on__range=days
    )
    order = ["facts__contact_due_on", "facts__contact_every"]
    found = found.order_by(*(reversed(order) if urgent else order), "pk")
    return _read(found.values_list("facts__contact_due_on", "pk"))


def _read(rows: QuerySet[Customer, Any]) -> list[Due]:
    """Read as many as are counted: that costs no more than counting them, and then finding the first."""
    return [Due(*row) for row in rows[: MOST_COUNTED + 1]]


def _count(found: Sequence[Due]) -> Count:
    return Count(min(len(found), MOST_COUNTED), len(found) > MOST_COUNTED)


def _sum(one: Count, other: Count) -> Count:
    return Count(one.value + other.value, one.capped or other.capped)


def _tasks(
    user: User, rules: Rulebook, groups: Mapping[str, Sequence[Due]], today: date, language: Language
) -> dict[str, list[Task]]:
    """Load all groups at once."""
    ids = [due.customer for group in groups.values() for due in group]
    loaded = visible(user, Customer).filter(pk__in=ids).select_related("facts", "owner").defer(*SEARCH_COLUMNS)
    customers = {customer.pk: customer for customer in loaded}
    standings = standings_of(user, ids)
    chips = Chips(rules, language)

    def task(due: Due) -> Task:
        return _task(customers[due.customer], standings.get(due.customer, {}), chips, due.day, today)

    return {key: [task(due) for due in group if due.customer in customers] for key, group in groups.items()}


def _task(customer: Customer, standings: Mapping[str, Standing], chips: Chips, due: date, today: date) -> Task:
    deciding = _deciding(standings, chips.schemes)
    facts = getattr(customer, "facts", None)  # there are none before a pack is installed
    stored = facts.values if facts else {}
    contacted, created = (read_stored(stored, ref, today) for ref in (CONTACTED, CREATED))
    methods = deciding.service.methods if deciding else ()
    return Task(
        customer=customer,
        chips=notable(chips.of(standings)),
        icon=METHOD_ICONS[methods[0]] if methods else "phone",
        due=due,
        overdue_days=max(0, (today - due).days),
        planned=customer.next_contact_on is not None,
        class_label=deciding.label.get(chips.language) if deciding else "",
        cadence=(deciding.service.cadence_days or 0) if deciding else 0,
        silent_days=cast("int | None", contacted),
        known_days=cast("int", created or 0),
    )


def _deciding(standings: Mapping[str, Standing], schemes: Iterable[Scheme]) -> Class | None:
    """Return the class with the shortest cadence among a customer's."""
    owed = [
        class_
        for scheme in schemes
        for class_ in scheme.classes
        if class_.service.cadence_days
        and scheme.dimension in standings
        and standings[scheme.dimension].class_key == class_.key
    ]
    return min(owed, key=lambda class_: class_.service.cadence_days or 0, default=None)
