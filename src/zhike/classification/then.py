"""One customer on a past day: what was told then, and what today's records give by the rules of that day.

The two differ where something was recorded late, voided or edited since. The second is the same
whenever it is asked for, as long as the records of that day and before stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from zhike.accounts.policy import get_visible
from zhike.accounts.queries import company_zone
from zhike.classification.facts import load_history
from zhike.classification.history import Told, day_end, fixed_on, told_of
from zhike.classification.queries import Reasons, reasons
from zhike.classification.rules import rulebook_then
from zhike.core.facts import Ref
from zhike.core.history import Fixed, History
from zhike.customers.models import Customer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from zhike.accounts.models import User
    from zhike.classification.rules import Rulebook
    from zhike.core.facts import Facts


@dataclass(frozen=True)
class Then:
    """One customer at the end of a day, by the rules that were in force on it.

    `early` are the dimensions that had no rules yet and are told by their first.
    """

    customer: Customer
    day: date
    rules: Rulebook
    early: frozenset[str]
    history: History
    told: Mapping[str, Told]

    @cached_property
    def _placed(self) -> tuple[Facts, dict[str, str]]:
        return self.history.placed(self.rules.schemes, self.day)

    @property
    def facts(self) -> Facts:
        return self._placed[0]

    def class_of(self, dimension: str) -> str:
        """Return the class in effect by what is known today."""
        return str(self.facts[Ref(f"class.{dimension}")])

    def computed(self, dimension: str) -> str:
        """Return what the rules alone give."""
        return self._placed[1][dimension]

    def reasons(self, dimension: str) -> Reasons:
        """Return why the rules give that class."""
        return reasons(self.rules.scheme(dimension), self.facts)

    def differs(self, dimension: str) -> bool:
        """Say whether something else was told on that day."""
        told = self.told.get(dimension)
        return told is not None and told.class_key != self.class_of(dimension)

    @property
    def began(self) -> date | None:
        """Return the day on which the record began; nothing is told of days before."""
        return self.customer.created_on or self.history.began()


def then(user: User | None, customer: Customer, day: date) -> Then:
    """Return one customer as of the end of a day. `user=None` is the operator at the command line."""
    found = Customer.objects.select_related("owner").get(pk=customer.pk) if user is None else None
    loaded = found or get_visible(user, Customer, pk=customer.pk)  # type: ignore[arg-type]
    zone = company_zone()
    rules, early = rulebook_then(day_end(day, zone))
    told = told_of(loaded, day, zone)
    known = load_history(loaded, rules, zone)
    fixed = fixed_on(day, zone).filter(customer=loaded)
    history = History(
        known.fields,
        known.events,
        zone,
        fixed={override.dimension: Fixed(override.class_key, override.expires_on) for override in fixed},
        standing={dimension: one.class_key for dimension, one in told.items() if one.source != "person"},
    )
    return Then(loaded, day, rules, early, history, told)
