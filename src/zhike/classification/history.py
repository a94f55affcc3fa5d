"""Reads: the classes of a past day, as they were told at its end.

What was told on a day is what the first change after it leads away from, else what stands now.
Nothing was told of a customer whose record had not begun, nor before anybody was placed.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, TextField, When
from django.db.models.fields.json import KeyTextTransform
from django.utils import timezone

from zhike.accounts.policy import visible
from zhike.classification.models import Override, Placement
from zhike.classification.queries import Standing, class_changes
from zhike.core.dates import add_days, day_start, local_day
from zhike.customers.models import Customer
from zhike.timeline.models import Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from django.db.models import Expression, QuerySet

    from zhike.accounts.models import User


def day_end(day: date, zone: ZoneInfo) -> datetime:
    """Return the last instant of a day."""
    return day_start(add_days(day, 1), zone) - timedelta(microseconds=1)


def told_key(day: date) -> Expression:
    """Return, of a placement, the class that was told at the end of a day; NULL where none was."""
    later = (
        class_changes(None)
        .filter(customer=OuterRef("customer"), day__gt=day)
        .alias(where=KeyTextTransform("dimension", "data"))
        .filter(where=OuterRef("dimension"))
        .order_by("day", "pk")
        .values(left=KeyTextTransform("from", "data"))[:1]
    )
    return Case(When(since__lte=day, then=F("class_key")), default=Subquery(later), output_field=TextField())


def began_by(day: date, zone: ZoneInfo) -> Q:
    """Return the condition that a customer's record had begun by the end of a day."""
    events = Event.objects.filter(customer=OuterRef("pk"), day__lte=day)
    undated = Q(created_at__lte=day_end(day, zone)) | Q(Exists(events))
    return Q(created_on__lte=day) | Q(undated, created_on=None)


def told_in(dimension: str, keys: Iterable[str], day: date) -> Exists:
    """Return the condition that a customer was told to be in one of these classes at the end of a day."""
    placed = Placement.objects.filter(customer=OuterRef("pk"), dimension=dimension)
    return Exists(placed.alias(told=told_key(day)).filter(told__in=list(keys)))


def told_any(dimension: str, day: date) -> Exists:
    """Return the condition that something was told of a customer in a dimension at the end of a day."""
    placed = Placement.objects.filter(customer=OuterRef("pk"), dimension=dimension)
    return Exists(placed.alias(told=told_key(day)).filter(told__isnull=False))


def fixed_on(day: date, zone: ZoneInfo) -> QuerySet[Override]:
    """Return what people had fixed, and what held, at the end of a day."""
    end = day_end(day, zone)
    held = Q(ended_at=None) | Q(ended_at__gt=end)
    endless = Q(expires_on=None) | Q(expires_on__gt=day)
    return Override.objects.filter(held, endless, created_at__lte=end)


def standings_on(user: User, customers: Iterable[int], day: date) -> dict[int, dict[str, Standing]]:
    """Return customer → dimension → where the customer stood at the end of a day, in one query.

    Whether a class was only a default for want of data is known as long as it still stands.
    """
    zone = timezone.get_current_timezone()
    fixed = fixed_on(day, zone)
    rows = (
        visible(user, Placement)
        .filter(customer__in=Customer.objects.filter(began_by(day, zone), pk__in=list(customers)))
        .annotate(
            told=told_key(day),
            was_fixed=Exists(fixed.filter(customer=OuterRef("customer"), dimension=OuterRef("dimension"))),
        )
        .filter(told__isnull=False)
    )
    found: dict[int, dict[str, Standing]] = {}
    names = ("customer", "dimension", "told", "was_fixed", "undetermined", "since")
    for customer, dimension, told, was_fixed, undetermined, since in rows.values_list(*names):
        source = Placement.Source.PERSON if was_fixed else Placement.Source.RULE
        standing = Standing(told, told, source, undetermined and since <= day)
        found.setdefault(customer, {})[dimension] = standing
    return found


class Told(NamedTuple):
    """The class of one customer as it was told on a day, and since when it had been that."""

    class_key: str
    since: date
    source: str


def told_of(customer: Customer, day: date, zone: ZoneInfo) -> Mapping[str, Told]:
    """Return dimension → what was told of one customer at the end of a day."""
    began = customer.created_on or local_day(customer.created_at, zone)
    begun = Customer.objects.filter(began_by(day, zone), pk=customer.pk)
    placements = Placement.objects.filter(customer__in=begun).annotate(told=told_key(day)).filter(told__isnull=False)
    changes = class_changes(None).filter(customer=customer, day__lte=day).order_by("day", "pk")
    entered = dict(changes.values_list(KeyTextTransform("dimension", "data"), "day"))
    fixed = set(fixed_on(day, zone).filter(customer=customer).values_list("dimension", flat=True))
    return {
        placement.dimension: Told(
            placement.told,
            entered.get(placement.dimension, min(began, day)),
            Placement.Source.PERSON if placement.dimension in fixed else Placement.Source.RULE,
        )
        for placement in placements
    }
