"""The right column of a customer's page: how they are reached, where they are, and who is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhike.accounts.policy import visible
from zhike.customers.models import Address, Contact, Reach
from zhike.customers.reaches import shared_with
from zhike.web.reach import reach_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zhike.accounts.models import User
    from zhike.customers.models import Customer
    from zhike.customers.reaches import Shared
    from zhike.web.reach import Line

# What a card shows at once; the rest opens below it.
FEW = 4
FEW_ADDRESSES = 2


@dataclass(frozen=True, slots=True)
class ContactLine:
    """A contact with the ways to reach them."""

    contact: Contact
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Side:
    """What is kept of a customer beside its fields."""

    reaches: Sequence[Line]
    shared: Shared
    addresses: Sequence[Address]
    contacts: Sequence[ContactLine]

    def _first(self, kind: Reach.Kind) -> Line | None:
        return next((line for line in self.reaches if line.kind == kind), None)

    @property
    def phone(self) -> Line | None:
        return self._first(Reach.Kind.PHONE)

    @property
    def email(self) -> Line | None:
        return self._first(Reach.Kind.EMAIL)

    @property
    def few_addresses(self) -> Sequence[Address]:
        return self.addresses[:FEW_ADDRESSES]

    @property
    def more_addresses(self) -> Sequence[Address]:
        return self.addresses[FEW_ADDRESSES:]

    @property
    def few_contacts(self) -> Sequence[ContactLine]:
        return self.contacts[:FEW]

    @property
    def more_contacts(self) -> Sequence[ContactLine]:
        return self.contacts[FEW:]


def read_side(user: User, customer: Customer) -> Side:
    """Read all of it, in a number of queries that does not depend on how much there is."""
    rows = list(visible(user, Reach).filter(customer=customer))
    own = [row for row in rows if row.contact_id is None]
    contacts = visible(user, Contact).filter(customer=customer)
    ordered = sorted(contacts, key=lambda one: (one.left_on is not None, not one.is_primary, one.pk))
    return Side(
        reaches=_lines(user, own),
        shared=shared_with(user, customer.pk, own),
        addresses=list(visible(user, Address).filter(customer=customer)),
        contacts=[
            ContactLine(contact, _lines(user, [row for row in rows if row.contact_id == contact.pk]))
            for contact in ordered
        ],
    )


def _lines(user: User, rows: Sequence[Reach]) -> list[Line]:
    """Return them with telephone numbers first, as people look for them."""
    order = list(Reach.Kind)
    return [
        reach_line(user, row) for row in sorted(rows, key=lambda row: (order.index(Reach.Kind(row.kind)), row.position))
    ]
