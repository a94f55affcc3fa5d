"""Customers are given to whom the rules say, once, by the first that finds somebody, and the history says why."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from tests.assignment.ruling import EAST, SATURDAY, WEDNESDAY, can_take, make_rule
from tests.classification.samples import PACK, classes
from tests.factories import make_customer, make_event, make_people, make_user
from tests.imports.bringing import carried_out, undo
from tests.pools.pooling import make_pool, put_in
from zhike.accounts.actions.people import deactivate
from zhike.accounts.actions.territories import set_territory
from zhike.accounts.models import Role
from zhike.assignment.actions.assigning import IN_POOL, assign_by_hand, assign_waiting
from zhike.assignment.actions.people import add_absence
from zhike.assignment.actions.queue import put
from zhike.assignment.actions.rules import order_rules, pause_rule
from zhike.assignment.models import Rule, Waiting
from zhike.assignment.trying import customers_to_try, try_rules
from zhike.audit.models import Entry
from zhike.base.errors import Conflict
from zhike.classification.actions.packs import install_pack
from zhike.customers.actions.customers import create_customer, update_customer
from zhike.customers.models import Customer
from zhike.jobs.actions.jobs import ask_job, undo_job
from zhike.jobs.actions.running import run_job
from zhike.jobs.kinds import refused
from zhike.pools.models import Stay
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(settings):
    settings.ZHIKE_NOW = WEDNESDAY


@pytest.fixture
def people():
    return make_people()


def given(customer: Customer) -> tuple[str, dict[str, object]]:
    """Return the name of the owner, and what the last change of owner says of the rule."""
    customer.refresh_from_db()
    event = Event.objects.filter(customer=customer, kind="owner.changed").order_by("pk").last()
    why = {key: value for key, value in event.data.items() if key in {"rule", "how", "owned", "most", "instead"}}
    return customer.owner.name, why


def test_a_new_customer_without_an_owner_goes_to_whose_turn_it_is(people):
    make_rule("华东客户", where=EAST, people=[people.alice, people.charlie])

    owners = [make_customer(region="华东").owner for _ in range(3)]
    other, kept = make_customer(region="华北"), make_customer(region="华东", owner=people.bob)

    assert owners == [people.alice, people.charlie, people.alice]
    assert (other.owner, kept.owner) == (None, people.bob)
    customer = Customer.objects.filter(owner=people.charlie).get()
    assert given(customer) == ("Charlie", {"rule": "华东客户", "how": "turns"})
    event = Event.objects.get(customer=customer, kind="owner.changed")
    assert (event.actor, event.source, event.data["version"]) == (None, "rule", customer.version)
    entry = Entry.objects.filter(action="customer.assigned").order_by("pk").first()
    assert entry.data == {"rule": Rule.objects.get().pk, "count": 1, "counts": {str(people.alice.pk): 1}}


def test_whoever_makes_a_customer_keeps_it(people):
    make_rule(people=[people.charlie])

    assert create_customer(name="自己找来的", by=people.alice).owner == people.alice
    assert create_customer(name="给大家的", by=people.ada, owner=None).owner == people.charlie


def test_the_first_rule_that_finds_somebody_decides(people):
    can_take(people.alice, most=1)
    make_rule("华东", where=EAST, people=[people.alice])
    make_rule("其余", is_last=True, people=[people.charlie])

    first, second, other = (make_customer(region=region) for region in ("华东", "华东", "华北"))

    assert given(first) == ("Alice", {"rule": "华东", "how": "only", "owned": 0, "most": 1})
    assert given(second) == ("Charlie", {"rule": "其余所有客户", "how": "only", "owned": 0})
    assert given(other)[0] == "Charlie"


def test_the_order_of_the_rules_decides_and_paused_ones_are_not_asked(people):
    first = make_rule("一", people=[people.alice])
    second = make_rule("二", people=[people.charlie])
    order_rules(order=[second.pk, first.pk], by=people.ada)
    assert make_customer().owner == people.charlie
    pause_rule(rule=second, is_paused=True, by=people.ada)
    assert make_customer().owner == people.alice
    with pytest.raises(Conflict):
        order_rules(order=[first.pk], by=people.ada)


def test_least_load_counts_on_as_it_gives(people):
    can_take(people.alice, most=10)
    can_take(people.charlie, most=5)
    for _ in range(2):
        make_customer(owner=people.alice)
    make_rule(people=[people.alice, people.charlie], method="load")

    owners = [make_customer().owner.name for _ in range(6)]

    # Shares of what each can take on, with one more: 3/10 and 1/5, 3/10 and 2/5, 4/10 and 2/5, …
    assert owners == ["Charlie", "Alice", "Charlie", "Alice", "Alice", "Charlie"]


def test_the_most_senior_with_the_skill_and_room_is_chosen(people):
    can_take(people.alice, most=1, level=4, skills=["英语"])
    can_take(people.charlie, level=3, skills=["英语", "教育"])
    can_take(people.carol, level=4)
    make_rule(people=[people.alice, people.charlie, people.carol], method="senior", least_level=3, skills=["英语"])

    assert [make_customer().owner.name for _ in range(2)] == ["Alice", "Charlie"]


def test_a_team_shares_its_customers_among_those_who_may_have_any(people):
    make_user("Zed", role=Role.AUDITOR, team=people.alice.team)
    make_rule(target="team", team=people.alice.team)

    assert [make_customer().owner.name for _ in range(3)] == ["Alice", "Bob", "Alice"]


def test_each_territory_takes_turns_of_its_own(people):
    bounds = {"regions": ["华东"]}
    set_territory(territory=None, by=people.ada, name="东", bounds=bounds, users=[people.alice, people.carol], teams=[])
    bounds = {"cities": ["成都"]}
    set_territory(
        territory=None, by=people.ada, name="西", bounds=bounds, users=[people.charlie], teams=[people.alice.team]
    )
    make_rule(target="territory")

    def owner(**place):
        found = make_customer(**place).owner
        return found.name if found else None

    assert [owner(region="华东"), owner(city="成都"), owner(region="华东"), owner(city="成都")] == [
        "Alice",
        "Alice",
        "Carol",
        "Bob",
    ]
    assert [owner(city="成都"), owner(region="华东"), owner(region="海外")] == ["Charlie", "Alice", None]


def test_whoever_is_away_is_stood_in_for(people):
    make_rule("轮", people=[people.alice, people.charlie])
    add_absence(
        person=people.alice,
        first_day=date(2026, 6, 1),
        last_day=date(2026, 6, 3),
        stand_in=people.carol,
        note="",
        by=people.ada,
    )
    first, second = make_customer(), make_customer()
    assert given(first) == ("Carol", {"rule": "轮", "how": "turns", "instead": "Alice"})
    assert given(second) == ("Charlie", {"rule": "轮", "how": "turns"})


def test_on_a_day_without_anybody_the_customer_waits_for_one_with_somebody(people, settings):
    make_rule("周内", people=[people.alice])
    settings.ZHIKE_NOW = SATURDAY
    customer = make_customer()
    assert (customer.owner, Waiting.objects.get().occasion) == (None, "created")
    assert assign_waiting() == 0

    settings.ZHIKE_NOW = WEDNESDAY.replace(day=8)
    assert (assign_waiting(), assign_waiting()) == (1, 0)
    assert given(customer) == ("Alice", {"rule": "周内", "how": "only"})
    assert not Waiting.objects.exists()


def test_whoever_waits_and_is_given_to_somebody_by_hand_stays_there(people, settings):
    make_rule(people=[people.alice])
    settings.ZHIKE_NOW = SATURDAY
    customer = make_customer()
    update_customer(customer=customer, version=customer.version, by=people.ada, owner=people.charlie)
    settings.ZHIKE_NOW = WEDNESDAY.replace(day=8)
    assert assign_waiting() == 0
    customer.refresh_from_db()
    assert (customer.owner, Waiting.objects.exists()) == (people.charlie, False)


def test_nobody_gets_customers_once_they_are_deactivated(people):
    make_rule(people=[people.alice, people.charlie])
    deactivate(user=people.alice, by=people.ada)
    assert [make_customer().owner.name for _ in range(2)] == ["Charlie", "Charlie"]


def test_a_file_is_assigned_step_by_step_and_can_still_be_taken_back(people, tmp_path):
    make_rule(where=EAST, people=[people.alice, people.charlie], occasions=["imported"])
    text = "客户名称,区域,负责人\n" + "".join(f"客户{n}公司,华东,\n" for n in range(5)) + "有主的公司,华东,Bob\n"

    imported = carried_out(tmp_path, text, by=people.ada, owner="")

    assert Counter(Customer.objects.values_list("owner__name", flat=True)) == {"Alice": 3, "Charlie": 2, "Bob": 1}
    entry = Entry.objects.get(action="customer.assigned")
    assert (entry.data["count"], sorted(entry.data["counts"].values())) == (5, [2, 3])
    assert [(one["en"], one["count"]) for one in imported.followed.values()] == [("Assigned by rule", 5)]
    undo(imported, by=people.ada)
    assert Customer.objects.count() == 0


def test_a_class_that_changes_brings_the_customer_to_a_senior(people):
    install_pack(pack=PACK, by=None)
    high = {"field": "class.value", "op": "eq", "value": "high"}
    can_take(people.charlie, level=4)
    make_rule("高价值给资深", where=high, people=[people.alice, people.charlie], least_level=3, occasions=["classed"])
    make_rule("其余", is_last=True, people=[people.bob])
    customer = make_customer(owner=people.alice)
    assert not Waiting.objects.exists()  # the first class of a dimension is no change

    make_event(customer, "order.placed", amount=2000)
    assert classes(customer)["value"] == "high"
    assert (Waiting.objects.get().dimensions, assign_waiting()) == (["value"], 1)
    assert given(customer) == ("Charlie", {"rule": "高价值给资深", "how": "only"})

    # Somebody decides otherwise: another class that changes is no reason to move it again.
    customer.refresh_from_db()
    update_customer(customer=customer, version=customer.version, by=people.ada, owner=people.carol, region="华东")
    assert classes(customer)["care"] == "close"
    assert assign_waiting() == 0
    customer.refresh_from_db()
    assert (customer.owner, Waiting.objects.exists()) == (people.carol, False)


def test_whoever_fits_already_keeps_the_customer(people):
    make_rule(where=EAST, people=[people.alice, people.charlie])
    mine, other = make_customer(region="华东", owner=people.charlie), make_customer(region="华东", owner=people.carol)
    found = assign_by_hand(ids=[mine.pk, other.pk], by=people.ada)
    assert (found[mine.pk].state, found[other.pk].state) == ("same", "changed")
    assert given(other)[0] == "Alice"


def test_by_hand_it_is_a_job_with_the_rights_of_the_person_that_can_be_taken_back(people):
    mine, hers = make_customer(owner=people.alice), make_customer(owner=people.carol)
    none = make_customer(owner=people.bob, region="华北")
    rule = make_rule(
        "东", where={"not": {"field": "customer.region", "op": "eq", "value": "华北"}}, people=[people.bob]
    )
    targets = Customer.objects.filter(pk__in=[mine.pk, hers.pk, none.pk])

    job = ask_job(kind="assign_by_rules", by=people.bob, parameters={}, targets=targets)
    run_job(job.pk)
    job.refresh_from_db()

    assert (job.changed, job.refused) == (1, 2)
    said = {item.target: item.said.get("en", "") for item in job.items.all()}
    assert said == {
        mine.pk: "",
        hers.pk: "gone, or not yours to see or assign",
        none.pk: "no rule applies",
    }
    assert job.said["zh"] == "1 位客户已分配，2 位没有分配"
    assert given(mine)[0] == "Bob"
    run_job(undo_job(job=job, by=people.bob).pk)
    mine.refresh_from_db()
    assert mine.owner == people.alice

    pause_rule(rule=rule, is_paused=True, by=people.ada)
    with pytest.raises(Conflict, match="by hand"):
        ask_job(kind="assign_by_rules", by=people.bob, parameters={}, targets=targets)


def test_a_rule_whose_condition_cannot_be_read_any_more_gives_nothing(people):
    rule = make_rule(where=EAST, people=[people.alice])
    Rule.objects.filter(pk=rule.pk).update(
        where={"version": 1, "where": {"field": "custom.gone", "op": "eq", "value": "1"}}
    )
    assert make_customer(region="华东").owner is None


def test_whoever_lies_in_a_pool_stays_there_unless_a_rule_says_that_it_takes_from_pools(people):
    install_pack(pack=PACK, by=None)
    high = {"field": "class.value", "op": "eq", "value": "high"}
    rule = make_rule("高价值给资深", where=high, people=[people.charlie], occasions=["classed", "hand"])
    make_rule("其余", is_last=True, people=[people.bob], occasions=["classed", "hand"])
    customer = make_customer(owner=people.alice)
    put_in(make_pool(people.ada, users=[people.alice]), customer)

    make_event(customer, "order.placed", amount=2000)
    assert classes(customer)["value"] == "high"
    assert (Waiting.objects.count(), assign_waiting(), Waiting.objects.count()) == (1, 0, 0)
    trial = try_rules(people.ada, customers_to_try(people.ada, only_unowned=True))
    assert (trial.total, trial.stay, trial.unruled, trial.given) == (1, 1, 0, 0)
    assert assign_by_hand(ids=[customer.pk], by=people.ada) == {customer.pk: refused(IN_POOL)}
    customer.refresh_from_db()
    assert (customer.owner, Stay.objects.get().left_at) == (None, None)

    Rule.objects.filter(pk=rule.pk).update(from_pools=True)
    put(Rule.Occasion.CLASSED, [(customer.pk, "value")])
    assert assign_waiting() == 1
    assert given(customer) == ("Charlie", {"rule": "高价值给资深", "how": "only"})
    stay = Stay.objects.get()
    assert (stay.end, stay.taker) == ("assigned", people.charlie)
