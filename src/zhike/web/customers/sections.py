"""The list grouped by a dimension: one section for each class, in the order of the classes, each with its own pages.

As a board the sections are lanes of cards. A section is paged by itself: ``?group=value&section=high&at=…``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from zhike.base.paging import capped_count, key_page
from zhike.classification.models import Placement, SavedView
from zhike.web.chips import class_chip
from zhike.web.customers.columns import needs
from zhike.web.customers.rows import in_reach_of, make_rows, with_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from zhike.accounts.models import User
    from zhike.base.chips import Chip
    from zhike.base.paging import Count, Page
    from zhike.core.schemes import Scheme
    from zhike.customers.models import Customer
    from zhike.web.customers.rows import Drawing, Row
    from zhike.web.customers.state import ListState

ROWS, CARDS = 15, 12


@dataclass(frozen=True, slots=True)
class Section:
    """The customers of one class: how many, some of them, and the way to the others."""

    key: str
    chip: Chip
    count: Count
    page: Page[Customer]
    rows: Sequence[Row]
    next: str
    previous: str


def make_sections(
    user: User, state: ListState, customers: QuerySet[Customer], by: Drawing, *, only: str = "", cursor: str = ""
) -> list[Section]:
    """Return the sections, or the one that is asked for; `cursor` opens a page of that one."""
    scheme = state.group
    assert scheme is not None
    keys = [class_.key for class_ in scheme.classes if not only or class_.key == only]
    pages = {key: _page(state, _of_class(customers, scheme, key), cursor if key == only else "") for key in keys}
    rows = make_rows(user, [customer for page in pages.values() for customer in page.rows], by)
    by_id = {row.customer.pk: row for row in rows}
    address = state.address
    return [
        Section(
            key=key,
            chip=class_chip(scheme, key, state.language),
            count=capped_count(_of_class(customers, scheme, key)),
            page=page,
            rows=[by_id[customer.pk] for customer in page.rows],
            next=address.section(key, page.next) if page.next else "",
            previous=address.section(key, page.previous) if page.previous else "",
        )
        for key, page in pages.items()
    ]


def _of_class(customers: QuerySet[Customer], scheme: Scheme, key: str) -> QuerySet[Customer]:
    placed = Placement.objects.filter(customer=OuterRef("pk"), dimension=scheme.dimension, class_key=key)
    return customers.filter(Exists(placed))


def _page(state: ListState, customers: QuerySet[Customer], cursor: str) -> Page[Customer]:
    return key_page(
        in_reach_of(state.order, customers),
        state.order,
        cursor=cursor,
        size=CARDS if state.layout == SavedView.Layout.BOARD else ROWS,
        columns=partial(with_columns, wanted=needs(state.columns)),
    )
