"""What tests look at before and after a merge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.db.models import Q

from zhike.customers.models import Customer
from zhike.duplicates.moves import FATES

if TYPE_CHECKING:
    from collections.abc import Sequence

# What a merge and its undoing may leave behind: that it happened, and when something was last written.
_TOLD = ("customer.merged", "customer.parted")
_AGAIN = {"version", "updated_at", "completeness", "placed_at", "reason"}
# What is worked out again keeps no row.
_WORKED_OUT = {"customers.SearchText.customer", "classification.Shelved.customer", "duplicates.Merge.customer"}


def picture(customers: Sequence[Customer]) -> dict[str, list[dict[str, object]]]:
    """Return every row that refers to these customers, and the customers, as they can be compared."""
    ids = [customer.pk for customer in customers]
    found = {"customers": _plain(Customer.objects.filter(pk__in=ids))}
    for place in sorted(set(FATES) - _WORKED_OUT):
        label, _, column = place.rpartition(".")
        rows = apps.get_model(label)._base_manager.filter(**{f"{column}__in": ids})
        if label == "timeline.Event":
            own = Q(kind__in=["customer.updated", "owner.changed"], source="merge")
            rows = rows.exclude(kind__in=_TOLD).exclude(own).exclude(kind="class.changed", data__has_key="recomputed")
        found[place] = _plain(rows)
    return found


def _plain(rows) -> list[dict[str, object]]:
    return [{name: value for name, value in row.items() if name not in _AGAIN} for row in rows.order_by("pk").values()]
