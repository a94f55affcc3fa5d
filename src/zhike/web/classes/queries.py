"""How many customers are in a class only because nothing is known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from zhike.accounts.policy import visible
from zhike.classification.models import Placement

if TYPE_CHECKING:
    from zhike.accounts.models import User
    from zhike.core.facts import Ref
    from zhike.core.schemes import Scheme


def undetermined_size(user: User, scheme: Scheme) -> int:
    """Return how many are in the default class only because nothing is known of them."""
    if not scheme.needs_evidence:
        return 0
    waiting = visible(user, Placement).filter(dimension=scheme.dimension, class_key=scheme.default.key)
    for ref in scheme.refs():
        if ref.source != "class":
            waiting = waiting.filter(_unknown(ref))
    return waiting.count()


def _unknown(ref: Ref) -> Q:
    if ref.source == "metric":
        column = f"customer__facts__values__{ref}"
        return Q(**{f"{column}__isnull": True}) | Q(**{column: 0})
    if ref.source == "custom":
        return Q(**{f"customer__custom__{ref.name}__isnull": True})
    column = f"customer__{ref.name}"
    if ref.name in {"birthday", "created_on", "owner"}:
        return Q(**{f"{column}__isnull": True})
    return Q(**{column: [] if ref.name == "tags" else ""})
