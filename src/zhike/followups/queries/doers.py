"""Who does a step, and on which day: whoever the step names, their stand-in while they are away, on a day that they work.

Read once for many customers. Nobody is given what they cannot see: then it is the owner's.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count, Q

from zhike.accounts.models import Role, User
from zhike.accounts.policy import sees_owner
from zhike.assignment.models import Absence, Capacity
from zhike.assignment.queries import capacities_of
from zhike.assignment.working_days import is_worked
from zhike.followups.models import Task

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from zhike.core.plans import Who
    from zhike.customers.models import Customer

# Beyond this nobody looks for a working day: whoever never works has the day as it is.
_FAR = 60


class Doing(NamedTuple):
    """Who does something, and on which day."""

    owner: int
    day: date


class Doers:
    """Knows who works when, who is away, and who is senior or serves, as of one day."""

    def __init__(self, today: date) -> None:
        self.today = today
        self._people: dict[int, User] = {}
        self._capacities: dict[int, Capacity] = {}
        self._absences: dict[int, Sequence[Absence]] = {}
        self._seniors: dict[int, list[User]] = {}
        self._servers: list[User] | None = None
        self._loads: dict[int, int] = {}

    def read(self, people: Iterable[int]) -> None:
        """Read what is known of these people, at once."""
        new = set(people) - self._people.keys()
        if not new:
            return
        self._people |= User.objects.select_related("team", "role").in_bulk(new)
        self._capacities |= capacities_of(new)
        away: dict[int, list[Absence]] = {pk: [] for pk in new}
        rows = Absence.objects.filter(user__in=new, last_day__gte=self.today).select_related("stand_in__role")
        for row in rows.order_by("first_day"):
            away[row.user_id].append(row)
        self._absences |= away

    def does(self, customer: Customer, who: Who, base: date, *, offset: int, working_days: bool) -> Doing:
        """Return who does something for a customer who has an owner, so many days after `base` and not before today."""
        assert customer.owner_id is not None
        person = self._person(customer, who)
        day = self.day(person, base, offset=offset, working_days=working_days)
        absence = self.away(person, day)
        if absence is None:
            return Doing(person, day)
        other = absence.stand_in
        if other is not None and other.is_active and sees_owner(other, self._owner(customer), customer):
            self.read([other.pk])
            if self.away(other.pk, day) is None:
                return Doing(other.pk, self.worked(other.pk, day) if working_days else day)
        back = absence.last_day + timedelta(days=1)
        return Doing(person, self.worked(person, back) if working_days else back)

    def day(self, person: int, base: date, *, offset: int, working_days: bool) -> date:
        """Return the day so many days after another, and not before today."""
        if not working_days:
            return max(base + timedelta(days=offset), self.today)
        day = self.worked(person, base)
        for _ in range(offset):
            day = self.worked(person, day + timedelta(days=1))
        return self.worked(person, max(day, self.today))

    def worked(self, person: int, day: date) -> date:
        """Return the first day from this one on that a person works."""
        self.read([person])
        capacity = self._capacities[person]
        for ahead in range(_FAR):
            found = day + timedelta(days=ahead)
            if is_worked(found, capacity.weekdays, keeps_holidays=capacity.keeps_holidays):
                return found
        return day

    def away(self, person: int, day: date) -> Absence | None:
        """Return the absence of a person that a day lies in."""
        self.read([person])
        return next((one for one in self._absences.get(person, ()) if one.first_day <= day <= one.last_day), None)

    def _owner(self, customer: Customer) -> User:
        assert customer.owner_id is not None
        self.read([customer.owner_id])
        return self._people[customer.owner_id]

    def _person(self, customer: Customer, who: Who) -> int:
        """Return whom a step names; the owner where there is nobody else who sees the customer."""
        owner = self._owner(customer)
        if who == "owner" or (who == "senior" and self._capacities[owner.pk].level >= Capacity.Level.SENIOR):
            return owner.pk
        others = self._senior(owner) if who == "senior" else self._serving()
        able = [other for other in others if other.pk != owner.pk and sees_owner(other, owner, customer)]
        chosen = min(able, key=lambda other: (self._load(other.pk), other.pk), default=owner)
        self._loads[chosen.pk] = self._load(chosen.pk) + 1
        return chosen.pk

    def _senior(self, owner: User) -> list[User]:
        """Return the senior people of the owner's team; where there are none, who leads it."""
        if owner.team_id is None:
            return []
        if owner.team_id not in self._seniors:
            people = User.objects.filter(is_active=True).select_related("role")
            found = list(people.filter(team=owner.team_id, capacity__level__gte=Capacity.Level.SENIOR))
            leads = Q(pk=owner.team.leader_id) if owner.team and owner.team.leader_id else Q(pk__in=())
            self._seniors[owner.team_id] = [*found, *people.filter(leads).exclude(pk__in=[one.pk for one in found])]
        return self._seniors[owner.team_id]

    def _serving(self) -> list[User]:
        if self._servers is None:
            self._servers = list(User.objects.filter(is_active=True, role=Role.SERVICE).select_related("role"))
        return self._servers

    def _load(self, person: int) -> int:
        if person not in self._loads:
            rows = Task.objects.filter(owner=person, state=Task.State.OPEN).aggregate(size=Count("pk"))
            self._loads[person] = rows["size"]
        return self._loads[person]
