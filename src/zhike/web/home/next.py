"""Whom to contact next, and why: the day that was agreed, else the cadence of the customer's classes.

The shortest cadence among a customer's classes counts from the last time that we were in touch,
or from the day the record began. A planned day wins over any cadence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db.models import Case, Count, DateField, F, Func, IntegerField, Min, OuterRef, Q, Subquery, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, TruncDate

from zhike.accounts.policy import visible
from zhike.classification.models import Placement
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
    from zhike.classification.rules import Rulebook
    from zhike.core.schemes import Class, Scheme
    from zhike.core.text import Language

CONTACTED = Ref("metric.days_since_contact_made")
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
    due = with_due(_scope(user, mine=mine), rules)
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
        return (F("next_contact_on").asc(nulls_last=True), "cadence", "due", "pk")
    return ("due", F("next_contact_on").asc(nulls_last=True), "cadence", "pk")


def with_due(customers: QuerySet[Customer], rules: Rulebook) -> QuerySet[Customer]:
    """Annotate `cadence` and `due`: the day on which it is time to be in touch, if there is one."""
    cadences = [
        When(dimension=scheme.dimension, class_key=class_.key, then=Value(class_.service.cadence_days))
        for scheme in rules.schemes
        for class_ in scheme.classes
        if class_.service.cadence_days
    ]
    shortest = (
        Placement.objects.filter(customer=OuterRef("pk"))
        .order_by()
        .values("customer")
        .annotate(days=Min(Case(*cadences, default=None, output_field=IntegerField())))
        .values("days")
    )
    contacted = Cast(KeyTextTransform(str(CONTACTED), "facts__values"), DateField())
    return customers.annotate(
        cadence=Subquery(shortest, output_field=IntegerField()),
        contacted_on=contacted,
        start=Coalesce(contacted, F("created_on"), TruncDate("created_at")),
    ).annotate(due=Coalesce(F("next_contact_on"), _plus_days(F("start"), F("cadence")), output_field=DateField()))


def _plus_days(day: F, days: F) -> Func:
    """Return a date moved by a number of days; PostgreSQL adds integers to dates."""
    return Func(day, days, template="(%(expressions)s)", arg_joiner=" + ", output_field=DateField())


def _task(customer: Customer, rules: Rulebook, chips: Chips, today: date, language: Language) -> Task:
    placements = list(customer.placements.all())
    deciding = _deciding(placements, rules.schemes)
    due: date = customer.due  # type: ignore[attr-defined]
    contacted: date | None = customer.contacted_on  # type: ignore[attr-defined]
    start: date = customer.start  # type: ignore[attr-defined]
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
        silent_days=(today - contacted).days if contacted else None,
        known_days=(today - start).days,
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
