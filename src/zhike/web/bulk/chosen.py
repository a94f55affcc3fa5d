"""Whom it is about. That stands in the address, with the list that it came from and leads back to.

It is read and asked of the database whenever it is needed, by the rights of that moment: what a page showed is
only ever compared with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhike.accounts.policy import visible
from zhike.base.errors import current_language
from zhike.base.inputs import Invalid
from zhike.classification.queries import standings_of
from zhike.classification.rules import rulebook
from zhike.customers.models import Customer
from zhike.web.chips import Chips, notable
from zhike.web.customers.filters import read_filter
from zhike.web.customers.screen import EVERY, ListAddress

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import QueryDict

    from zhike.accounts.models import User
    from zhike.base.chips import Chip

PICKED = "customer"
FIELD = "field"
TO = "to"  # ?to=value.high: the class onto which somebody was dragged; ?to=5: who is proposed as the owner
SHOWN = 10
# As many digits as always fit into a bigint.
_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Chosen:
    """The customers that a person sees and means, how many of the picked they do not see, and the way back."""

    customers: QuerySet[Customer]
    size: int
    unseen: int
    address: ListAddress

    @property
    def back(self) -> str:
        return self.address.same

    def first(self, user: User, *, is_whole: bool) -> list[tuple[Customer, list[Chip | None]]]:
        """Return the first of them with what is notable of their classes, or with all, so that a slip is seen."""
        shown = list(self.customers.order_by("name_key", "pk").only("name", "city")[:SHOWN])
        standings = standings_of(user, [customer.pk for customer in shown])
        chips = Chips(rulebook(), current_language())
        drawn = [(customer, chips.of(standings.get(customer.pk, {}))) for customer in shown]
        return drawn if is_whole else [(customer, list(notable(found))) for customer, found in drawn]


def read_chosen(query: QueryDict, user: User) -> Chosen:
    """Read from an address whom it is about, or say that nobody is picked."""
    customers, given = _customers(query, user)
    size = customers.order_by().count()
    if not size:
        raise Invalid("先在客户列表里勾选客户", "pick customers in the list first")
    kept = query.copy()
    for name in (PICKED, EVERY, FIELD, TO):
        kept.pop(name, None)
    return Chosen(customers, size, max(0, given - size), ListAddress(kept))


def _customers(query: QueryDict, user: User) -> tuple[QuerySet[Customer], int]:
    if query.get(EVERY):
        return read_filter(query, rulebook().schemes, current_language()).apply(user), 0
    ids = picked_ids(query, PICKED)
    return visible(user, Customer).filter(pk__in=ids), len(ids)


def picked_ids(query: QueryDict, name: str) -> set[int]:
    """Return the ids that were picked; what is no id is nobody."""
    return {int(pk) for pk in query.getlist(name) if pk.isascii() and pk.isdigit() and len(pk) <= _DIGITS}
