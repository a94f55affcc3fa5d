"""Customers that come at the same moment are shared fairly, and whoever is being deactivated gets none."""

from __future__ import annotations

from collections import Counter
from threading import Event

import pytest
from django.db import transaction

from tests.assignment.ruling import WEDNESDAY, can_take, make_rule
from tests.classification.test_concurrency import at_once
from tests.factories import make_customer, make_people
from zhike.accounts.actions.people import deactivate
from zhike.assignment.actions.assigning import assign_by_hand
from zhike.customers.models import Customer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def clock(settings):
    settings.ZHIKE_NOW = WEDNESDAY


def owners():
    return Counter(Customer.objects.values_list("owner__name", flat=True))


def test_turns_and_loads_are_fair_and_no_capacity_is_exceeded():
    people = make_people()
    three = [people.alice, people.charlie, people.carol]
    make_rule("轮", people=three, where={"field": "customer.region", "op": "eq", "value": "华东"})
    can_take(people.bob, most=7)
    can_take(people.ada, most=7)
    make_rule("量", people=[people.bob, people.ada], method="load")
    by_hand = [make_customer(owner=people.ada, region="华东") for _ in range(4)]

    def several(region):
        def work():
            for _ in range(4):
                make_customer(region=region)

        return work

    at_once(
        *[several("华东") for _ in range(4)],
        *[several("华北") for _ in range(4)],
        lambda: assign_by_hand(ids=[one.pk for one in by_hand], by=people.ada),
    )

    found = owners()
    # Twenty in turns among three; sixteen by load among two who can take seven each: two wait for somebody.
    assert sorted(found[name] for name in ("Alice", "Charlie", "Carol")) == [6, 7, 7]
    assert (found["Bob"], found["Ada"], found[None]) == (7, 7, 2)


def test_whoever_is_deactivated_meanwhile_gets_none_that_is_left_behind():
    people = make_people()
    make_rule(people=[people.alice, people.charlie])
    is_given, may_end, seen = Event(), Event(), []

    def give():
        with transaction.atomic():
            seen.append(make_customer("先").owner)
            is_given.set()
            may_end.wait(10)

    def leave():
        is_given.wait(10)
        deactivate(user=people.alice, by=people.ada)  # waits until the customer is hers, so that it can be handed over
        seen.append(Customer.objects.filter(owner=people.alice).count())

    def let_it_end():
        is_given.wait(10)
        may_end.wait(0.5)
        may_end.set()

    at_once(give, leave, let_it_end)

    assert seen == [people.alice, 1]
    assert [make_customer().owner.name for _ in range(2)] == ["Charlie", "Charlie"]
