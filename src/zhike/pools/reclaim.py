"""Whom the rules would take back: the same query for the dry run, the warnings and the run itself.

The first rule whose condition holds decides of a customer alone. The clock of a customer begins with the latest of
what the rule counts from, the day on which the owner got them and the day on which the record began. All of it is
one statement a rule: no customer is looked at one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import DateField, Exists, OuterRef, Q, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Greatest, TruncDate

from zhike.accounts.policy import visible
from zhike.accounts.queries import company_zone
from zhike.assignment.models import Absence
from zhike.base.clock import today
from zhike.base.paging import capped_count
from zhike.classification.preview import not_filled_in
from zhike.core.errors import ConditionError
from zhike.core.facts import Ref
from zhike.core.metrics import METRICS
from zhike.customers.models import Customer
from zhike.pools.conditions import known_fields, matching, metrics_of, read, unlike
from zhike.pools.models import Notice, Rule
from zhike.timeline.models import Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from django.db.models import QuerySet

    from zhike.accounts.models import User
    from zhike.base.paging import Count
    from zhike.core.conditions.nodes import Node
    from zhike.core.facts import FieldSet

# What a rule may count days from.
CLOCKS = tuple(key for key, metric in METRICS.items() if metric.is_days_since)


@dataclass(frozen=True, slots=True)
class Reading:
    """A rule with its conditions read; `problem` says why it takes nobody, nor any rule after it."""

    rule: Rule
    condition: Node | None = None
    exception: Node | None = None
    problem: ConditionError | None = None
    is_waiting: bool = False

    @property
    def is_ready(self) -> bool:
        return self.problem is None and not self.is_waiting


def readings(rules: Iterable[Rule] | None = None, fields: FieldSet | None = None) -> list[Reading]:
    """Return the rules in their order, each as far as it can be read."""
    known = fields or known_fields()
    return [_reading(rule, known) for rule in (Rule.objects.select_related("pool") if rules is None else rules)]


def _reading(rule: Rule, fields: FieldSet) -> Reading:
    try:
        condition = read(rule.condition, fields)
        exception = read(rule.exception, fields, "exception")
    except ConditionError as error:
        return Reading(rule, problem=error)
    waits = not_filled_in(metrics_of(condition, exception) | {clock_of(rule)})
    return Reading(rule, condition, exception, is_waiting=bool(waits))


def clock_of(rule: Rule) -> Ref:
    return Ref(f"metric.{rule.clock}")


def in_force(found: Sequence[Reading]) -> list[tuple[int, Reading]]:
    """Return the rules that take customers, with their places.

    Behind one that cannot be read none does: whom it was to keep, the next would take.
    """
    able = []
    for place, one in enumerate(found):
        if not one.is_ready:
            break
        if not one.rule.is_paused and not one.rule.pool.is_closed:
            able.append((place, one))
    return able


def due(found: Sequence[Reading], place: int, *, ahead: int = 0) -> QuerySet[Any]:
    """Return the customers whom the rule at this place takes, `ahead` days from now at the latest.

    Each has `since`, the day from which the clock runs. `found` are all rules, those before it deciding first.
    """
    one = found[place]
    last = today(company_zone()) + timedelta(days=ahead - one.rule.days)
    counted = Cast(KeyTextTransform(str(clock_of(one.rule)), "facts__values"), DateField())
    changes = Event.objects.filter(customer=OuterRef("pk"), kind="owner.changed")
    got = Subquery(changes.order_by("-day", "-occurred_at", "-pk").values("day")[:1])
    rows = Customer.present.filter(owner__isnull=False, facts__isnull=False)
    for earlier in found[:place]:
        assert earlier.is_ready
        rows = rows.none() if earlier.condition is None else rows.filter(unlike(earlier.condition))
    rows = rows.filter(matching(one.condition), Q(created_on=None) | Q(created_on__lte=last))
    began = Coalesce("created_on", TruncDate("created_at", tzinfo=company_zone()))
    if one.exception is not None:
        rows = rows.filter(unlike(one.exception))
    rows = rows.annotate(counted=counted).filter(Q(counted=None) | Q(counted__lte=last))
    # The costliest last: of those who are left the day on which the owner got them.
    rows = rows.annotate(since=Greatest("counted", began, got))
    return rows.filter(since__lte=last)


def noticed(on: date | None = None) -> Exists:
    """Keep customers whose owner was told of this stretch; by a day, that they go on it or before."""
    told = Notice.objects.filter(customer=OuterRef("pk"), owner=OuterRef("owner"), since=OuterRef("since"))
    return Exists(told if on is None else told.filter(goes_on__lte=on))


def ripe(found: Sequence[Reading], place: int) -> QuerySet[Any]:
    """Return the customers whom the rule takes now.

    Where a warning was promised, those of whom it was given in time; and while an owner is away, none of theirs.
    """
    day = today(company_zone())
    away = Absence.objects.filter(user=OuterRef("owner"), first_day__lte=day, last_day__gte=day)
    rows = due(found, place).exclude(Exists(away))
    return rows.filter(noticed(day)) if found[place].rule.warn_days else rows


@dataclass(frozen=True, slots=True)
class Trial:
    """What a rule would do: how many go now, how many are to be warned, and the first of them with their days."""

    reading: Reading
    going: Count
    warned: Count
    customers: Sequence[Any]


def trial(user: User, rules: Sequence[Rule], place: int, *, most: int = 50) -> Trial | None:
    """Try the rule at this place without doing anything; None while one up to it cannot be read.

    It counts everybody; of the customers it names those whom this person may see. Whether it is paused does not matter.
    """
    found = readings(rules)
    if not all(one.is_ready for one in found[: place + 1]):
        return None
    rule = found[place].rule
    near = due(found, place, ahead=rule.warn_days)
    going = due(found, place)
    seen = near.filter(pk__in=visible(user, Customer).values("pk")).select_related("owner")
    return Trial(found[place], capped_count(going), capped_count(near), list(seen.order_by("since", "pk")[:most]))


def standing_notice(user: User, customer: Customer) -> Notice | None:
    """Return the notice that this customer will be taken from the present owner, while it holds."""
    rows = visible(user, Notice).filter(customer=customer, owner=customer.owner_id).select_related("rule__pool")
    notice = rows.order_by("-since", "-pk").first()
    if notice is None or notice.rule.is_paused:
        return None
    found = readings()
    place = next((place for place, one in in_force(found) if one.rule.pk == notice.rule_id), None)
    if place is None:
        return None
    still = due(found, place, ahead=notice.rule.warn_days).filter(pk=customer.pk, since=notice.since)
    return notice if still.exists() else None
