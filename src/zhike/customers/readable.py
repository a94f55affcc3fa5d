"""Which facts of a customer a person may know: what conditions, counts and sentences must keep to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.accounts.policy import field_access
from zhike.core.facts import FieldSet
from zhike.customers.models import Address, Customer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zhike.accounts.field_access import FieldAccess
    from zhike.accounts.models import User
    from zhike.core.facts import Field

_CUSTOMER, _OWN = "customer.", "custom."


def unreadable(user: User, fields: Iterable[Field]) -> frozenset[str]:
    """Return the keys of the fields whose values this person may not read in full."""
    access = field_access(user, Customer)
    if not access.is_limited:
        return frozenset()
    keys = (field.key for field in fields)
    return frozenset(
        key for key in keys if key.startswith((_CUSTOMER, _OWN)) and not access.reads(key.removeprefix(_CUSTOMER))
    )


def readable(user: User, fields: FieldSet) -> FieldSet:
    """Return the fields that this person may compare and count by: the others are as if they were not there."""
    without = unreadable(user, fields)
    return FieldSet(field for field in fields if field.key not in without) if without else fields


def shown_addresses(access: FieldAccess, addresses: Iterable[Address]) -> list[Address]:
    """Return what a person may read of a customer's addresses: they tell the region and the city too."""
    if not access.knows("addresses"):
        return []
    if access.reads("addresses"):
        return list(addresses)
    return [
        Address(pk=one.pk, customer_id=one.customer_id, province=str(access.shown("addresses", one.line)))
        for one in addresses
    ]
