"""What changed in the last seven days, for whoever answers for the company: classes entered and left, who fell, what broke."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count as Counted
from django.db.models import F, Q
from django.db.models.fields.json import KeyTextTransform

from zhike.accounts.policy import redacted
from zhike.assignment.promises import promises
from zhike.base.paging import Count
from zhike.classification.queries import class_changes, moves_of
from zhike.core.money import brief_money
from zhike.core.priority import Ranks
from zhike.followups.models import Escalation
from zhike.timeline.models import Event
from zhike.web.chips import class_chip

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from zhike.accounts.models import User
    from zhike.base.chips import Chip
    from zhike.classification.rules import Rulebook
    from zhike.core.text import Language
    from zhike.customers.models import Customer

DAYS = 7
SHOWN, FALLEN_SHOWN = 6, 4
MOST_COUNTED = 1_000
LEADERS = 2  # the step of the ladder at which whoever leads is told


@dataclass(frozen=True, slots=True)
class Moved:
    """How many customers entered a class and left it."""

    dimension: str
    label: str
    chip: Chip
    entered: int
    left: int


@dataclass(frozen=True, slots=True)
class Fallen:
    """A customer who fell to a lower class, with what they bought for in 365 days."""

    customer: Customer
    before: Chip
    after: Chip
    brief: str


@dataclass(frozen=True, slots=True)
class Changed:
    """All of it, and since when."""

    since: date
    moved: Sequence[Moved]
    fallen: Sequence[Fallen]
    broken: int
    escalated: Count


def what_changed(user: User, rules: Rulebook, *, today: date, language: Language, currency: str) -> Changed:
    since = today - timedelta(days=DAYS - 1)
    return Changed(
        since=since,
        moved=moved(user, rules, since, language),
        fallen=fallen(user, rules, since, language, currency),
        broken=promises(user, "broken").count(),
        escalated=escalated(),
    )


def escalated() -> Count:
    """Return how much is overdue for so long that whoever leads was told of it, and is still not done."""
    things = Escalation.objects.filter(is_settled=False, step__gte=LEADERS).order_by()
    size = len(things.values_list("task", "customer", "due_on").distinct()[: MOST_COUNTED + 1])
    return Count(min(size, MOST_COUNTED), size > MOST_COUNTED)


def moves(user: User, rules: Rulebook, since: date) -> dict[tuple[str, str, str], int]:
    """Return (dimension, old class, new class) → how many changes there were since a day, of dimensions with ranks."""
    rows = moves_of(class_changes(user)).filter(
        Q(dimension__in=sorted(Ranks(rules.schemes).dimensions)), day__gte=since
    )
    counted = (
        rows.order_by()
        .values_list(*(KeyTextTransform(key, "data") for key in ("dimension", "from", "to")))
        .annotate(n=Counted("pk"))
    )
    return {(dimension, old, new): size for dimension, old, new, size in counted}


def moved(user: User, rules: Rulebook, since: date, language: Language) -> list[Moved]:
    """Return the classes that moved most: the highest and the lowest of each dimension."""
    entered: Counter[tuple[str, str]] = Counter()
    left: Counter[tuple[str, str]] = Counter()
    for (dimension, old, new), size in moves(user, rules, since).items():
        entered[dimension, new] += size
        left[dimension, old] += size
    found = []
    for scheme in rules.schemes:
        ranks = [one.rank for one in scheme.classes if one.rank is not None]
        for class_ in scheme.classes:
            key = (scheme.dimension, class_.key)
            if ranks and class_.rank in {max(ranks), min(ranks)} and entered[key] + left[key]:
                chip = class_chip(scheme, class_.key, language)
                found.append(Moved(scheme.dimension, scheme.label.get(language), chip, entered[key], left[key]))
    return sorted(found, key=lambda one: -(one.entered + one.left))[:SHOWN]


def fallen(user: User, rules: Rulebook, since: date, language: Language, currency: str) -> list[Fallen]:
    """Return who fell in value or status and bought for most within a year."""
    down = Q(pk__in=())
    for scheme in rules.schemes:
        if scheme.dimension in {"value", "status"}:
            for old in scheme.classes:
                lower = [new.key for new in scheme.classes if scheme.is_demotion(old.key, new.key)]
                if lower:
                    down |= Q(dimension=scheme.dimension, left=old.key, entered__in=lower)
    amount = F("customer__facts__revenue_year")
    rows = moves_of(class_changes(user)).filter(down, day__gte=since).annotate(bought=amount)
    dearest = rows.order_by(F("bought").desc(nulls_last=True), "-pk").values_list("pk", "bought")
    bought: dict[int, int | None] = dict(dearest[: FALLEN_SHOWN * 4])
    events = Event.objects.select_related("customer").in_bulk(list(bought))
    found: dict[int, Fallen] = {}
    for pk, spent in bought.items():
        event = events[pk]
        scheme = rules.scheme(str(event.data["dimension"]))
        brief = brief_money(spent, currency, language) if spent else ""
        line = Fallen(
            redacted(user, event.customer),
            class_chip(scheme, str(event.data["from"]), language),
            class_chip(scheme, str(event.data["to"]), language),
            brief,
        )
        found.setdefault(event.customer_id, line)
    return list(found.values())[:FALLEN_SHOWN]
