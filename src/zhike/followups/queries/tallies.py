"""What each person has to do, and how many of their tasks were done in time: counted now, or when it was last counted."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count, DateField, F, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from zhike.base.clock import now
from zhike.customers.models import Customer
from zhike.followups.models import Tally, Task

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from zhike.classification.rules import Rulebook

# For as many open tasks counting takes longer than a page may.
LARGE = 50_000
# They are counted every ten minutes. Where that has stopped, pages count for themselves.
FRESH = timedelta(minutes=30)
WEEKS_KEPT = 13


class Kept(NamedTuple):
    """Of the tasks that were due, how many were done in time."""

    due: int = 0
    kept: int = 0


class Standing(NamedTuple):
    """What one person has: tasks that are overdue and due today, customers whom they should have contacted, all customers."""

    overdue: int = 0
    today: int = 0
    contacts: int = 0


def is_on_time() -> Q:
    """Return which tasks were done on the day on which they were due, or before."""
    done_on = TruncDate("done_at", tzinfo=timezone.get_current_timezone(), output_field=DateField())
    return Q(state=Task.State.DONE, due_on__gte=done_on)


def tasks_of(people: Sequence[int], day: date) -> dict[int, tuple[int, int]]:
    """Return how many open tasks each of these people has that are overdue, and that are due on this day."""
    rows = Task.objects.filter(owner__in=people, state=Task.State.OPEN, shown_on__lte=day).order_by()
    late, due = Count("pk", filter=Q(shown_on__lt=day)), Count("pk", filter=Q(shown_on=day))
    return {owner: (one, other) for owner, one, other in rows.values_list("owner").annotate(late=late, due=due)}


def busy_of(people: Sequence[int], day: date) -> dict[int, int]:
    """Return how many open tasks each of these people has that are due by this day: as counted beforehand, if they were."""
    before = _fresh(day).filter(user__in=people).values_list("user", F("overdue") + F("today"))
    return dict(before) or {pk: sum(sizes) for pk, sizes in tasks_of(people, day).items()}


def contacts_overdue(people: Sequence[int], rules: Rulebook, day: date) -> dict[int, int]:
    """Return with how many of their customers each of these people should have been in touch before this day."""
    cadences = {c.service.cadence_days for scheme in rules.schemes for c in scheme.classes} - {None}
    owned = Customer.present.filter(owner__in=people).order_by().values_list("owner")
    planned = owned.filter(next_contact_on__lt=day).annotate(n=Count("pk"))
    owed = owned.filter(
        next_contact_on=None,
        facts__contact_every__in=sorted(filter(None, cadences)),
        facts__contact_due_on__lt=day,
    ).annotate(n=Count("pk"))
    found: dict[int, int] = dict(planned)
    for owner, size in owed:
        found[owner] = found.get(owner, 0) + size
    return found


def standings(people: Sequence[int], rules: Rulebook, day: date) -> dict[int, Standing]:
    """Return what each of these people has, counted now."""
    tasks, contacts = tasks_of(people, day), contacts_overdue(people, rules, day)
    return {pk: Standing(*tasks.get(pk, (0, 0)), contacts.get(pk, 0)) for pk in people}


def kept_on(people: Iterable[int], first: date, last: date) -> dict[int, dict[date, Kept]]:
    """Return person → day → of their tasks that were due on it, how many were done by then; counted now."""
    rows = Task.objects.filter(
        owner__in=list(people), state__in=[Task.State.OPEN, Task.State.DONE], due_on__range=(first, last)
    )
    counted = rows.order_by().values_list("owner", "due_on")
    found: dict[int, dict[date, Kept]] = {}
    for owner, day, due, kept in counted.annotate(due=Count("pk"), kept=Count("pk", filter=is_on_time())):
        found.setdefault(owner, {})[day] = Kept(due, kept)
    return found


def kept_by(people: Sequence[int], first: date, last: date) -> dict[int, Kept]:
    """Return how many of each person's tasks were due on these days, and done by then; counted now."""
    found = kept_on(people, first, last)
    return {pk: _sum(found.get(pk, {}).values()) for pk in people}


def _sum(days: Iterable[Kept]) -> Kept:
    listed = list(days)
    return Kept(sum(one.due for one in listed), sum(one.kept for one in listed))


class Counted(NamedTuple):
    """What was counted beforehand of some people, and when."""

    at: datetime
    tallies: Mapping[int, Tally]

    def standing(self, person: int) -> Standing:
        found = self.tallies.get(person)
        return Standing(found.overdue, found.today, found.contacts) if found else Standing()

    def owned(self, person: int) -> int:
        found = self.tallies.get(person)
        return found.owned if found else 0

    def kept(self, first: date, last: date) -> dict[date, Kept]:
        """Return day → how many of everybody's tasks were due, and done by then."""
        found: dict[date, Kept] = {}
        for tally in self.tallies.values():
            for day, kept in _days(tally, first, last):
                before = found.get(day, Kept())
                found[day] = Kept(before.due + kept.due, before.kept + kept.kept)
        return found

    def kept_by(self, person: int, first: date, last: date) -> Kept:
        tally = self.tallies.get(person)
        return _sum(kept for _, kept in _days(tally, first, last)) if tally else Kept()


def _days(tally: Tally, first: date, last: date) -> Iterable[tuple[date, Kept]]:
    since, until = first.isoformat(), last.isoformat()
    return [(date.fromisoformat(day), Kept(*sizes)) for day, sizes in tally.kept.items() if since <= day <= until]


def counted(people: Iterable[int] | None, day: date) -> Counted | None:
    """Return what was counted of these people (None: of everybody) for this day; None where that is too long ago."""
    rows = _fresh(day)
    found = {row.user_id: row for row in (rows if people is None else rows.filter(user__in=list(people)))}
    return Counted(min(row.counted_at for row in found.values()), found) if found else None


def _fresh(day: date) -> QuerySet[Tally]:
    return Tally.objects.filter(day=day, counted_at__gte=now() - FRESH)
