"""Whatever happens to teams, roles, owners, shares, territories and time: every door shows what an oracle says.

The oracle knows the rules as sentences over plain sets and asks the database nothing. After each step all
people are compared with it through the policy, and one of them through every page.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.factories import SHANGHAI, make_customer, make_team, make_user

FIRST = date(2026, 7, 1)
REGIONS = ("华东", "华北", "西南")
ROLES = ("sales", "manager", "marketing", "auditor", "finance", "admin", "desk")
# Role → whose customers it may see, and whose it may change. `desk` is the company's own.
SEES = {
    "sales": "own",
    "manager": "tree",
    "marketing": "all",
    "auditor": "all",
    "finance": "all",
    "admin": "all",
    "desk": "team",
}
CHANGES = {"sales": "own", "manager": "tree", "marketing": "all", "admin": "all", "desk": "own"}


@dataclass
class Oracle:
    """What is so, in plain words. People, teams and customers go by number."""

    today: date = FIRST
    role: dict[int, str] = field(default_factory=dict)
    team: dict[int, int | None] = field(default_factory=dict)
    parent: dict[int, int | None] = field(default_factory=dict)
    leader: dict[int, int | None] = field(default_factory=dict)
    owner: dict[int, int | None] = field(default_factory=dict)
    region: dict[int, str] = field(default_factory=dict)
    shares: dict[int, tuple[int, str, int, bool, date | None]] = field(default_factory=dict)
    territories: list[tuple[set[str], set[int], set[int]]] = field(default_factory=list)

    def teams_of(self, person: int) -> set[int]:
        belongs = {self.team[person]} - {None}
        return belongs | {team for team, leader in self.leader.items() if leader == person}

    def above(self, teams: set[int]) -> set[int]:
        found = set(teams)
        while more := {self.parent[team] for team in found} - {None} - found:
            found |= more
        return found

    def below(self, teams: set[int]) -> set[int]:
        found = set(teams)
        while more := {team for team, parent in self.parent.items() if parent in found} - found:
            found |= more
        return found

    def reaches(self, person: int, customer: int, scope: str | None, *, write: bool) -> bool:
        if scope is None:
            return False
        if scope == "all":
            return True
        mine = self.teams_of(person)
        wide = {"own": set(), "team": mine, "tree": self.below(mine)}[scope]
        people = {person} | {one for one, team in self.team.items() if team in wide}
        if self.owner[customer] in people:
            return True
        held = self.above(mine)
        for of, kind, whom, may_write, until in self.shares.values():
            is_mine = whom == person if kind == "user" else whom in held
            if of == customer and is_mine and (may_write or not write) and (until is None or self.today <= until):
                return True
        return any(
            self.region[customer] in regions and (person in users or teams & held)
            for regions, users, teams in self.territories
        )

    def sees(self, person: int, customer: int) -> bool:
        return self.reaches(person, customer, SEES[self.role[person]], write=False)

    def changes(self, person: int, customer: int) -> bool:
        may = self.reaches(person, customer, CHANGES.get(self.role[person]), write=True)
        return may and self.sees(person, customer)

    def seen(self, person: int) -> set[int]:
        return {customer for customer in self.owner if self.sees(person, customer)}


def moment(day: date) -> datetime:
    return datetime.combine(day, time(12), SHANGHAI).astimezone(UTC)


class Company(RuleBasedStateMachine):
    people = Bundle("people")
    teams = Bundle("teams")
    customers = Bundle("customers")

    def __init__(self) -> None:
        from django.db import transaction

        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.oracle = Oracle()
        self.names: dict[int, str] = {}
        self.steps = 0

    def teardown(self) -> None:
        from django.db import transaction

        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def clock(self):
        from zhike.base import clock

        return clock.at(moment(self.oracle.today))

    @initialize()
    def open(self) -> None:
        from zhike.accounts.models import Role, RoleRight

        role = Role.objects.create(key="desk", label_zh="前台", label_en="Desk")
        for verb, scope in (("view", "team"), ("change", "own")):
            RoleRight.objects.create(role=role, object="customers.Customer", verb=verb, scope=scope)
        self.admin = self._person("admin", None)

    def _person(self, role: str, team: int | None) -> int:
        from zhike.accounts.models import Team

        made = make_user(role=role, team=Team.objects.get(pk=team) if team else None)
        self.oracle.role[made.pk], self.oracle.team[made.pk] = role, team
        return made.pk

    def user(self, pk: int):
        from zhike.accounts.models import User

        return User.objects.get(pk=pk)

    @rule(target=teams, above=st.one_of(st.none(), teams))
    def add_team(self, above: int | None) -> int:
        from zhike.accounts.actions.teams import change_team
        from zhike.accounts.models import Team

        made = make_team()
        parent = Team.objects.get(pk=above) if above else None
        change_team(team=made, by=None, name=made.name, parent=parent, leader=None)
        self.oracle.parent[made.pk], self.oracle.leader[made.pk] = above, None
        return made.pk

    @rule(team=teams, above=st.one_of(st.none(), teams), leader=st.one_of(st.none(), people))
    def change_team(self, team: int, above: int | None, leader: int | None) -> None:
        from zhike.accounts.actions.teams import change_team
        from zhike.accounts.models import Team
        from zhike.base.inputs import Invalid

        found = Team.objects.get(pk=team)
        parent = Team.objects.get(pk=above) if above else None
        given = {"team": found, "name": found.name, "parent": parent, "leader": self.user(leader) if leader else None}
        if above and above in self.oracle.below({team}):
            with pytest.raises(Invalid):
                change_team(by=None, **given)
            return
        change_team(by=self.user(self.admin), **given)
        self.oracle.parent[team], self.oracle.leader[team] = above, leader

    @rule(target=people, role=st.sampled_from(ROLES), team=st.one_of(st.none(), teams))
    def add_person(self, role: str, team: int | None) -> int:
        return self._person(role, team)

    @rule(person=people, role=st.sampled_from(ROLES), team=st.one_of(st.none(), teams))
    def move_person(self, person: int, role: str, team: int | None) -> None:
        from zhike.accounts.models import User

        User.objects.filter(pk=person).update(role=role, team=team)
        self.oracle.role[person], self.oracle.team[person] = role, team

    @rule(target=customers, owner=st.one_of(st.none(), people), region=st.sampled_from(REGIONS))
    def add_customer(self, owner: int | None, region: str) -> int:
        with self.clock():
            made = make_customer(owner=self.user(owner) if owner else None, region=region)
        self.oracle.owner[made.pk], self.oracle.region[made.pk] = owner, region
        self.names[made.pk] = made.name
        return made.pk

    @rule(customer=customers, owner=st.one_of(st.none(), people), region=st.sampled_from(REGIONS))
    def transfer(self, customer: int, owner: int | None, region: str) -> None:
        from zhike.customers.actions.customers import update_customer
        from zhike.customers.models import Customer

        found = Customer.objects.get(pk=customer)
        given = {"owner": self.user(owner) if owner else None, "region": region}
        with self.clock():
            update_customer(customer=found, version=found.version, by=self.user(self.admin), **given)
        self.oracle.owner[customer], self.oracle.region[customer] = owner, region

    @rule(
        customer=customers,
        whom=st.one_of(people.map(lambda pk: ("user", pk)), teams.map(lambda pk: ("team", pk))),
        may_write=st.booleans(),
        days=st.one_of(st.none(), st.integers(0, 3)),
    )
    def share(self, customer: int, whom: tuple[str, int], may_write: bool, days: int | None) -> None:
        from zhike.accounts.actions.shares import share_record
        from zhike.accounts.models import Team
        from zhike.customers.models import Customer

        kind, pk = whom
        until = None if days is None else self.oracle.today + timedelta(days=days)
        with self.clock():
            made = share_record(
                row=Customer.objects.get(pk=customer),
                by=self.user(self.admin),
                reason="一起跟",
                may_write=may_write,
                until=until,
                **{kind: self.user(pk) if kind == "user" else Team.objects.get(pk=pk)},
            )
        before = [key for key, one in self.oracle.shares.items() if one[:3] == (customer, kind, pk)]
        for key in before:
            del self.oracle.shares[key]
        self.oracle.shares[made.pk] = (customer, kind, pk, may_write, until)

    @precondition(lambda self: self.oracle.shares)
    @rule(data=st.data())
    def end_share(self, data: st.DataObject) -> None:
        from zhike.accounts.actions.shares import end_share
        from zhike.accounts.models import Share

        pk = data.draw(st.sampled_from(sorted(self.oracle.shares)))
        with self.clock():
            end_share(share=Share.objects.get(pk=pk), by=self.user(self.admin))
        del self.oracle.shares[pk]

    @rule(
        regions=st.sets(st.sampled_from(REGIONS), min_size=1, max_size=2),
        users=st.lists(people, max_size=1),
        teams=st.lists(teams, max_size=1),
    )
    def add_territory(self, regions: set[str], users: list[int], teams: list[int]) -> None:
        from zhike.accounts.actions.territories import set_territory
        from zhike.accounts.models import Team

        set_territory(
            territory=None,
            by=self.user(self.admin),
            name=f"辖区 {len(self.oracle.territories)}",
            bounds={"regions": sorted(regions)},
            users=[self.user(pk) for pk in users],
            teams=Team.objects.filter(pk__in=teams),
        )
        self.oracle.territories.append((regions, set(users), set(teams)))

    @rule(days=st.integers(1, 3))
    def time_passes(self, days: int) -> None:
        self.oracle.today += timedelta(days=days)

    @invariant()
    def the_policy_says_what_the_oracle_says(self) -> None:
        from zhike.accounts.policy import sees_owner, visible
        from zhike.accounts.queries import who_sees
        from zhike.customers.models import Customer
        from zhike.timeline.models import Event

        with self.clock():
            rows = list(Customer.objects.select_related("owner"))
            changed: dict[int, set[int]] = {}
            for pk in self.oracle.role:
                user, seen = self.user(pk), self.oracle.seen(pk)
                assert set(visible(user, Customer).values_list("pk", flat=True)) == seen
                assert set(visible(user, Event).values_list("customer", flat=True)) == seen
                assert {row.pk for row in rows if sees_owner(user, row.owner, row)} == seen
                changed[pk] = {row.pk for row in rows if _can(user, "change", row)}
                assert changed[pk] == {customer for customer in seen if self.oracle.changes(pk, customer)}
            for row in rows:
                named = {seer.user.pk for seer in who_sees(row, row.owner_id)}
                assert named == {pk for pk in self.oracle.role if self.oracle.sees(pk, row.pk)}

    @invariant()
    def every_page_says_what_the_oracle_says(self) -> None:
        from django.test import Client

        from zhike.classification.queries import class_sizes

        people = sorted(self.oracle.role)
        if not people:
            return
        self.steps += 1
        pk = people[self.steps % len(people)]
        client = Client()
        client.force_login(self.user(pk))
        seen = self.oracle.seen(pk)
        with self.clock():
            for headers in ({}, {"HX-Request": "true", "HX-Target": "list"}):
                listed = client.get("/customers/", headers=headers)
                assert {row.customer.pk for row in listed.context["rows"]} == seen
            assert client.get("/customers/").context["shell"].customer_count.value == len(seen)
            counted = client.post("/conditions/check/", {"where": {"all": []}}, content_type="application/json")
            assert json.loads(counted.content)["total"] == self._placed(seen)
            sizes = class_sizes(self.user(pk), "status").get("status", {})
            assert sum(size.customers for size in sizes.values()) == self._placed(seen)
            menu = client.get("/customers/filter/").context["menu"]
            offered = {option.value for choice in menu.fields if choice.name == "region" for option in choice.options}
            assert offered == {self.oracle.region[customer] for customer in seen}
            for customer, name in self.names.items():
                status = 200 if customer in seen else 404
                for path in ("", "?group=record", "access/"):
                    assert client.get(f"/customers/{customer}/{path}").status_code == status
                found = client.get("/customers/", {"q": name}).context["rows"]
                assert {row.customer.pk for row in found} == {one for one in seen if name in self.names[one]}
                for door in ("/search/", "/commands/"):
                    linked = set(map(int, re.findall(r'href="/customers/(\d+)/', client.get(door, {"q": name}).text)))
                    assert linked <= seen
                    assert (customer in linked) == (customer in seen)
                edited = client.get(f"/customers/{customer}/edit/").status_code
                assert edited == (200 if self.oracle.changes(pk, customer) else 403 if customer in seen else 404)

    def _placed(self, seen: set[int]) -> int:
        from zhike.classification.models import CustomerFacts

        return CustomerFacts.objects.filter(customer__in=seen).count()


def _can(user, verb, row) -> bool:
    from zhike.accounts.policy import can

    return can(user, verb, row)


@pytest.mark.django_db
def test_every_door_shows_what_the_oracle_says(settings):
    from zhike.classification.actions.packs import install_pack

    settings.ZHIKE_NOW = None
    install_pack(pack="general", by=None)
    run_state_machine_as_test(Company, settings=_SETTINGS)


_SETTINGS = settings(
    max_examples=5, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)


FAULTS = {
    "shares are forgotten": ("Reach", "rows", lambda _self, _label, *, write: []),
    "what is shared to be read is written": (
        "Reach",
        "rows",
        lambda self, label, *, write: list(self.shared.get(label, ())),
    ),
    "the tree is no more than the team": ("Reach", "people", lambda self, _scope: list(self.team)),
    "the team is seen by everybody": ("Reach", "people", lambda self, _scope: list(self.tree)),
    "a territory holds everybody": ("Area", "holds", lambda *_: True),
    "a territory holds nobody": ("Area", "is_bounded", property(lambda _: False)),
}


@pytest.mark.django_db
@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_the_oracle_notices(monkeypatch, settings, fault):
    """The proof that the comparison can fail: it holds, a fault is planted, and it holds no longer."""
    from zhike.accounts import reach
    from zhike.classification.actions.packs import install_pack

    settings.ZHIKE_NOW = None
    install_pack(pack="general", by=None)
    company = Company()
    company.open()
    top = company.add_team(above=None)
    east = company.add_team(above=top)
    company.add_person(role="manager", team=top)
    owner, other = (company.add_person(role="sales", team=team) for team in (east, None))
    company.add_person(role="sales", team=east)
    hotel = company.add_customer(owner=owner, region="华东")
    company.add_customer(owner=None, region="华北")
    company.add_customer(owner=None, region="西南")
    company.share(customer=hotel, whom=("user", other), may_write=False, days=None)
    company.add_territory(regions={"华北"}, users=[other], teams=[])
    company.the_policy_says_what_the_oracle_says()

    owner_of, name, wrong = FAULTS[fault]
    monkeypatch.setattr(getattr(reach, owner_of), name, wrong)
    with pytest.raises(AssertionError):
        company.the_policy_says_what_the_oracle_says()
    company.teardown()
