"""The report of load: what each colleague has, by class, against what they can take on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from zhike.accounts.models import User
from zhike.accounts.policy import CUSTOMER, visible
from zhike.accounts.queries import company_zone
from zhike.accounts.roles import roles_that_may
from zhike.assignment.models import Absence
from zhike.assignment.promises import promises_of_people
from zhike.assignment.queries import load_of_people
from zhike.base.clock import today
from zhike.classification.models import Placement
from zhike.customers.models import Customer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zhike.assignment.queries import Load

MOST_PEOPLE = 500


@dataclass(frozen=True, slots=True)
class PersonLoad:
    """A colleague's row: customers by class of one dimension, the absence that comes next."""

    load: Load
    classes: Mapping[str, int]
    next_absence: Absence | None
    open: int = 0
    broken: int = 0

    @property
    def share(self) -> int | None:
        """How much of what they can take on they have, in per cent; None without a limit."""
        most = self.load.capacity.most
        if most is None:
            return None
        return 100 if not most else round(100 * self.load.customers / most)


def load_report(user: User, dimension: str) -> Sequence[PersonLoad]:
    """Return the load of the colleagues that this person sees: of those who may have customers, or have some."""
    owns = Customer.present.filter(owner__isnull=False).order_by().values("owner").distinct()
    people = list(
        visible(user, User)
        .filter(Q(is_active=True, role__in=roles_that_may("change", CUSTOMER)) | Q(pk__in=owns))
        .select_related("team")
        .order_by("-is_active", "team__name", "name", "pk")[:MOST_PEOPLE]
    )
    loads = load_of_people(people)
    classes: dict[int, dict[str, int]] = {}
    placed = Placement.objects.filter(
        dimension=dimension, customer__owner__in=[one.pk for one in people], customer__deleted_at=None
    )
    for owner, key, size in placed.order_by().values_list("customer__owner", "class_key").annotate(n=Count("pk")):
        classes.setdefault(owner, {})[key] = size
    coming: dict[int, Absence] = {}
    ahead = Absence.objects.filter(user__in=people, last_day__gte=today(company_zone())).select_related("stand_in")
    for absence in ahead.order_by("-first_day"):
        coming[absence.user_id] = absence
    owed = promises_of_people([one.pk for one in people])
    return [
        PersonLoad(loads[one.pk], classes.get(one.pk, {}), coming.get(one.pk), *owed.get(one.pk, (0, 0)))
        for one in people
    ]
