"""Reads: the classes of a past day, as they were told at its end.

Every change of class tells of the stretch of days that it ends: the class and its first day. What was
told on a day is the class of the stretch that the day belongs to, else of the one that goes on. Nothing
was told of a customer whose record had not begun, nor before they were placed.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

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

# A class of more customers than this is asked for customer by customer.
MANY = 20_000


def day_end(day: date, zone: ZoneInfo) -> datetime:
    """Return the last instant of a day."""
    return day_start(add_days(day, 1), zone) - timedelta(microseconds=1)


def left_after(day: date) -> QuerySet[Any]:
    """Return the changes that end a stretch of days in one class to which this day belongs."""
    changes = class_changes(None).filter(day__gt=day)
    changes = changes.annotate(
        dimension=KeyTextTransform("dimension", "data"),
        left=KeyTextTransform("from", "data"),
        entered=KeyTextTransform("since", "data"),
    )
    return changes.filter(entered__lte=day.isoformat())


def told_key(day: date) -> Expression:
    """Return, of a placement, the class that was told at the end of a day; NULL where none was."""
    stretches = left_after(day).filter(customer=OuterRef("customer"), dimension=OuterRef("dimension"))
    return Case(
        When(since__lte=day, then=F("class_key")),
        default=Subquery(stretches.values("left")[:1]),
        output_field=TextField(),
    )


def began_by(day: date, zone: ZoneInfo) -> Q:
    """Return the condition that a customer's record had begun by the end of a day."""
    events = Event.objects.filter(customer=OuterRef("pk"), day__lte=day)
    undated = Q(created_at__lte=day_end(day, zone)) | Q(Exists(events))
    return Q(created_on__lte=day) | Q(undated, created_on=None)


def told_in(dimension: str, keys: Iterable[str], day: date) -> Q:
    """Return the condition that a customer was told to be in one of these classes at the end of a day.

    They stand there still, or a stretch of days there ended later. Both can be read from an index; where
    most are in these classes, asking customer by customer finds the first of them sooner.
    """
    members = Placement.objects.filter(dimension=dimension, class_key__in=list(keys)).order_by()
    went = left_after(day).filter(dimension=dimension, left__in=list(keys)).order_by()
    return _either(members.filter(since__lte=day), went, one_by_one=members[MANY : MANY + 1].exists())


def told_any(dimension: str, day: date) -> Q:
    """Return the condition that something was told of a customer in a dimension at the end of a day."""
    stayed = Placement.objects.filter(dimension=dimension, since__lte=day).order_by()
    return _either(stayed, left_after(day).filter(dimension=dimension).order_by(), one_by_one=True)


def _either(stayed: QuerySet[Placement], went: QuerySet[Any], *, one_by_one: bool) -> Q:
    if one_by_one:
        return Q(Exists(stayed.filter(customer=OuterRef("pk")))) | Q(Exists(went.filter(customer=OuterRef("pk"))))
    return Q(pk__in=stayed.values("customer").union(went.values("customer"), all=True))


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
