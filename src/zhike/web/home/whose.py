"""Whose work a home page shows: one's own, a colleague's, or everybody's whom one sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhike.accounts.models import User
from zhike.accounts.policy import get_visible, sees_all, sees_others, visible
from zhike.customers.models import Customer
from zhike.followups.models import Task
from zhike.timeline.models import Event

if TYPE_CHECKING:
    from django.db.models import QuerySet

_MOST_DIGITS = 18
EVERYBODY = "all"


@dataclass(frozen=True, slots=True)
class Whose:
    """The person who looks, and the one whose work it is; None for everybody's."""

    user: User
    person: User | None

    @property
    def is_mine(self) -> bool:
        return self.person is not None and self.person.pk == self.user.pk

    @property
    def key(self) -> str:
        """Return what an address says of it."""
        if self.person is None:
            return EVERYBODY
        return "" if self.is_mine else str(self.person.pk)

    def customers(self) -> QuerySet[Customer]:
        rows = visible(self.user, Customer)
        return rows if self.person is None else rows.filter(owner=self.person)

    def tasks(self) -> QuerySet[Task]:
        """Return the tasks of the person, or of all whom the one who looks sees: by owner, so that an index finds them."""
        if self.person is not None:
            return Task.objects.filter(owner=self.person)
        people = self.people()
        return Task.objects.all() if people is None else Task.objects.filter(owner__in=people)

    def people(self) -> list[int] | None:
        """Return all whom the one who looks sees; None where that is everybody."""
        return None if sees_all(self.user, User) else list(visible(self.user, User).values_list("pk", flat=True))

    def events(self) -> QuerySet[Event]:
        rows = visible(self.user, Event)
        return rows if self.person is None else rows.filter(customer__owner=self.person)


def read_whose(user: User, of: str) -> Whose:
    """Return whose work an address asks for: `all`, the number of a colleague, or one's own.

    Whoever has no customers sees those that others have; a colleague must be seen. Raises `NotFound`.
    """
    if of == EVERYBODY:
        return Whose(user, None)
    if of and of.isascii() and of.isdigit() and len(of) <= _MOST_DIGITS:
        return Whose(user, get_visible(user, User, pk=int(of)))
    if sees_others(user, Customer) and not owns_customers(user):
        return Whose(user, None)
    return Whose(user, user)


def owns_customers(user: User) -> bool:
    """Say whether this person has customers, asked for once as long as `user` lives."""
    kept: bool | None = user.__dict__.get("_owns_customers")
    if kept is None:
        kept = user.__dict__["_owns_customers"] = visible(user, Customer).filter(owner=user).exists()
    return kept
