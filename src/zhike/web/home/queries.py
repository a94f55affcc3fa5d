"""What the figures of the home pages are: one function each, every one counted anew from what happened.

A `Run` has the value of each week or month that is shown, the last of them up to today, and the value by the same
day of the period before, to compare with. What was taken back is subtracted: it is little, and the rest can then be
read from an index alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Aggregate, Count, DateField, DurationField, ExpressionWrapper, F, Q, Sum
from django.db.models.functions import TruncWeek
from django.utils import timezone

from zhike.accounts.policy import visible
from zhike.assignment.models import Promise
from zhike.classification.queries import class_changes, moves_of
from zhike.core.dates import add_months, day_start, period_start
from zhike.core.priority import Ranks
from zhike.followups.models import Task
from zhike.followups.queries.tallies import counted, is_on_time
from zhike.timeline.queries import voided

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from zhike.classification.rules import Rulebook
    from zhike.timeline.models import Event
    from zhike.web.home.whose import Whose

MONTHS, WEEKS = 8, 8
INTENT = "intent"
ORDER, REFUND, PAYMENT = "order.placed", "order.refunded", "payment.received"


class Median(Aggregate):
    """The middle of the values, between two of them in the middle of both."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)%(filter)s"


@dataclass(frozen=True, slots=True)
class Run:
    """`parts` from the oldest to the present one; `now` is this month so far, `before` the last month by the like day.

    None is no value: nothing was due, nobody was answered. `counted_at` says when it was counted, if not now.
    """

    parts: Sequence[float | None]
    now: float | None
    before: float | None
    counted_at: datetime | None = None


class Days(NamedTuple):
    """The months and weeks that end today."""

    today: date

    @property
    def month(self) -> date:
        return period_start(self.today, "month", 0)

    @property
    def months(self) -> list[date]:
        return [add_months(self.month, back) for back in range(1 - MONTHS, 1)]

    @property
    def weeks(self) -> list[date]:
        return [period_start(self.today, "week", back) for back in range(1 - WEEKS, 1)]

    @property
    def last_month(self) -> tuple[date, date]:
        """Return the first day of the last month, and the day of it that is like today."""
        return add_months(self.month, -1), add_months(self.today, -1)

    @property
    def since(self) -> date:
        """Return the first day that weeks and the two months need."""
        return min(self.weeks[0], self.last_month[0])


# --- Money: each month ---


type Amounts = dict[str, dict[date, int]]  # kind → day → minor units
MONEY = (ORDER, REFUND, PAYMENT)


def amounts(whose: Whose, days: Days) -> Amounts:
    """Return what was ordered, refunded and paid on each day. The database adds up days, in which the index is sorted."""
    events = whose.events().filter(kind__in=MONEY, day__range=(days.months[0], days.today)).order_by()
    found: Amounts = {kind: {} for kind in MONEY}
    for sign, rows in ((1, events), (-1, events.filter(pk__in=voided()))):
        for kind, day, amount in rows.values_list("kind", "day").annotate(amount=Sum("base_amount")):
            found[kind][day] = found[kind].get(day, 0) + sign * (amount or 0)
    return found


def revenue(whose: Whose, days: Days, found: Amounts | None = None) -> Run:
    """Return what was ordered less what was refunded, in minor units."""
    found = amounts(whose, days) if found is None else found
    less = found[REFUND]
    return _by_month(
        {day: found[ORDER].get(day, 0) - less.get(day, 0) for day in found[ORDER].keys() | less.keys()}, days
    )


def payments(whose: Whose, days: Days, found: Amounts | None = None) -> Run:
    """Return what was paid, in minor units."""
    return _by_month((amounts(whose, days) if found is None else found)[PAYMENT], days)


def _by_month(found: dict[date, int], days: Days) -> Run:
    months = dict.fromkeys(days.months, 0)
    first, like_today = days.last_month
    for day, amount in found.items():
        months[day.replace(day=1)] += amount
    before = sum(amount for day, amount in found.items() if first <= day <= like_today)
    return Run(list(months.values()), months[days.month], before)


def orders(whose: Whose, days: Days) -> Run:
    """Return how many orders were placed."""
    return _by_month(_counts(whose.events().filter(kind=ORDER), days), days)


def new_customers(whose: Whose, days: Days) -> Run:
    """Return how many records began."""
    began = whose.customers().filter(created_on__range=(days.months[0], days.today)).order_by()
    return _by_month(dict(began.values_list("created_on").annotate(n=Count("*"))), days)


def _counts(events: QuerySet[Event], days: Days) -> dict[date, int]:
    events = events.filter(day__range=(days.months[0], days.today)).order_by()
    found: dict[date, int] = {}
    for sign, rows in ((1, events), (-1, events.filter(pk__in=voided()))):
        for day, size in rows.values_list("day").annotate(n=Count("*")):
            found[day] = found.get(day, 0) + sign * size
    return found


# --- Intent: each week ---


