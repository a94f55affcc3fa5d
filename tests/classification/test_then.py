"""The class of any customer on any past day: as it was told, and as today's records give it."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.classification.deciding import CARE, NOW, TODAY, VALUE, pack
from tests.classification.test_late_events import STEADY
from tests.factories import SHANGHAI, make_customer, make_event, make_people
from tests.failing import rolled_back
from tests.scenes import once
from zhike.base.errors import NotFound
from zhike.classification.actions.drafts import save_draft, start_draft
from zhike.classification.actions.overrides import lift_override, override_class
from zhike.classification.actions.packs import install_pack
from zhike.classification.actions.publications import publish, run_publication
from zhike.classification.due import place_due
from zhike.classification.history import Told, began_by, standings_on, told_in
from zhike.classification.models import SchemeVersion
from zhike.classification.then import then
from zhike.customers.models import Customer
from zhike.timeline.actions import record, void

pytestmark = pytest.mark.django_db

PACK = {"pack": "then", "version": 1, "dimensions": [VALUE, CARE, STEADY]}


@pytest.fixture
def people():
    return once("people", make_people)


@pytest.fixture
def clock(settings):
    """Turn the clock to 10:00 of so many days before today, as Shanghai tells it."""

    def turn(ago):
        settings.ZHIKE_NOW = NOW - timedelta(days=ago)

    return turn


def day(ago):
    return TODAY - timedelta(days=ago)


def lived(clock, acts=None):
    """A customer who bought 60 days ago, at once high; regular 30 days later; low today; and what else was done."""
    clock(90)
    install_pack(pack=PACK, by=None)
    found = make_customer()
    clock(60)
    record(found, "order.placed", by=None, amount=1500)
    for ago in sorted({30, 0, *(acts or {})}, reverse=True):
        clock(ago)
        place_due()
        (acts or {}).get(ago, lambda _: None)(found)
    return found


@pytest.fixture
def life(clock):
    return lived(clock)


def told(customer, ago, dimension="value"):
    found = then(None, customer, day(ago)).told.get(dimension)
    return found.class_key if found else None


def test_each_day_has_the_class_that_was_told(life):
    assert [told(life, ago) for ago in (91, 90, 61, 60, 31, 30, 1, 0)] == [
        None,
        "regular",
        "regular",
        "high",
        "high",
        "regular",
        "regular",
        "low",
    ]
    past = then(None, life, day(45))
    assert past.told["value"] == Told("high", day(60), "rule")
    assert past.told["care"].class_key == "close"
    assert then(None, life, day(75)).told["value"].since == day(90)


def test_what_the_records_give_is_the_same_and_says_why(life):
    past = then(None, life, day(45))
    assert (past.class_of("value"), past.computed("value"), past.differs("value")) == ("high", "high", False)
    reasons = past.reasons("value")
    assert (reasons.class_.key, [tried.explained.seen for tried in reasons.tried]) == ("high", [1500])
    assert past.rules.versions["value"].number == 1
    assert past.early == frozenset()
    assert past.began == day(90)


def test_what_was_recorded_late_changes_what_the_records_give_and_not_what_was_told(life):
    make_event(life, "order.placed", day(75), amount=2000)
    past = then(None, life, day(70))
    assert (past.told["value"].class_key, past.class_of("value"), past.differs("value")) == ("regular", "high", True)
    void(life.events.get(kind="order.placed", day=day(60)), by=None)
    past = then(None, life, day(40))
    assert (past.told["value"].class_key, past.class_of("value")) == ("high", "regular")


def test_the_rules_of_the_day_decide_and_before_any_the_first_ones(life, people, clock):
    clock(0)
    data = copy.deepcopy(VALUE)
    data["classes"][0]["when"]["value"] = 2000
    draft = save_draft(draft=start_draft(dimension="value", by=people.ada), data=data, revision=1, by=people.ada)
    run_publication(publish(drafts=[draft], by=people.ada).pk)
    clock(-5)
    assert then(None, life, day(45)).class_of("value") == "high"
    assert then(None, life, day(45)).rules.versions["value"].number == 1
    assert then(None, life, day(0)).rules.versions["value"].number == 2
    assert then(None, life, day(1)).rules.versions["value"].number == 1
    before = then(None, life, day(200))
    assert (before.early, before.rules.versions["value"].number) == (frozenset({"value", "care", "steady"}), 1)
    assert before.told == {}


def test_a_dimension_that_was_out_of_force_on_the_day_is_not_told_of(life, clock):
    SchemeVersion.objects.filter(scheme__dimension="steady").update(retired_at=NOW - timedelta(days=20))
    rules = then(None, life, day(10)).rules
    assert {scheme.dimension for scheme in rules.schemes} == {"value", "care"}
    assert "steady" in {scheme.dimension for scheme in then(None, life, day(30)).rules.schemes}


def test_what_a_person_had_set_holds_on_its_days(people, clock):
    def decide(customer):
        override_class(customer=customer, dimension="value", class_key="high", reason="大单", by=people.ada)

    def lift(customer):
        lift_override(customer=customer, dimension="value", by=people.ada)

    life = lived(clock, {20: decide, 15: lift})
    on = [(then(None, life, day(ago)).class_of("value"), told(life, ago)) for ago in (21, 20, 16, 15)]
    assert on == [("regular", "regular"), ("high", "high"), ("high", "high"), ("regular", "regular")]
    assert then(None, life, day(18)).told["value"] == Told("high", day(20), "person")


def test_the_same_day_has_the_same_answer_whenever_it_is_asked_for(life, clock):
    def answer():
        past = then(None, life, day(45))
        return past.facts.values(), past.told, [past.class_of(s.dimension) for s in past.rules.schemes]

    first = answer()
    clock(0)
    make_event(life, "order.placed", day(10), amount=9000)
    install_pack(pack=pack(high={"when": {"field": "metric.orders", "op": "gte", "value": 1}}), by=None)
    clock(-200)
    place_due()
    assert then(None, life, day(45)).facts.values() == first[0]
    assert {d: t for d, t in answer()[1].items() if d != "steady"} == {
        d: t for d, t in first[1].items() if d != "steady"
    }
    assert answer()[2] == first[2]


def test_many_customers_of_one_day_take_one_query(life, people, clock, django_assert_num_queries):
    clock(0)
    other = make_customer(owner=people.alice)
    ids = [life.pk, other.pk]
    with django_assert_num_queries(1):
        found = standings_on(people.ada, ids, day(45))
    assert found == {
        life.pk: {
            "value": ("high", "high", "rule", False),
            "care": ("close", "close", "rule", False),
            "steady": ("other", "other", "rule", True),
        }
    }
    assert standings_on(people.alice, ids, day(45)) == {}
    assert standings_on(people.alice, ids, day(0))[other.pk]["value"] == ("regular", "regular", "rule", True)


def test_the_list_finds_those_who_were_told_to_be_in_a_class(life, clock):
    clock(0)
    dated, undated = make_customer(created_on=day(70)), make_customer(created_on=None)

    def members(key, ago):
        begun = Customer.objects.filter(began_by(day(ago), SHANGHAI))
        return set(begun.filter(told_in("value", [key], day(ago))))

    assert (members("high", 45), members("regular", 45)) == ({life}, set())
    assert members("regular", 75) == {life}
    assert members("regular", 0) == {dated, undated}
    assert members("low", 0) == {life}
    assert set(Customer.objects.filter(began_by(day(0), SHANGHAI))) == {life, dated, undated}
    assert set(Customer.objects.filter(began_by(day(71), SHANGHAI))) == {life}
    make_event(undated, "call.made", day(30))
    assert set(Customer.objects.filter(began_by(day(30), SHANGHAI))) == {life, dated, undated}


def test_strangers_learn_nothing_of_the_past(life, people):
    with pytest.raises(NotFound):
        then(people.charlie, life, day(45))


happenings = st.lists(
    st.tuples(
        st.integers(0, 64),
        st.sampled_from(["order", "refund", "call", "override", "lift", "publish", "rest"]),
        st.sampled_from([300, 1000, 1500]),
    ),
    max_size=7,
)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(happenings, st.sampled_from(["now", "review"]))
def test_what_is_told_day_by_day_is_what_the_records_give_afterwards(settings, found, demote):
    """Where nothing came late the two answers are one, through rules that change and people who decide."""
    with rolled_back():  # the next example begins before the rules that this one will have published
        _live_and_look_back(settings, found, demote)


def _live_and_look_back(settings, found, demote):
    from django.conf import settings as clock

    people = make_people()
    settings.ZHIKE_NOW = NOW  # once: the fixture lays every value over the one before
    clock.ZHIKE_NOW = NOW - timedelta(days=65)
    value = copy.deepcopy(VALUE)
    value["classes"][0]["demote"] = demote
    install_pack(pack={**PACK, "dimensions": [value, CARE, STEADY]}, by=None)
    customer = make_customer(owner=people.alice)
    for ago in range(64, -1, -1):
        clock.ZHIKE_NOW = datetime.combine(day(ago), datetime.min.time(), SHANGHAI).astimezone(UTC)
        place_due()
        for when, what, amount in found:
            if when == ago:
                clock.ZHIKE_NOW += timedelta(hours=1)
                _happens(customer, people, what, amount)
    for ago in range(64, -1, -1):
        past = then(None, customer, day(ago))
        for dimension in ("value", "care", "steady"):
            assert past.told[dimension].class_key == past.class_of(dimension), (ago, dimension)


def _happens(customer, people, what, amount):
    match what:
        case "order" | "refund":
            record(customer, f"order.{'placed' if what == 'order' else 'refunded'}", by=None, amount=amount)
        case "call":
            record(customer, "call.made", by=None)
        case "override":
            until = customer.created_on + timedelta(days=50)
            if until > _today():
                override_class(
                    customer=customer,
                    dimension="value",
                    class_key="low",
                    reason="欠款",
                    by=people.alice,
                    expires_on=until,
                )
        case "lift":
            if customer.overrides.filter(ended_at=None).exists():
                lift_override(customer=customer, dimension="value", by=people.alice)
        case "publish":
            draft = start_draft(dimension="value", by=people.ada)
            data = copy.deepcopy(draft.data)
            data["classes"][0]["when"]["value"] = amount
            draft = save_draft(draft=draft, data=data, revision=draft.revision, by=people.ada)
            run_publication(publish(drafts=[draft], by=people.ada).pk)


def _today() -> date:
    from zhike.base.clock import today

    return today(SHANGHAI)
