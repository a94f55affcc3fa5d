"""Who gets a customer: the first rule that holds and finds somebody who can take it.

The choice is made one customer after the other, so that each sees what those before it have added. Nothing is written
here: `turns` and what people own move in memory, for a dry run as for the real one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.db.models import BooleanField, Case, Q, Value, When
from django.utils.module_loading import import_string

from zhike.accounts.models import Territory, User
from zhike.accounts.policy import CUSTOMER
from zhike.accounts.reach import Area
from zhike.accounts.roles import roles_that_may
from zhike.assignment.models import Rule
from zhike.assignment.queries import absences_on, capacities_of, customers_of
from zhike.assignment.working_days import is_worked
from zhike.classification.condition_q import condition_q
from zhike.core.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from django.db.models import QuerySet

    from zhike.assignment.models import Absence, Capacity
    from zhike.assignment.rules import ReadRule
    from zhike.customers.models import Customer

# How a person was chosen where there was nothing to choose between.
ONLY = "only"


class Asked(NamedTuple):
    """A customer as the rules see it: `holds` says of each rule, in their order, whether its condition does.

    `is_offered`: members of a pool may claim it, so that only rules that say so are asked.
    """

    pk: int
    owner: int | None
    place: tuple[str, str, str]
    holds: Sequence[bool]
    is_offered: bool = False


class Pick(NamedTuple):
    """Whose a customer becomes, by which rule, and how it chose. `instead`: the one who is away.

    `owned` is what the person had before, None where nothing depended on it; `most` what they can take on.
    """

    rule: Rule
    user: User
    how: str
    owned: int | None
    most: int | None
    instead: User | None = None

    def why(self) -> dict[str, object]:
        """Return what the event keeps."""
        found = {
            "rule": self.rule.name,
            "rule_id": self.rule.pk,
            "how": self.how,
            "owned": self.owned,
            "most": self.most,
            "instead": self.instead.name if self.instead else None,
        }
        return {name: value for name, value in found.items() if value is not None}


class Answer(NamedTuple):
    """What the rules say: a pick; or that the customer is with the right person (`fits`).

    `rule` is the first that holds, None where none does. `stays`: none that holds is asked about those in a pool.
    """

    pick: Pick | None = None
    fits: bool = False
    rule: Rule | None = None
    stays: bool = False

    @property
    def is_for_nobody(self) -> bool:
        """Whether a rule holds and nobody can take the customer."""
        return self.rule is not None and self.pick is None and not self.fits


@dataclass(slots=True)
class Person:
    """Somebody who may get customers, and what they have by now."""

    user: User
    capacity: Capacity
    absence: Absence | None
    works: bool
    owned: int = 0
    skills: frozenset[str] = field(default_factory=frozenset)

    @property
    def can_take(self) -> bool:
        most = self.capacity.most
        return self.works and self.absence is None and (most is None or self.owned < most)


def asked(
    customers: QuerySet[Customer], rules: Sequence[ReadRule], day: date, zone: ZoneInfo, *, size: int = 2_000
) -> Iterator[Asked]:
    """Yield the customers as the rules see them, in the order of their ids."""
    holds = {f"holds{n}": _case(one, day, zone) for n, one in enumerate(rules)}
    rows = customers.annotate(**holds, offered=_offered()).order_by("pk")
    columns = ("pk", "owner_id", "offered", "region_folded", "city_folded", "industry_folded", *holds)
    for pk, owner, offered, region, city, industry, *found in rows.values_list(*columns).iterator(chunk_size=size):
        yield Asked(pk, owner, (region, city, industry), found, offered and owner is None)


def _offered() -> Case:
    """Return whether others keep a customer for people who may claim it."""
    whens = [When(import_string(name)(), then=Value(value=True)) for name in settings.ZHIKE_IN_POOLS]
    return Case(*whens, default=Value(value=False), output_field=BooleanField())


def _case(one: ReadRule, day: date, zone: ZoneInfo) -> Case | Value:
    if one.problem is not None:
        return Value(value=False, output_field=BooleanField())
    if one.node is None:
        return Value(value=True, output_field=BooleanField())
    when = When(Q(condition_q(one.node, day, zone)), then=Value(value=True))
    return Case(when, default=Value(value=False), output_field=BooleanField())


class Chooser:
    """Chooses for one customer after the other. `among` are the people to whom whoever asks may give customers."""

    def __init__(
        self,
        rules: Sequence[ReadRule],
        day: date,
        *,
        among: Iterable[int] | None = None,
        every_day: bool = False,
    ) -> None:
        """`every_day`: weekdays do not matter, since a person says when."""
        self._rules = [one.rule for one in rules]
        self._dimensions = [one.dimensions for one in rules]
        self._areas = _areas() if any(rule.target == Rule.Target.TERRITORY for rule in self._rules) else []
        self._named = _named(self._rules)
        everybody = {pk for group in self._named.values() for pk in group} | {
            pk for _, ids in self._areas for pk in ids
        }
        away = absences_on(day, everybody)
        everybody |= {one.stand_in_id for one in away.values() if one.stand_in_id}
        away = absences_on(day, everybody)
        users = lock_people(everybody)
        capacities = capacities_of(users)
        # Counting what people own is not for nothing where they own a million.
        self._counts = any(rule.method != Rule.Method.TURNS for rule in self._rules) or any(
            one.most is not None for one in capacities.values()
        )
        owned = customers_of(users) if self._counts else {}
        may = None if among is None else frozenset(among)
        self._people = {
            pk: Person(
                user=user,
                capacity=capacities[pk],
                absence=away.get(pk),
                works=every_day
                or is_worked(day, capacities[pk].weekdays, keeps_holidays=capacities[pk].keeps_holidays),
                owned=owned.get(pk, 0),
                skills=frozenset(map(fold, capacities[pk].skills)),
            )
            for pk, user in users.items()
            if may is None or pk in may
        }
        self._groups: dict[tuple[int, str], list[Person]] = {}

    def choose(self, one: Asked, *, changed: Iterable[str] = (), moves: bool = True) -> Answer:
        """Return what becomes of a customer, and count it.

        `changed` are the dimensions in which its class has changed: rules that read none of them are left out.
        With `moves=False` one who has an owner keeps it.
        """
        first: Rule | None = None
        stays = False
        entered = frozenset(changed)
        for rule, reads, holds in zip(self._rules, self._dimensions, one.holds, strict=True):
            if not holds or (one.owner is not None and not self._concerns(rule, reads, entered, moves=moves)):
                continue
            if one.is_offered and not rule.from_pools:
                stays = True
                continue
            first = first or rule
            key = self._key(rule, one)
            group = self._group(rule, key)
            if one.owner is not None and any(person.user.pk == one.owner for person in group):
                return Answer(fits=True, rule=rule)
            pick = self._pick(rule, key, group)
            if pick is not None:
                if one.owner in self._people:
                    self._people[one.owner].owned -= 1
                return Answer(pick, rule=first)
        return Answer(rule=first, stays=stays and first is None)

    @staticmethod
    def _concerns(rule: Rule, reads: frozenset[str], entered: frozenset[str], *, moves: bool) -> bool:
        """Say whether a rule is asked about somebody who has an owner: the last one never takes from anybody."""
        if not moves or rule.is_last:
            return False
        return not entered or bool(reads & entered)

    def _key(self, rule: Rule, one: Asked) -> str:
        """Return which group of people a rule means for this customer."""
        if rule.target != Rule.Target.TERRITORY:
            return ""
        return ",".join(str(area.pk) for area, _ in self._areas if area.holds(*one.place))

    def _group(self, rule: Rule, key: str) -> list[Person]:
        found = self._groups.get((rule.pk, key))
        if found is None:
            ids = self._named[rule.pk]
            if rule.target == Rule.Target.TERRITORY:
                within = {int(pk) for pk in key.split(",") if pk}
                ids = {pk for area, people in self._areas if area.pk in within for pk in people}
            wanted = frozenset(map(fold, rule.skills))
            people = (self._people[pk] for pk in sorted(ids) if pk in self._people)
            found = [one for one in people if one.capacity.level >= rule.least_level and wanted <= one.skills]
            self._groups[rule.pk, key] = found
        return found

    def _pick(self, rule: Rule, key: str, group: Sequence[Person]) -> Pick | None:
        takers = [(slot, taker) for slot in group if (taker := self._taker(slot)) is not None]
        if not takers:
            return None
        match rule.method:
            case Rule.Method.TURNS:
                last = rule.turns.get(key, 0)
                slot, taker = next((pair for pair in takers if pair[0].user.pk > last), takers[0])
                rule.turns[key] = slot.user.pk
            case Rule.Method.SENIOR:
                slot, taker = min(takers, key=lambda pair: (-pair[1].capacity.level, *_burden(pair[1], group)))
            case _:
                slot, taker = min(takers, key=lambda pair: _burden(pair[1], group))
        how = ONLY if len(group) == 1 else rule.method
        instead = slot.user if slot is not taker else None
        taker.owned += 1
        owned = taker.owned - 1 if self._counts else None
        return Pick(rule, taker.user, how, owned, taker.capacity.most, instead)

    def _taker(self, slot: Person) -> Person | None:
        """Return who takes the customer that is somebody's turn: they themselves, or who stands in for them."""
        if slot.can_take:
            return slot
        if slot.absence is None or slot.absence.stand_in_id is None:
            return None
        other = self._people.get(slot.absence.stand_in_id)
        return other if other is not None and other.can_take else None


