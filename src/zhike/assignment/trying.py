"""What the rules would do with present customers: who would get how many from whom, and why. Nothing is written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction

from zhike.accounts.models import User
from zhike.accounts.policy import doable
from zhike.accounts.queries import assignable_owners, company_zone
from zhike.assignment.choosing import Chooser, asked
from zhike.assignment.models import Rule
from zhike.assignment.rules import live_rules, read_rules
from zhike.base.clock import today
from zhike.customers.models import Customer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from zhike.assignment.choosing import Pick

# So many customers are tried while a person waits; of more it is said that these are the first.
MOST = 100_000
A_RULE = 5


class Example(NamedTuple):
    """A customer whom a rule would give to somebody, with all that the reason is told from."""

    customer: int
    name: str
    giver: str
    pick: Pick


@dataclass(slots=True)
class Trial:
    """What would become of the customers.

    `moves` counts giver and receiver (None: nobody); `rules` how many each rule would give; `nobody` those for whom a
    rule holds and nobody can take them, by rule; `fits` are with the right person already, `unruled` under no rule, `stay`
    in a pool out of which no rule takes them.
    """

    total: int = 0
    is_cut: bool = False
    moves: Counter[tuple[int | None, int]] = field(default_factory=Counter)
    rules: Counter[int] = field(default_factory=Counter)
    nobody: Counter[int] = field(default_factory=Counter)
    fits: int = 0
    unruled: int = 0
    stay: int = 0
    people: Mapping[int, str] = field(default_factory=dict)
    examples: Sequence[Example] = ()

    @property
    def given(self) -> int:
        return self.rules.total()


def customers_to_try(user: User, *, only_unowned: bool) -> QuerySet[Customer]:
    """Return whom this person may assign: those whom nobody owns, or all."""
    rows = doable(user, "assign", Customer)
    return rows.filter(owner=None) if only_unowned else rows


@transaction.atomic
def try_rules(user: User, customers: QuerySet[Customer]) -> Trial:
    """Ask the rules that are asked by hand about these customers."""
    zone = company_zone()
    day = today(zone)
    rules = read_rules(live_rules(Rule.Occasion.HAND))
    chooser = Chooser(rules, day, among=assignable_owners(user).values_list("pk", flat=True), every_day=True)
    trial = Trial()
    chosen: list[tuple[int, int | None, Pick]] = []
    shown: Counter[int] = Counter()
    for one in asked(customers, rules, day, zone, size=10_000):
        if trial.total == MOST:
            trial.is_cut = True
            break
        trial.total += 1
        answer = chooser.choose(one)
        if answer.pick is not None:
            trial.moves[one.owner, answer.pick.user.pk] += 1
            trial.rules[answer.pick.rule.pk] += 1
            if shown[answer.pick.rule.pk] < A_RULE:
                shown[answer.pick.rule.pk] += 1
                chosen.append((one.pk, one.owner, answer.pick))
        elif answer.fits:
            trial.fits += 1
        elif answer.stays:
            trial.stay += 1
        elif answer.rule is None:
            trial.unruled += 1
        else:
            trial.nobody[answer.rule.pk] += 1
    wanted = {pk for pair in trial.moves for pk in pair if pk is not None}
    trial.people = dict(User.objects.filter(pk__in=wanted).values_list("pk", "name"))
    names = dict(Customer.objects.filter(pk__in=[pk for pk, _, _ in chosen]).values_list("pk", "name"))
    trial.examples = [
        Example(pk, names[pk], trial.people.get(owner, "") if owner else "", pick) for pk, owner, pick in chosen
    ]
    return trial
