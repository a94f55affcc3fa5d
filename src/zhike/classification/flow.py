"""Reads: how customers went from class to class over a period, and who came and went step by step."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

from django.db import connection
from django.db.models import BooleanField, Count, ExpressionWrapper
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Trunc

from zhike.accounts.policy import visible
from zhike.accounts.queries import company_zone
from zhike.classification.clock import Movement
from zhike.classification.history import began_by
from zhike.classification.queries import class_changes
from zhike.core.dates import add_days, add_months, period_start
from zhike.customers.models import Customer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from zhike.accounts.models import User
    from zhike.core.quarters import Period

    type Row = tuple[str | None, str | None, int]

type Step = Literal["week", "month"]

# What `classification.history` reads for some customers, for all of a dimension at once.
_TOLD = """
SELECT p.customer_id, p.class_key FROM classification_placement p WHERE p.dimension = %s AND p.since <= %s
UNION ALL
SELECT e.customer_id, e.data->>'from' FROM timeline_event e
 WHERE e.kind = 'class.changed' AND e.data->>'dimension' = %s AND e.day > %s AND e.data->>'since' <= %s
   AND NOT EXISTS (SELECT FROM timeline_event v WHERE v.voids_id = e.id)
"""


class Flow(NamedTuple):
    """How many went from one class to another; None where nothing was told of them on that day."""

    old: str | None
    new: str | None
    customers: int


@dataclass(frozen=True, slots=True)
class Flows:
    """Where the customers of a dimension stood before a period, and at its end."""

    flows: Sequence[Flow]

    @property
    def before(self) -> Mapping[str | None, int]:
        """Return how many stood in each class before the period."""
        sizes: Counter[str | None] = Counter()
        for one in self.flows:
            sizes[one.old] += one.customers
        return sizes

    @property
    def after(self) -> Mapping[str | None, int]:
        """Return how many stand in each class at its end."""
        sizes: Counter[str | None] = Counter()
        for one in self.flows:
            sizes[one.new] += one.customers
        return sizes

    @property
    def moved(self) -> list[Flow]:
        """Return the flows between two classes, the largest first."""
        found = [one for one in self.flows if None not in one[:2] and one.old != one.new]
        return sorted(found, key=lambda one: -one.customers)


def flows(user: User, dimension: str, period: Period) -> Flows:
    """Count the customers this person sees by the classes that were told before a period and at its end."""
    days, zone = (period.before, period.last), company_zone()
    begun = [ExpressionWrapper(began_by(day, zone), output_field=BooleanField()) for day in days]
    seen = visible(user, Customer).order_by().annotate(a=begun[0], b=begun[1]).values("pk", "a", "b")
    statement, values = seen.query.sql_with_params()
    told = [value for day in days for value in (dimension, day, dimension, day, day.isoformat())]
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH s (pk, a, b) AS ({statement}), a AS ({_TOLD}), b AS ({_TOLD}) "  # noqa: S608  a queryset and literals
            "SELECT CASE WHEN s.a THEN a.class_key END AS old, CASE WHEN s.b THEN b.class_key END AS new, count(*) "
            "FROM s LEFT JOIN a ON a.customer_id = s.pk LEFT JOIN b ON b.customer_id = s.pk GROUP BY 1, 2",
            [*values, *told],
        )
        rows = cast("list[Row]", cursor.fetchall())
    return Flows([Flow(*row) for row in rows if row[:2] != (None, None)])


def movements_by(user: User, dimension: str, period: Period, step: Step) -> Mapping[date, Mapping[str, Movement]]:
    """Return, for the first day of each week or month of a period, who entered and left each class."""
    found: dict[date, dict[str, Movement]] = {}
    day = period_start(period.first, step, 0)
    while day <= period.last:
        found[day] = {}
        day = add_days(day, 7) if step == "week" else add_months(day, 1)
    changes = (
        class_changes(user)
        .filter(day__range=period)
        .annotate(
            dimension=KeyTextTransform("dimension", "data"),
            first=Trunc("day", step),
            old=KeyTextTransform("from", "data"),
            new=KeyTextTransform("to", "data"),
        )
    )
    rows = changes.filter(dimension=dimension).order_by().values_list("first", "old", "new").annotate(n=Count("*"))
    for first, old, new, size in rows:
        classes = found[first]
        entered, left = classes.get(new, Movement())
        classes[new] = Movement(entered + size, left)
        entered, left = classes.get(old, Movement())
        classes[old] = Movement(entered, left + size)
    return found
