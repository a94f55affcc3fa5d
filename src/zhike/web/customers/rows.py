"""One page of the customer list: what its columns show, in a number of queries that never grows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from zhike.classification.models import Placement
from zhike.core.facts import Ref
from zhike.core.metrics import METRICS
from zhike.customers.queries import SEARCH_COLUMNS
from zhike.timeline.kinds import KINDS
from zhike.timeline.models import Event
from zhike.web.chips import Chips
from zhike.web.customers.marks import Part, marked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from zhike.base.chips import Chip
    from zhike.base.paging import Order
    from zhike.core.schemes import Scheme
    from zhike.core.text import Language
    from zhike.customers.models import Customer

# A conversation, in either direction; reading a page is none.
CONVERSATIONS = (
    *METRICS["contacts_made"].kinds,
    "call.received",
    "message.received",
    "email.replied",
    "inquiry.received",
)
# Kept for every customer, whatever the rules read.
REVENUE = Ref("metric.revenue", 365)


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
        loud = [chip for chip in self.chips if chip and chip.style in {"", "deep"}]
        return loud[:2]


def with_columns(customers: QuerySet[Customer]) -> QuerySet[Customer]:
    """Load with each customer what the columns need, and nothing that only search reads."""
    talks = Event.objects.filter(customer=OuterRef("pk"), kind__in=CONVERSATIONS).order_by(
        "-day", "-occurred_at", "-pk"
    )
    return (
        customers.select_related("owner", "facts")
        .prefetch_related(Prefetch("placements", Placement.objects.defer("reason")))
        .defer(*SEARCH_COLUMNS)
        .annotate(
            contacted_at=Subquery(talks.values("occurred_at")[:1]),
            contacted_kind=Subquery(talks.values("kind")[:1]),
        )
    )


def in_reach_of(order: Order, customers: QuerySet[Customer]) -> QuerySet[Customer]:
    """Keep those who have what the list is sorted by, so that an index can give the order.

    Only before a pack is installed are there customers without facts.
    """
    return customers.filter(facts__isnull=False) if order.field.startswith("facts__") else customers


def make_rows(
    customers: Iterable[Customer], schemes: Sequence[Scheme], *, query: str, language: Language, today: date
) -> list[Row]:
    """Turn customers that were loaded `with_columns` into rows."""
    chips = Chips(schemes, language)
    return [_row(customer, chips, query, language, today) for customer in customers]


def _row(customer: Customer, chips: Chips, query: str, language: Language, today: date) -> Row:
    facts = getattr(customer, "facts", None)
    kind = KINDS.get(getattr(customer, "contacted_kind", None) or "")
    due = customer.next_contact_on
    return Row(
        customer=customer,
        name=marked(customer.name, query) if query else [Part(customer.name, found=False)],
        chips=chips.of(customer.placements.all()),
        revenue=facts.values.get(str(REVENUE)) if facts else None,
        contacted_at=getattr(customer, "contacted_at", None),
        contacted_by=kind.label.get(language) if kind else "",
        overdue_days=max(0, (today - due).days) if due else 0,
    )