def _named(rules: Sequence[Rule]) -> dict[int, set[int]]:
    """Return whom each rule names, itself or by a team; of territories it depends on the customer."""
    found: dict[int, set[int]] = {rule.pk: set() for rule in rules}
    by_people = [rule.pk for rule in rules if rule.target == Rule.Target.PEOPLE]
    for rule, user in Rule.people.through.objects.filter(rule__in=by_people).values_list("rule", "user"):
        found[rule].add(user)
    teams = {rule.team_id for rule in rules if rule.target == Rule.Target.TEAM}
    members = list(User.objects.filter(team__in=teams).values_list("team", "pk")) if teams else []
    for one in rules:
        if one.target == Rule.Target.TEAM:
            found[one.pk] = {pk for team, pk in members if team == one.team_id}
    return found


def _burden(person: Person, group: Sequence[Person]) -> tuple[float, int, int]:
    """Return how laden somebody is with one more: the share of what they can take on.

    Whoever has no limit counts as one with the highest limit of the group.
    """
    limits = [one.capacity.most for one in group if one.capacity.most]
    most = person.capacity.most or max(limits, default=1)
    return (person.owned + 1) / most, person.owned, person.user.pk


def lock_people(ids: Iterable[int]) -> dict[int, User]:
    """Return those who may get customers, none of whom can be deactivated before this transaction ends.

    Deactivating locks the row for itself, so that whoever comes second waits, and sees what the first has done. Roles
    that change no customers get none.
    """
    rows = User.objects.raw(
        "SELECT * FROM accounts_user WHERE id = ANY(%s) AND is_active AND role = ANY(%s) ORDER BY id FOR KEY SHARE",
        [sorted(ids), roles_that_may("change", CUSTOMER)],
    )
    return {user.pk: user for user in rows}


def _areas() -> list[tuple[Area, frozenset[int]]]:
    """Return the territories with those who have them: people, and the members of teams."""
    members: dict[int, list[int]] = {}
    for team, pk in User.objects.filter(team__isnull=False).values_list("team", "pk"):
        members.setdefault(team, []).append(pk)
    found = []
    for row in Territory.objects.prefetch_related("users", "teams").order_by("pk"):
        area = Area(row.pk, row.name, row.regions, row.cities, row.industries)
        people = {user.pk for user in row.users.all()}
        people |= {pk for team in row.teams.all() for pk in members.get(team.pk, ())}
        found.append((area, frozenset(people)))
    return found


def turns_of(rules: Iterable[Rule]) -> Mapping[int, dict[str, int]]:
    """Return a copy of whose turn it was, to see afterwards where it moved."""
    return {rule.pk: dict(rule.turns) for rule in rules}
