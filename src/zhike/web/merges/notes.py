"""What the page of a record says of merges that can still be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhike.accounts.policy import can, field_access
from zhike.customers.models import Customer
from zhike.duplicates.queries import undoable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from zhike.accounts.models import User


@dataclass(frozen=True, slots=True)
class MergeNote:
    """One merge: what was merged in, by whom and when."""

    pk: int
    names: str
    who: str
    at: datetime
    may_undo: bool


def merge_notes(user: User, customer: int) -> Sequence[MergeNote]:
    """Return the merges into a customer that can still be taken back, the latest first."""
    found = list(undoable(user, customer))
    if not found:
        return ()
    names = names_of(user, [pk for merge in found for pk in merge.merged])
    may_undo = can(user, "merge", Customer(pk=customer))
    return [
        MergeNote(
            merge.pk,
            "、".join(names[pk] for pk in merge.merged if pk in names),
            merge.by.name if merge.by else "Zhike",
            merge.at,
            may_undo,
        )
        for merge in found
    ]


def names_of(user: User, ids: Iterable[int]) -> dict[int, str]:
    """Return what merged records are called, as far as this person may read names."""
    reads = field_access(user, Customer).reads("name")
    rows = Customer.objects.filter(pk__in=list(ids)).values_list("pk", "name")
    return {pk: name if reads else f"#{pk}" for pk, name in rows}
