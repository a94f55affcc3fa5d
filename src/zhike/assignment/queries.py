"""Reads of people: how much they have, how much they can take on, and whether they are there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count

from zhike.accounts.policy import visible
from zhike.accounts.queries import company_zone
from zhike.assignment.models import Absence, Capacity
from zhike.assignment.working_days import is_worked
from zhike.base.clock import today
from zhike.customers.models import Customer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from django.db.models import QuerySet

    from zhike.accounts.models import User


@dataclass(frozen=True, slots=True)
class Load:
    """What a person has and can take on, as of one day.

    `customers` are those they own and who are neither in the bin nor erased; `capacity` is an unsaved row of defaults
    where nobody has said anything; `absence` is the one that holds on that day.
    """

    user: User
    customers: int
    capacity: Capacity
    absence: Absence | None
    works: bool

    @property
    def room(self) -> int | None:
        """How many more they can take on; None is no limit, below zero is too many already."""
        return None if self.capacity.most is None else self.capacity.most - self.customers

    @property
    def is_there(self) -> bool:
        """Whether new customers can go to this person on that day, if there is room."""
        return self.user.is_active and self.works and self.absence is None

    @property
    def can_take(self) -> bool:
        return self.is_there and (self.room is None or self.room > 0)


def load_of_people(
    people: Iterable[User], *, as_of: date | None = None, owned: Mapping[int, int] | None = None
) -> dict[int, Load]:
    """Return what each of these people has and can take on, by their id. Three queries for any number.

    How many customers they own is counted unless it is given.
    """
    day = as_of or today(company_zone())
    by_id = {person.pk: person for person in people}
    owned = customers_of(by_id) if owned is None else owned
    capacities = capacities_of(by_id)
    away = absences_on(day, by_id)
    return {
        pk: Load(
            user=person,
            customers=owned.get(pk, 0),
            capacity=capacities[pk],
            absence=away.get(pk),
            works=is_worked(day, capacities[pk].weekdays, keeps_holidays=capacities[pk].keeps_holidays),
        )
        for pk, person in by_id.items()
    }


def customers_of(people: Iterable[int]) -> dict[int, int]:
    """Return how many customers each of these people owns; whoever owns none is left out."""
    rows = Customer.present.filter(owner__in=list(people)).order_by().values_list("owner")
    return dict(rows.annotate(size=Count("pk")))


def capacities_of(people: Iterable[int]) -> dict[int, Capacity]:
    """Return what each of these people can take on."""
    ids = list(people)
    found = {row.user_id: row for row in Capacity.objects.filter(user__in=ids)}
    return {pk: found.get(pk) or Capacity(user_id=pk) for pk in ids}


def absences_on(day: date, people: Iterable[int]) -> Mapping[int, Absence]:
    """Return who of these people is away on a day, with the absence."""
    rows = Absence.objects.filter(user__in=list(people), first_day__lte=day, last_day__gte=day)
    return {row.user_id: row for row in rows.select_related("stand_in").order_by("-pk")}


def absences_of(user: User, person: User) -> QuerySet[Absence]:
    """Return when a colleague is away and will be, the nearest first; past absences are not among them."""
    rows = visible(user, Absence).filter(user=person, last_day__gte=today(company_zone()))
    return rows.select_related("stand_in").order_by("first_day", "pk")
