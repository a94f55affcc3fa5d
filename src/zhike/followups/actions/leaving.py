"""What becomes of the tasks of somebody who signs in no more: none waits for a person who will not come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.assignment.ladder import chain
from zhike.followups.models import Follower, Task

if TYPE_CHECKING:
    from zhike.accounts.models import User


def give_on(user: User, by: User) -> None:
    """Give what somebody was to do to the owner of the customer, else to who leads them, else to who lets them go."""
    user.is_active, kept = True, user.is_active  # who led them is asked as while they were there
    leaders = [pk for step in chain(user)[1:] for pk in step if pk != user.pk]
    user.is_active = kept
    other = leaders[0] if leaders else by.pk
    open_ = Task.objects.filter(owner=user, state__in=[Task.State.OPEN, Task.State.SHELVED])
    changed = list(open_.select_related("customer__owner").select_for_update(of=("self",), no_key=True).order_by("pk"))
    for task in changed:
        owner = task.customer.owner if task.customer else None
        task.owner_id = owner.pk if owner is not None and owner.is_active and owner.pk != user.pk else other
        task.version += 1
    Task.objects.bulk_update(changed, ["owner", "version"])
    Follower.objects.filter(user=user).delete()
