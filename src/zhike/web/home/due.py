"""What is due and when: customers to be in touch with, and open tasks; one line for each customer.

A customer is due on the day that was agreed, else on the day that the cadence of their classes leads to, which placing
keeps beside the facts; and on the days of their tasks. The earliest of these days is that of the line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from zhike.base.among import among
from zhike.base.paging import Count
from zhike.classification.models import CustomerFacts, Placement
from zhike.core.priority import Ranks, priority
from zhike.followups.models import Task

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django.db.models import QuerySet

    from zhike.classification.queries import Standing
    from zhike.classification.rules import Rulebook
    from zhike.core.priority import Priority
    from zhike.core.schemes import Class
    from zhike.customers.models import Customer
    from zhike.web.home.whose import Whose

AHEAD_DAYS = 7
# Beyond this nobody reads the number; so many are weighed against each other: those who have waited longest.
MOST_COUNTED = 300
WEIGHTS = {Task.Priority.HIGH: "high", Task.Priority.NORMAL: "normal", Task.Priority.LOW: "low"}


class Span(NamedTuple):
    """The days of a group, both ends included."""

    first: date
    last: date


@dataclass(slots=True)
class Due:
    """One line before it is drawn: a customer, or a task without one.

    `contact` is the day of the next contact, `planned` whether somebody agreed on it; `tasks` are the numbers of the open
    tasks that are due, the first of them the weightiest.
    """

    customer: int | None
    day: date
    contact: date | None = None
    planned: bool = False
    tasks: list[tuple[int, date, time | None, int]] = field(default_factory=list)  # weight, day, time, number
    priority: Priority | None = None

    @property
    def at(self) -> time | None:
        """Return the first time of day of its tasks on its day."""
        return min((at for _, day, at, _ in self.tasks if at and day == self.day), default=None)

    @property
    def weight(self) -> str:
        first = min((weight for weight, *_ in self.tasks), default=int(Task.Priority.NORMAL))
        return WEIGHTS[Task.Priority(first)]

    @property
    def task(self) -> int | None:
        """Return the task that the line is about: the earliest, of one day the weightiest."""
        first = min(self.tasks, key=lambda one: (one[1], one[0], one[2] or time.max, one[3]), default=None)
        return first[3] if first else None


@dataclass(frozen=True, slots=True)
class Found:
    """The lines of a group, in order, and how many there are."""

    lines: Sequence[Due]
    size: Count


def due_lines(whose: Whose, rules: Rulebook, today: date) -> dict[str, Found]:
    """Return what is overdue, due today and due within a week; each customer in the first group that has them."""
    spans = {
        "overdue": Span(date.min, today - timedelta(days=1)),
        "today": Span(today, today),
        "coming": Span(today + timedelta(days=1), today + timedelta(days=AHEAD_DAYS)),
    }
    known: dict[object, Due] = {}
    found: dict[str, Found] = {}
    for key, span in spans.items():
        lines, capped = _merged(whose, rules, span, urgent=key == "overdue", known=known)
        known |= {_same(line): line for line in lines}
        found[key] = Found(
            lines[:MOST_COUNTED], Count(min(len(lines), MOST_COUNTED), capped or len(lines) > MOST_COUNTED)
        )
    return found


def weigh(lines: Sequence[Due], rules: Rulebook, today: date) -> list[Due]:
    """Return the lines by priority, the highest first; of equal ones that which is due first."""
    ranks = Ranks(rules.schemes)
    ids = [line.customer for line in lines if line.customer is not None]
    amounts, classes = _amounts(ids), _classes(ids, ranks)
    for line in lines:
        line.priority = priority(
            amount=amounts.get(line.customer or 0, 0),
            overdue_days=(today - line.day).days,
            weight=line.weight,
            classes=classes.get(line.customer or 0, {}),
            ranks=ranks,
        )
    return sorted(lines, key=lambda line: (-line.priority.score if line.priority else 0.0, *_by_time(line)))


def by_time(lines: Iterable[Due]) -> list[Due]:
    return sorted(lines, key=_by_time)


def _by_time(line: Due) -> tuple[date, time, int, int]:
    return line.day, line.at or time.max, line.customer or 0, line.task or 0


def _amounts(ids: Sequence[int]) -> dict[int, int]:
    """Return what each customer bought for in 365 days, in minor units."""
    rows = CustomerFacts.objects.filter(customer__in=among(ids)).values_list("customer", "revenue_year")
    return {pk: amount or 0 for pk, amount in rows}


def _classes(ids: Sequence[int], ranks: Ranks) -> dict[int, dict[str, str]]:
    rows = Placement.objects.filter(customer__in=among(ids), dimension__in=ranks.dimensions, undetermined=False)
    found: dict[int, dict[str, str]] = {}
    for pk, dimension, key in rows.values_list("customer", "dimension", "class_key"):
        found.setdefault(pk, {})[dimension] = key
    return found


# --- Where lines come from ---


def _same(line: Due) -> object:
    return line.customer if line.customer is not None else ("task", line.task)


def _merged(
    whose: Whose, rules: Rulebook, span: Span, *, urgent: bool, known: Mapping[object, Due]
) -> tuple[list[Due], bool]:
    """Return one line for each customer, and whether there are more than were read."""
    customers = whose.customers()
    sources = [
        _planned(customers, span),
        _owed(customers, span, rules, urgent=urgent),
        _tasks(whose, span),
    ]
    lines: dict[object, Due] = {}
    for source in sources:
        for one in source:
            same = _same(one)
            if same in known:
                known[same].tasks += one.tasks
                continue
            line = lines.setdefault(same, one)
            if line is not one:
                line.day = min(line.day, one.day)
                line.tasks += one.tasks
    # What was agreed comes first among the overdue; later, day by day.
    merged = list(lines.values()) if urgent else by_time(lines.values())
    return merged, any(len(source) > MOST_COUNTED for source in sources)


def _planned(customers: QuerySet[Customer], span: Span) -> list[Due]:
    """Return those with whom a day was agreed, the earliest first."""
    found = customers.filter(next_contact_on__range=span).order_by("next_contact_on", "pk")
    return [Due(pk, day, day, planned=True) for day, pk in _read(found.values_list("next_contact_on", "pk"))]


def _owed(customers: QuerySet[Customer], span: Span, rules: Rulebook, *, urgent: bool) -> list[Due]:
    """Return those whose classes lead to such a day: when it is urgent, the shortest cadence first.

    Naming every cadence lets the index find the days.
    """
    cadences = {c.service.cadence_days for scheme in rules.schemes for c in scheme.classes} - {None}
    found = customers.filter(
        next_contact_on=None, facts__contact_every__in=sorted(filter(None, cadences)), facts__contact_due_on__range=span
    )
    order = ["facts__contact_due_on", "facts__contact_every"]
    found = found.order_by(*(reversed(order) if urgent else order), "pk")
    return [Due(pk, day, day) for day, pk in _read(found.values_list("facts__contact_due_on", "pk"))]


def open_tasks(whose: Whose) -> QuerySet[Task]:
    """Return the tasks that wait for somebody; one's own whoever the customer belongs to."""
    return whose.tasks().filter(state=Task.State.OPEN)


