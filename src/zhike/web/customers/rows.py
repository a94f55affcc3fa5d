"""One page of the customer list: what its columns show, in a number of queries that never grows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import BigIntegerField, Case, Exists, F, OuterRef, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from zhike.accounts.policy import field_access
from zhike.base.templatetags.zhike import chip, money
from zhike.classification.history import standings_on
from zhike.classification.queries import standings_of
from zhike.core.metrics import METRICS
from zhike.customers.models import Customer
from zhike.customers.queries import SEARCH_COLUMNS
from zhike.timeline.kinds import KINDS
from zhike.timeline.models import Event
from zhike.web.chips import Chips, notable
from zhike.web.customers.columns import CONTACTED, NAME, NEXT, REVENUE, Cell, fact_cell, field_cell, own_cell
from zhike.web.customers.drawing import draw_cells
from zhike.web.customers.marks import Part, marked

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

    from django.db.models.expressions import Combinable
    from django.utils.safestring import SafeString

    from zhike.accounts.field_access import FieldAccess
    from zhike.accounts.models import User
    from zhike.base.chips import Chip
    from zhike.base.paging import Order
    from zhike.classification.queries import Standing
    from zhike.classification.rules import Rulebook
    from zhike.core.text import Language
    from zhike.web.customers.columns import Column
    from zhike.web.customers.filters import Filter

YEAR = 365
# In either direction, as the metric by which the column is sorted; reading a page is none.
CONVERSATIONS = METRICS["interactions"].kinds


@dataclass(frozen=True, slots=True)
class Row:
    """One customer as the list shows them: `cells` are those after the name, `due` the day of the next contact."""

    customer: Customer
    name: Sequence[Part]
    chips: Sequence[Chip | None]
    cells: Sequence[Cell]
    revenue: int | None
    contacted_at: datetime | None
    contacted_by: str
    due: date | None
    overdue_days: int

    @property
    def drawn_cells(self) -> SafeString:
        return draw_cells(self)

    @property
    def notable(self) -> list[Chip]:
        """The at most two chips for which a phone has room."""
        return notable(self.chips)


def with_columns(
    customers: QuerySet[Customer], as_of: date | None = None, *, wanted: Collection[str] = (CONTACTED, REVENUE)
) -> QuerySet[Customer]:
    """Load with each customer what the columns need, and nothing that only search reads."""
    rows = customers.select_related("owner").defer(*SEARCH_COLUMNS)
    if REVENUE in wanted:
        rows = rows.annotate(revenue=revenue_of(as_of))
    if "facts" in wanted:
        rows = rows.annotate(fact_values=F("facts__values"))
    if CONTACTED in wanted:
        rows = rows.annotate(
            contacted_at=last_contact("occurred_at", as_of), contacted_kind=last_contact("kind", as_of)
        )
    return rows


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


@dataclass(frozen=True, slots=True)
class Drawing:
    """By what rows are drawn: the same for all of a page."""

    rules: Rulebook
    columns: Sequence[Column]
    chosen: Filter
    language: Language
    today: date
    currency: str = "CNY"


def make_rows(user: User, customers: Sequence[Customer], by: Drawing) -> list[Row]:
    """Turn customers that were loaded `with_columns` into rows."""
    ids = [customer.pk for customer in customers]
    as_of = by.chosen.as_of
    standings = standings_of(user, ids) if as_of is None else standings_on(user, ids, as_of)
    return draw_rows(customers, standings, field_access(user, Customer), by)


def draw_rows(
    customers: Sequence[Customer], standings: Mapping[int, Mapping[str, Standing]], access: FieldAccess, by: Drawing
) -> list[Row]:
    """Return the rows of customers whose classes are at hand, with as much of each field as `access` leaves."""
    chips = Chips(by.rules, by.language)
    return [_row(access.redacted(customer), chips.of(standings.get(customer.pk, {})), by) for customer in customers]


def _row(customer: Customer, chips: Sequence[Chip | None], by: Drawing) -> Row:
    kind = KINDS.get(getattr(customer, "contacted_kind", None) or "")
    due = customer.next_contact_on if by.chosen.as_of is None else None
    query = by.chosen.text
    row = Row(
        customer=customer,
        name=marked(customer.name, query) if query else [Part(customer.name, found=False)],
        chips=chips,
        cells=[],
        revenue=getattr(customer, "revenue", None),
        contacted_at=getattr(customer, "contacted_at", None),
        contacted_by=kind.label.get(by.language) if kind else "",
        due=due,
        overdue_days=max(0, (by.today - due).days) if due else 0,
    )
    shown = {scheme.dimension: one for scheme, one in zip(by.rules.schemes, chips, strict=True)}
    return replace(row, cells=[_cell(column, row, shown, by) for column in by.columns if column.key != NAME])


def _cell(column: Column, row: Row, chips: Mapping[str, Chip | None], by: Drawing) -> Cell:
    match column.group:
        case "class":
            one = chips[column.dimension]
            return Cell(column, chip(one), chip=one)
        case "contact" if column.key == NEXT and by.chosen.as_of is not None:
            return Cell(column, "—", is_quiet=True)
        case "contact":
            return Cell(column, kind=column.key)
        case "metric" if column.key == REVENUE:
            return Cell(column, money(row.revenue, by.currency), is_quiet=not row.revenue)
        case "metric":
            return fact_cell(
                column, getattr(row.customer, "fact_values", None) or {}, by.today, by.language, by.currency
            )
        case "custom":
            return own_cell(column, row.customer, by.language, by.currency)
        case _:
            return field_cell(column, row.customer)
