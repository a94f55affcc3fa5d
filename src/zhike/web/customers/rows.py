"""One page of the customer list: what its columns show, in a number of queries that never grows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import BigIntegerField, Case, Exists, F, OuterRef, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from zhike.accounts.policy import field_access
from zhike.classification.history import standings_on
from zhike.classification.queries import standings_of
from zhike.core.metrics import METRICS
from zhike.customers.models import Customer
from zhike.customers.queries import SEARCH_COLUMNS
from zhike.timeline.kinds import KINDS
from zhike.timeline.models import Event
from zhike.web.chips import Chips, notable
from zhike.web.customers.marks import Part, marked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from django.db.models.expressions import Combinable

    from zhike.accounts.models import User
    from zhike.base.chips import Chip
    from zhike.base.paging import Order
    from zhike.classification.rules import Rulebook
    from zhike.core.text import Language
    from zhike.web.customers.filters import Filter

YEAR = 365
# A conversation, in either direction; reading a page is none.
CONVERSATIONS = (
    *METRICS["contacts_made"].kinds,
    "call.received",
    "message.received",
    "email.replied",
    "inquiry.received",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One customer as the list shows them."""

    customer: Customer
    name: Sequence[Part]
    chips: Sequence[Chip | None]
    revenue: int | None
    contacted_at: datetime | None
    contacted_by: str
    overdue_days: int

    @property
    def notable(self) -> list[Chip]:
        """The at most two chips for which a phone has room."""
        return notable(self.chips)


def with_columns(customers: QuerySet[Customer], as_of: date | None = None) -> QuerySet[Customer]:
    """Load with each customer what the columns need, and nothing that only search reads."""
    return (
        customers.select_related("owner")
        .defer(*SEARCH_COLUMNS)
        .annotate(
            revenue=revenue_of(as_of),
            contacted_at=last_contact("occurred_at", as_of),
            contacted_kind=last_contact("kind", as_of),
        )
    )


def last_contact(column: str, as_of: date | None = None) -> Subquery:
    """Return a column of the last conversation with a customer, up to a day."""
    talks = Event.objects.filter(customer=OuterRef("pk"), kind__in=CONVERSATIONS)
    if as_of is not None:
        talks = talks.filter(day__lte=as_of)
    return Subquery(talks.order_by("-day", "-occurred_at", "-pk").values(column)[:1])


def revenue_of(as_of: date | None = None) -> Combinable:
    """Return the revenue of the year up to today, or to a past day."""
    return F("facts__revenue_year") if as_of is None else _revenue_then(as_of)


def _revenue_then(as_of: date) -> Combinable:
    """Return the revenue of the year that ended with a past day, from the events."""
    metric = METRICS["revenue"]
    sold = Event.objects.filter(
        customer=OuterRef("pk"),
        kind__in=[*metric.kinds, *metric.minus],
        day__gt=as_of - timedelta(days=YEAR),
        day__lte=as_of,
    ).exclude(Exists(Event.objects.filter(voids=OuterRef("pk"))))
    sign = Case(When(kind__in=metric.minus, then=Value(-1)), default=Value(1), output_field=BigIntegerField())
    total = sold.order_by().values("customer").annotate(total=Sum(sign * F("base_amount"))).values("total")
    return Coalesce(Subquery(total, output_field=BigIntegerField()), 0)


def in_reach_of(order: Order, customers: QuerySet[Customer]) -> QuerySet[Customer]:
    """Keep those who have what the list is sorted by, so that an index can give the order.

    Only before a pack is installed are there customers without facts.
    """
    return customers.filter(facts__isnull=False) if order.field.startswith("facts__") else customers


def make_rows(
    user: User, customers: Sequence[Customer], rules: Rulebook, *, chosen: Filter, language: Language, today: date
) -> list[Row]:
    """Turn customers that were loaded `with_columns` into rows."""
    chips = Chips(rules, language)
    ids = [customer.pk for customer in customers]
    standings = standings_of(user, ids) if chosen.as_of is None else standings_on(user, ids, chosen.as_of)
    access = field_access(user, Customer)
    return [
        _row(access.redacted(customer), chips.of(standings.get(customer.pk, {})), chosen, language, today)
        for customer in customers
    ]


def _row(customer: Customer, chips: Sequence[Chip | None], chosen: Filter, language: Language, today: date) -> Row:
    kind = KINDS.get(getattr(customer, "contacted_kind", None) or "")
    due = customer.next_contact_on if chosen.as_of is None else None
    query = chosen.text
    return Row(
        customer=customer,
        name=marked(customer.name, query) if query else [Part(customer.name, found=False)],
        chips=chips,
        revenue=getattr(customer, "revenue", None),
        contacted_at=getattr(customer, "contacted_at", None),
        contacted_by=kind.label.get(language) if kind else "",
        overdue_days=max(0, (today - due).days) if due else 0,
    )
