"""Writes: what a person has not agreed to be kept of them, or not any more, is taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from zhike.accounts.policy import require
from zhike.base.clock import now
from zhike.customers.actions.customers import update_customer
from zhike.customers.sensitive import held_unagreed
from zhike.timeline.locks import lock_customer

if TYPE_CHECKING:
    from zhike.accounts.models import User
    from zhike.customers.models import Customer


@transaction.atomic
def empty_sensitive(*, customer: Customer, by: User | None) -> int:
    """Empty the sensitive fields of a person without a consent in force, as one change; return how many there were."""
    if by is not None:
        require(by, "change", customer)
    found, _setting = lock_customer(customer.pk, by=by, moment=now())
    held = held_unagreed(found)
    if held:
        update_customer(customer=found, version=found.version, by=by, custom={field.key: None for field in held})
    return len(held)
