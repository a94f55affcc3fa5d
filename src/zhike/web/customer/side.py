"""The right column of a customer's page: how they are reached, where they are, and who is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhike.accounts.policy import field_access, redacted, visible
from zhike.base.errors import current_language
from zhike.core.text import fold
from zhike.customers.models import Address, Attachment, Contact, Customer, Favourite, Reach, Tag
from zhike.customers.reaches import shared_with
from zhike.customers.readable import shown_addresses
from zhike.customers.tags import shown_name, tags_by_name
from zhike.web.reach import reach_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zhike.accounts.models import User
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
class TagChip:
    """A tag as the dictionary has it."""

    name: str
    tone: str
    definition: str


@dataclass(frozen=True, slots=True)
class Side:
    """What is kept of a customer beside its fields."""

    reaches: Sequence[Line]
    shared: Shared
    addresses: Sequence[Address]
    contacts: Sequence[ContactLine]
    tags: Sequence[TagChip]
    files: Sequence[Attachment]
    is_starred: bool

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
    def few_files(self) -> Sequence[Attachment]:
        return self.files[:FEW]

    @property
    def has_more_files(self) -> bool:
        return len(self.files) > FEW

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
    access = field_access(user, Customer)
    contacts = visible(user, Contact).filter(customer=customer)
    ordered = sorted(contacts, key=lambda one: (one.left_on is not None, not one.is_primary, one.pk))
    return Side(
        reaches=_lines(user, own),
        shared=shared_with(user, customer.pk, [row for row in own if access.reads(row.kind)]),
        addresses=shown_addresses(access, visible(user, Address).filter(customer=customer)),
        contacts=[
            ContactLine(redacted(user, contact), _lines(user, [row for row in rows if row.contact_id == contact.pk]))
            for contact in ordered
        ],
        tags=_tags(customer) if access.reads("tags") else (),
        files=list(
            visible(user, Attachment)
            .filter(customer=customer, removed_at=None)
            .select_related("added_by")
            .order_by("-added_at", "-pk")[: FEW + 1]
        ),
        is_starred=visible(user, Favourite).filter(user=user, customer=customer).exists(),
    )


def _tags(customer: Customer) -> list[TagChip]:
    """Return the tags in their order; one that the dictionary lacks looks like any new one."""
    known, language = tags_by_name(customer.tags), current_language()
    found = [(name, known.get(fold(name))) for name in customer.tags]
    return [
        TagChip(shown_name(tag, language), tag.tone, tag.definition) if tag else TagChip(name, Tag.Tone.INK.value, "")
        for name, tag in found
    ]


def _lines(user: User, rows: Sequence[Reach]) -> list[Line]:
    """Return them with telephone numbers first, as people look for them."""
    order = list(Reach.Kind)
    ordered = sorted(rows, key=lambda row: (order.index(Reach.Kind(row.kind)), row.position))
    return [line for row in ordered if (line := reach_line(user, row))]
