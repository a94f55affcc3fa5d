"""Reads of a hand-over: its lines as conditions, and how many customers each would give to whom."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Case, Count, IntegerField, Q, Value, When

from zhike.accounts.policy import doable, field_access, require, visible
from zhike.accounts.queries import assignable_owners, company_zone
from zhike.base.clock import today
from zhike.base.errors import Conflict
from zhike.base.inputs import Invalid
from zhike.classification.candidates import draft_fields
from zhike.classification.condition_q import condition_q
from zhike.classification.consents import with_consents
from zhike.classification.models import Acknowledgement, Review, Scheme
from zhike.classification.preview import not_filled_in
from zhike.core.conditions.nodes import refs
from zhike.core.conditions.parse import parse
from zhike.customers.models import Customer
from zhike.customers.readable import readable
from zhike.jobs.models import Job

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from zhike.accounts.models import User
    from zhike.core.conditions.nodes import Node
    from zhike.core.facts import Ref

# The kind of job that it is.
KIND = "hand_over"
MOST_LINES = 20
# The place of no line.
ELSE = -1


@dataclass(frozen=True, slots=True)
class Line:
    """Those who fulfil the condition (None: everybody who is left) go to these people in turn."""

    when: Node | None
    to: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """How many customers each line gives, to whom, and how many stay where they are."""

    lines: tuple[int, ...]
    people: Mapping[int, int]
    stays: int

    @property
    def total(self) -> int:
        return sum(self.lines)


@dataclass(frozen=True, slots=True)
class Belongings:
    """What a person answers for."""

    customers: int
    reviews: int
    dimensions: Sequence[Scheme]
    unconfirmed: int

    def __bool__(self) -> bool:
        return bool(self.customers or self.dimensions or self.unconfirmed)


def belongings(by: User, person: User) -> Belongings:
    """Return what a colleague answers for, as far as `by` sees it."""
    return Belongings(
        customers=customers_of(by, person).count(),
        reviews=visible(by, Review).filter(customer__owner=person, state=Review.State.OPEN).count(),
        dimensions=list(visible(by, Scheme).filter(owner=person)),
        unconfirmed=visible(by, Acknowledgement).filter(user=person, confirmed_at=None).count(),
    )


def require_giving(by: User) -> None:
    """Let only those hand over who may assign customers and may write who owns one."""
    require(by, "assign", Customer)
    field_access(by, Customer).require_writable(["owner"])


def customers_of(by: User, person: User) -> QuerySet[Customer]:
    """Return the customers of a colleague that `by` may give to somebody else."""
    return doable(by, "assign", Customer).filter(owner=person)


def last_handover(by: User, giver: User) -> Job | None:
    """Return the last time that a colleague's customers were handed over, by whomever."""
    return visible(by, Job).filter(kind=KIND, parameters__giver=giver.pk).order_by("-pk").first()


def read_lines(data: Sequence[Mapping[str, Any]], by: User) -> list[Line]:
    """Read lines as they are stored, or say what is wrong with them.

    A field that `by` may not read is none here: how many a line gives would tell what stands in it.
    """
    if not data:
        raise Invalid("至少写一行：交给谁", "say to whom in at least one line", path="lines")
    if len(data) > MOST_LINES:
        raise Invalid(f"最多 {MOST_LINES} 行", f"at most {MOST_LINES} lines", path="lines")
    fields = readable(by, with_consents(draft_fields()))
    lines = []
    for index, row in enumerate(data):
        when = None if row["when"] is None else parse(row["when"], fields, path=f"lines[{index}].when")
        if not row["to"]:
            raise Invalid("选一个人，或者选几个人轮流", "choose somebody, or several to take turns", path="lines")
        lines.append(Line(when, tuple(dict.fromkeys(row["to"]))))
    return lines


def metrics_read(lines: Sequence[Line]) -> frozenset[Ref]:
    """Return the metrics that the conditions read."""
    found = (refs(line.when) for line in lines if line.when is not None)
    return frozenset(ref for some in found for ref in some if ref.source == "metric")


def check_counted(lines: Sequence[Line]) -> None:
    """Refuse conditions whose metrics are not worked out for everybody yet: they would mean too few."""
    if not_filled_in(metrics_read(lines)):
        raise Conflict(
            "条件里有的指标还在给所有客户计算，过几分钟再数一遍",
            "a metric in these conditions is still being worked out for everybody: count again in a few minutes",
        )


def receivers(by: User, giver: User, lines: Sequence[Line]) -> dict[int, User]:
    """Return the people of the lines, or say who of them cannot be given anything."""
    wanted = {pk for line in lines for pk in line.to}
    found = {person.pk: person for person in assignable_owners(by).filter(pk__in=wanted).exclude(pk=giver.pk)}
    if found.keys() != wanted:
        raise Invalid(
            "有人不能接手：已停用、不归你分配，或者就是交出的人",
            "somebody cannot take over: deactivated, not yours to assign to, or the one who gives",
            path="lines",
        )
    return found


def with_line(customers: QuerySet[Customer], lines: Sequence[Line]) -> QuerySet[Any]:
    """Say of each customer, as `line`, which line is the first that means it; `ELSE` for none."""
    zone = company_zone()
    day = today(zone)
    cases = [
        When(Q(Value(value=True)) if line.when is None else condition_q(line.when, day, zone), then=Value(index))
        for index, line in enumerate(lines)
    ]
    return customers.annotate(line=Case(*cases, default=Value(ELSE), output_field=IntegerField()))


def plan(by: User, giver: User, lines: Sequence[Line]) -> Plan:
    """Count what the lines would do, without doing it."""
    receivers(by, giver, lines)
    check_counted(lines)
    rows = with_line(customers_of(by, giver), lines).values_list("line").order_by("line").annotate(n=Count("pk"))
    counts = dict(rows)
    people: Counter[int] = Counter()
    for index, line in enumerate(lines):
        for place, pk in enumerate(line.to):
            whole, rest = divmod(counts.get(index, 0), len(line.to))
            people[pk] += whole + (place < rest)
    given = tuple(counts.get(index, 0) for index in range(len(lines)))
    return Plan(given, dict(people), counts.get(ELSE, 0))