def _tasks(whose: Whose, span: Span) -> list[Due]:
    """Return the tasks that are shown on these days, the earliest first."""
    found = open_tasks(whose).filter(shown_on__range=span).order_by("shown_on", "priority", "pk")
    rows = _read(found.values_list("customer", "shown_on", "priority", "due_at", "pk"))
    return [Due(customer, day, tasks=[(weight, day, at, pk)]) for customer, day, weight, at, pk in rows]


def _read(rows: QuerySet[Any, Any]) -> list[Any]:
    """Read as many as are counted: that costs no more than counting them, and then finding the first."""
    return list(rows[: MOST_COUNTED + 1])


def amount_at_stake(lines: Iterable[Due]) -> int:
    """Return what the customers of these lines bought for in 365 days, in minor units."""
    return sum(line.priority.amount for line in lines if line.priority)


def owed_class(standings: Mapping[str, Standing], rules: Rulebook) -> Class | None:
    """Return the class with the shortest cadence among a customer's, None where none has one."""
    owed = [
        class_
        for scheme in rules.schemes
        for class_ in scheme.classes
        if class_.service.cadence_days
        and scheme.dimension in standings
        and standings[scheme.dimension].class_key == class_.key
    ]
    return min(owed, key=lambda class_: class_.service.cadence_days or 0, default=None)
