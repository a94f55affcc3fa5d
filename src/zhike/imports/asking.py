"""After an import: which classes its customers stand in, how much of what decides them is known, and what to ask next."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count

from zhike.accounts.policy import field_access, visible
from zhike.accounts.queries import company_zone
from zhike.base.clock import today
from zhike.classification.facts import load_histories
from zhike.classification.models import Placement
from zhike.classification.rules import rulebook
from zhike.core.missing import deciding_fields
from zhike.customers.models import Customer
from zhike.imports.models import Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from zhike.accounts.models import User
    from zhike.imports.models import Import

# Of more customers nobody reads a list; what would decide most is told from these.
MOST_LOOKED_AT = 100
# Nobody's answer, or with a place of its own.
_NOT_ASKED = frozenset({"owner", "created_on", "name"})


class Provisional(NamedTuple):
    """A class with how many of the new customers stand in it; without a key, those of whom nothing is known yet.

    Of those `looked_at`, `sure` are in it whatever the missing fields turn out to be.
    """

    dimension: str
    class_key: str
    size: int
    looked_at: int = 0
    sure: int = 0

    @property
    def confidence(self) -> int | None:
        """Return for how many in a hundred nothing missing could change it; None where nobody was, or could be, looked at."""
        return round(100 * self.sure / self.looked_at) if self.looked_at and self.class_key else None


@dataclass(slots=True)
class Asked:
    """Somebody's customers of whom something is missing: field → for how many it would decide a class."""

    owner: User | None
    customers: list[tuple[Customer, list[str]]] = field(default_factory=list)
    fields: Counter[str] = field(default_factory=Counter)


class Outlook(NamedTuple):
    """Where the new customers stand, and owner by owner what to ask of whom."""

    classes: Sequence[Provisional]
    asked: Sequence[Asked]
    looked_at: int


def outlook(user: User, imported: Import) -> Outlook:
    """Look at the new customers that a person sees, those first of whom least is known."""
    rules = rulebook()
    made = Row.objects.filter(imported=imported, verdict=Row.Verdict.CREATED, customer__isnull=False)
    rows = visible(user, Customer).filter(pk__in=made.values("customer"))
    customers = list(rows.select_related("owner").order_by("completeness", "pk")[:MOST_LOOKED_AT])
    standing, waiting = _standing(customers)
    access, day = field_access(user, Customer), today(company_zone())
    histories = load_histories(customers, rules, company_zone()) if customers else {}
    asked: dict[int, Asked] = {}
    looked_at: Counter[tuple[str, str]] = Counter()
    open_ones: Counter[tuple[str, str]] = Counter()
    for customer in customers:
        history = histories[customer.pk]
        schemes = [one for one in rules.schemes if one.mode != "manual" and one.dimension not in history.fixed]
        facts = history.facts(rules.schemes, day)
        found = deciding_fields(schemes, facts, rules.fields, waiting=waiting.get(customer.pk, ()))
        undecided = {dimension for one in found for dimension in one.dimensions}
        for dimension, key in standing.get(customer.pk, {}).items():
            looked_at[dimension, key] += 1
            open_ones[dimension, key] += dimension in undecided
        names = [one.ref.field.removeprefix("customer.") for one in found]
        names = [name for name in names if name not in _NOT_ASKED and access.writes(name)]
        if names:
            whose = asked.setdefault(customer.owner_id or 0, Asked(customer.owner))
            whose.customers.append((customer, names))
            whose.fields.update(names)
    classes = [
        Provisional(
            dimension, key, size, looked_at[dimension, key], looked_at[dimension, key] - open_ones[dimension, key]
        )
        for dimension, key, size in _sizes(user, made, [scheme.dimension for scheme in rules.schemes])
    ]
    return Outlook(classes, sorted(asked.values(), key=lambda one: -len(one.customers)), len(customers))


def _sizes(user: User, made: QuerySet[Row], order: Sequence[str]) -> list[tuple[str, str, int]]:
    """Return dimension, class and how many of the new customers stand there, the largest class first."""
    rows = visible(user, Placement).filter(customer__in=made.values("customer"), dimension__in=order).order_by()
    sizes: Counter[tuple[str, str]] = Counter()
    counted = rows.values_list("dimension", "class_key", "undetermined").annotate(size=Count("pk"))
    for dimension, key, is_open, size in counted:
        sizes[dimension, "" if is_open else key] += size
    return sorted(
        ((dimension, key, size) for (dimension, key), size in sizes.items()),
        key=lambda one: (order.index(one[0]), -one[2], one[1]),
    )


def _standing(customers: Sequence[Customer]) -> tuple[dict[int, dict[str, str]], dict[int, set[str]]]:
    """Return the classes of customers by dimension, and the dimensions that wait for data."""
    classes: dict[int, dict[str, str]] = {}
    waiting: dict[int, set[str]] = {}
    rows = Placement.objects.filter(customer__in=[customer.pk for customer in customers])
    for customer, dimension, key, is_open in rows.values_list("customer", "dimension", "class_key", "undetermined"):
        classes.setdefault(customer, {})[dimension] = "" if is_open else key
        if is_open:
            waiting.setdefault(customer, set()).add(dimension)
    return classes, waiting
