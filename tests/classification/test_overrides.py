"""A class that a person sets: beside the rules, until its day, and never instead of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.classification.deciding import NOW, TODAY, classes, pack, placement
from tests.factories import make_customer, make_event, make_people
from tests.scenes import once, rules_in_force
from zhike.base.errors import Conflict, NotFound
from zhike.base.inputs import Invalid
from zhike.classification.actions.overrides import (
    extend_override,
    lift_override,
    override_class,
)
from zhike.classification.actions.overrides_many import Decided, override_many
from zhike.classification.actions.packs import install_pack
from zhike.classification.batch import drift, place_everyone
from zhike.classification.due import place_due
from zhike.classification.models import Override, Placement
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rules(settings):
    settings.ZHIKE_NOW = NOW
    rules_in_force(pack())


@pytest.fixture
def people():
    return once("people", make_people)


@pytest.fixture
def customer(people):
    return make_customer(owner=people.alice)


def high(customer, by, **given):
    return override_class(customer=customer, dimension="value", class_key="high", reason="战略客户", by=by, **given)


def test_it_holds_in_the_dimension_and_in_those_that_read_it(people, customer):
    made = high(customer, people.alice)

    assert classes(customer) == {"value": "high", "care": "close"}
    found = placement(customer)
    assert (found.source, found.computed_key, found.since) == ("person", "regular", TODAY)
    assert (made.was_key, made.expires_on, made.version) == ("regular", TODAY + timedelta(days=90), found.version)
    told, *moves = Event.objects.filter(kind__startswith="class.").order_by("pk")
    assert told.data == {
        "dimension": "value",
        "from": "regular",
        "to": "high",
        "until": "2027-02-18",
        "text": "战略客户",
    }
    assert told.actor == people.alice
    assert [(e.data["dimension"], e.data["to"], e.data["source"], e.data["cause"]) for e in moves] == [
        ("value", "high", "person", told.pk),
        ("care", "close", "rule", told.pk),
    ]


def test_the_rules_go_on_beside_it(people, customer):
    high(customer, people.alice)
    make_event(customer, "order.placed", TODAY - timedelta(days=61), amount=500)

    found = placement(customer)
    assert (found.class_key, found.computed_key) == ("high", "low")
    assert not Event.objects.filter(kind="class.changed", data__to="low").exists()


def test_it_falls_back_by_itself_on_its_day(people, customer, settings):
    high(customer, people.alice, expires_on=TODAY + timedelta(days=3))
    found = placement(customer)
    assert (found.next_flip_at.isoformat(), found.next_key, found.falls) == (
        "2026-11-22T16:00:00+00:00",
        "regular",
        True,
    )

    settings.ZHIKE_NOW = NOW + timedelta(days=3)
    assert place_due().customers == 1

    assert classes(customer) == {"value": "regular", "care": "usual"}
    override = Override.objects.get()
    assert (override.end, override.ended_at, override.ended_by) == ("expired", NOW + timedelta(days=3), None)


def test_one_without_a_day_holds_for_ever(people, customer):
    assert high(customer, people.alice, expires_on=None).expires_on is None
    assert placement(customer).next_flip_at is None


def test_another_replaces_it(people, customer):
    high(customer, people.alice)
    override_class(customer=customer, dimension="value", class_key="low", reason="欠款", by=people.bob)

    assert classes(customer)["value"] == "low"
    first, second = Override.objects.order_by("pk")
    assert (first.end, first.ended_by, second.ended_at) == ("replaced", people.bob, None)


def test_the_same_twice_is_one(people, customer):
    assert high(customer, people.alice).pk == high(customer, people.alice).pk
    assert Override.objects.count() == 1
    assert Event.objects.filter(kind="class.overridden").count() == 1


def test_what_a_colleague_decided_is_not_undone_unseen(people, customer):
    mine = high(customer, people.alice, seen=None)
    theirs = override_class(
        customer=customer, dimension="value", class_key="low", reason="欠款", by=people.bob, seen=mine.pk
    )
    with pytest.raises(Conflict) as caught:
        override_class(
            customer=customer, dimension="value", class_key="high", reason="还是高", by=people.alice, seen=mine.pk
        )
    assert caught.value.zh == "Bob刚把它指定为低（欠款），再看一眼"
    for act in (lift_override, extend_override):
        with pytest.raises(Conflict):
            act(customer=customer, dimension="value", by=people.alice, seen=mine.pk)
    assert Override.objects.get(ended_at=None) == theirs
    lift_override(customer=customer, dimension="value", by=people.bob, seen=theirs.pk)
    with pytest.raises(Conflict) as caught:
        high(customer, people.alice, seen=theirs.pk)
    assert caught.value.zh == "刚才的人工指定已经撤销或到期，再看一眼"


def test_whoever_is_not_placed_yet_cannot_be_overruled(people, customer):
    Placement.objects.all().delete()
    with pytest.raises(Invalid):
        high(customer, people.alice)
    assert not Override.objects.exists()


def test_lifting_it_gives_the_class_back_to_the_rules(people, customer):
    high(customer, people.alice)
    lift_override(customer=customer, dimension="value", by=people.bob)

    assert classes(customer) == {"value": "regular", "care": "usual"}
    assert placement(customer).source == "rule"
    assert Override.objects.get().end == "lifted"
    with pytest.raises(Conflict):
        lift_override(customer=customer, dimension="value", by=people.bob)


def test_extending_it_counts_from_today(people, customer, settings):
    high(customer, people.alice, expires_on=TODAY + timedelta(days=3))
    settings.ZHIKE_NOW = NOW + timedelta(days=2)
    assert extend_override(customer=customer, dimension="value", by=people.bob).expires_on == TODAY + timedelta(days=92)


def test_the_dimension_says_how_long_it_holds(people, customer):
    install_pack(pack=pack(override_days=10), by=None)
    assert high(customer, people.alice).expires_on == TODAY + timedelta(days=10)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"dimension": "worth"}, "class_key"),
        ({"class_key": "best"}, "class_key"),
        ({"reason": "  "}, "reason"),
        ({"reason": "很" * 501}, "reason"),
        ({"expires_on": TODAY}, "expires_on"),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_changes(people, customer, given, path):
    wanted = {"dimension": "value", "class_key": "high", "reason": "战略客户"} | given
    with pytest.raises(Invalid) as caught:
        override_class(customer=customer, by=people.alice, **wanted)
    assert caught.value.path == path
    assert classes(customer) == {"value": "regular", "care": "usual"}
    assert not Override.objects.exists()


def test_a_stranger_cannot(people, customer):
    with pytest.raises(NotFound):
        high(customer, people.charlie)
    assert not Override.objects.exists()


def test_many_at_once(people):
    mine = [make_customer(owner=people.alice).pk for _ in range(3)]
    done = override_many(ids=mine, decided=Decided("value", "low", "清理", "usual"), by=people.alice)
    assert {pk: one.state for pk, one in done.items()} == dict.fromkeys(mine, "changed")
    assert [classes(pk)["value"] for pk in mine] == ["low"] * 3


def test_placing_everyone_says_the_same(people, customer):
    high(customer, people.alice, expires_on=TODAY + timedelta(days=30))
    other = make_customer(owner=people.alice)
    make_event(other, "order.placed", TODAY, amount=1500)
    override_class(customer=other, dimension="value", class_key="low", reason="欠款", by=people.bob, expires_on=None)
    assert drift() == []
    assert place_everyone().changed == 0
    assert classes(customer)["value"] == "high"
    assert classes(other) == {"value": "low", "care": "usual"}