def rises(rules: Rulebook, dimension: str = INTENT) -> Q:
    """Return which of `moves_of` lead up in a dimension; none where its classes have no ranks."""
    up = Q(pk__in=())
    for scheme in rules.schemes:
        if scheme.dimension == dimension:
            for old in scheme.classes:
                higher = [new.key for new in scheme.classes if scheme.is_demotion(new.key, old.key)]
                if higher:
                    up |= Q(left=old.key, entered__in=higher)
    return up


def hottest(rules: Rulebook, dimension: str = INTENT) -> str:
    """Return the class of a dimension that ranks highest, empty where none does."""
    for scheme in rules.schemes:
        if scheme.dimension == dimension and dimension in Ranks([scheme]).dimensions:
            return max(scheme.classes, key=lambda one: -1 if one.rank is None else one.rank).key
    return ""


def newly_hot(whose: Whose, days: Days, rules: Rulebook) -> Run:
    """Return how many customers entered the class of the highest intent, each once in a week and once in a month."""
    hot = hottest(rules)
    rows = moves_of(class_changes(whose.user)).filter(
        Q(dimension=INTENT, entered=hot), day__range=(days.since, days.today)
    )
    if whose.person is not None:
        rows = rows.filter(customer__owner=whose.person)
    found = set(rows.order_by().values_list("customer", "day")) if hot else set()

    def between(first: date, last: date) -> int:
        return len({customer for customer, day in found if first <= day <= last})

    return _by_week(between, days)


def _by_week(read: Callable[[date, date], float | None], days: Days) -> Run:
    return Run(
        [read(week, min(week + timedelta(days=6), days.today)) for week in days.weeks],
        read(days.month, days.today),
        read(*days.last_month),
    )


# --- Promises kept: each week ---


def tasks_due(whose: Whose) -> QuerySet[Task]:
    """Return the tasks that count: done or not, but neither dropped nor shelved."""
    return whose.tasks().filter(state__in=[Task.State.OPEN, Task.State.DONE])


def on_time(whose: Whose, days: Days) -> Run:
    """Return how many per cent of the tasks that were due were done by then; today's count once they are done.

    Of many people it may have been counted beforehand.
    """
    before = counted(whose.people(), days.today) if whose.person is None else None
    if before is not None:
        return replace(share_of_days(before.kept(days.since, days.today), days), counted_at=before.at)
    due = tasks_due(whose).filter(due_on__range=(days.since, days.today))
    rows = due.order_by().values_list("due_on").annotate(n=Count("pk"), kept=Count("pk", filter=is_on_time()))
    return share_of_days({day: (size, kept) for day, size, kept in rows}, days)


def share_of_days(found: Mapping[date, tuple[int, int]], days: Days) -> Run:
    """Return the share that was kept; what is due today and still open is not late yet."""

    def between(first: date, last: date) -> float | None:
        within = [(day, *sizes) for day, sizes in found.items() if first <= day <= last]
        kept = sum(done for _, _, done in within)
        due = sum(done if day == days.today else size for day, size, done in within)
        return round(100 * kept / due) if due else None

    return _by_week(between, days)


def first_answer(whose: Whose, days: Days) -> Run:
    """Return after how many hours, in the middle, somebody was in touch with whom that was promised."""
    zone = timezone.get_current_timezone()
    kept = visible(whose.user, Promise).filter(kept_at__gte=day_start(days.since, zone))
    if whose.person is not None:
        kept = kept.filter(customer__owner=whose.person)
    taken = ExpressionWrapper(F("kept_at") - F("started_at"), DurationField())
    weeks = TruncWeek("kept_at", tzinfo=zone, output_field=DateField())
    middle = Median(taken, output_field=DurationField())
    by_week: dict[date, timedelta] = dict(kept.order_by().values_list(weeks).annotate(taken=middle))

    def between(first: date, last: date) -> Median:
        until = day_start(last + timedelta(days=1), zone)
        within = Q(kept_at__gte=day_start(first, zone), kept_at__lt=until)
        return Median(taken, filter=within, output_field=DurationField())

    found = kept.aggregate(now=between(days.month, days.today), before=between(*days.last_month))
    return Run([hours(by_week.get(week)) for week in days.weeks], hours(found["now"]), hours(found["before"]))


def hours(taken: timedelta | None) -> float | None:
    return None if taken is None else round(taken.total_seconds() / 3600, 1)


def promises_kept(whose: Whose, first: date, until: date) -> tuple[int, int]:
    """Return of the first answers that were due in these days how many there were, and how many came in time."""
    zone = timezone.get_current_timezone()
    begins, ends = day_start(first, zone), day_start(until + timedelta(days=1), zone)
    rows = visible(whose.user, Promise).filter(ended_at=None, due_at__gte=begins, due_at__lt=ends)
    if whose.person is not None:
        rows = rows.filter(customer__owner=whose.person)
    found: dict[str, Any] = rows.aggregate(due=Count("pk"), kept=Count("pk", filter=Q(kept_at__lte=F("due_at"))))
    return found["due"], found["kept"]
