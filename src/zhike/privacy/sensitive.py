"""Who has not agreed to sensitive data of theirs being kept: asked by `customers` through `ZHIKE_ON_SENSITIVE`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.privacy.models import Consent
from zhike.privacy.purposes import PURPOSES, SENSITIVE
from zhike.privacy.queries import current_text

if TYPE_CHECKING:
    from collections.abc import Collection


def without_consent(customers: Collection[int]) -> set[int]:
    """Return those who have not agreed to the words in force, in two queries for however many."""
    words = current_text(PURPOSES[SENSITIVE]).digest
    said = Consent.objects.filter(customer__in=customers, purpose=SENSITIVE).order_by("customer", "-pk")
    last = said.distinct("customer").values_list("customer", "state", "text__digest")
    agreed = {customer for customer, state, digest in last if (state, digest) == (Consent.State.GIVEN, words)}
    return set(customers) - agreed
