"""How many customers are in a class only because nothing is known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Q

from zhike.accounts.policy import visible
from zhike.classification.models import Placement
from zhike.customers.models import Customer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zhike.accounts.models import User
    from zhike.core.facts import Ref
    from zhike.core.schemes import Scheme


def undetermined_sizes(user: User, schemes: Iterable[Scheme]) -> Mapping[str, int]:
    """Return dimension → customers who are in its default class for want of data, in one pass."""
    counts = {
        scheme.dimension: Count("pk", filter=_nothing_known(scheme) & Q(_in_default(scheme)))
        for scheme in schemes
        if scheme.needs_evidence
    }
    return visible(user, Customer).filter(facts__isnull=False).aggregate(**counts) if counts else {}


def _in_default(scheme: Scheme) -> Exists:
    members = Placement.objects.filter(customer=OuterRef("pk"), dimension=scheme.dimension)
    return Exists(members.filter(class_key=scheme.default.key))


def _nothing_known(scheme: Scheme) -> Q:
    known = Q()
    for ref in scheme.refs():
        if ref.source != "class":
            known &= _unknown(ref)
    return known


def _unknown(ref: Ref) -> Q:
    if ref.source == "metric":
        column = f"facts__values__{ref}"
        return Q(**{f"{column}__isnull": True}) | Q(**{column: 0})
    if ref.source == "custom":
        return Q(**{f"custom__{ref.name}__isnull": True})
    if ref.name in {"birthday", "created_on", "owner"}:
        return Q(**{f"{ref.name}__isnull": True})
    return Q(**{ref.name: [] if ref.name == "tags" else ""})
