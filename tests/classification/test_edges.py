"""At every edge what is stored, and what the database is asked for, is what arithmetic says."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from tests import conformance
from tests.conformance import AGES, AS_OF, BEGAN, NUMBERS, SHARES, WINDOWS, ZONE, edges, quantile_of
from tests.factories import make_customer
from tests.scenes import rules_in_force
from zhike.classification.actions.packs import install_pack
from zhike.classification.batch import place_everyone
from zhike.classification.candidates import quantile_number
from zhike.classification.condition_q import class_case, condition_q
from zhike.classification.live import place_customer
from zhike.classification.models import CustomerFacts, Placement
from zhike.classification.rules import rulebook
from zhike.core.conditions.quantiles import Wanted
from zhike.core.dates import local_day
from zhike.core.facts import Ref
from zhike.customers.models import Customer
from zhike.timeline.actions import record_many
from zhike.timeline.rows import NewEvent

pytestmark = pytest.mark.django_db


def noon(ago):
    return datetime.combine(AS_OF - timedelta(days=ago), time(12), ZONE).astimezone(UTC)


def company(settings):
    """Return ago → customer of the grid, placed by nobody yet."""
    settings.ZHIKE_NOW = noon(0)
    found = {ago: make_customer(created_on=BEGAN) for ago in AGES}
    orders = [
        NewEvent(customer_id=c.pk, kind="order.placed", occurred_at=noon(ago), amount=1) for ago, c in found.items()
    ]
    record_many(orders, by=None, place=False)
    return found


@pytest.fixture
def customers(settings):
    made = company(settings)
    rules_in_force(conformance.EDGES)
    return made


def stored(customer):
    """Return dimension → class and the day of its next change."""
    placements = Placement.objects.filter(customer=customer)
    return {p.dimension: (p.class_key, p.next_flip_at and local_day(p.next_flip_at, ZONE)) for p in placements}


def check_stored(customers):
    for ago, customer in customers.items():
        expected = {dimension: (edge.key, edge.changes_on) for dimension, edge in edges(ago).items()}
        assert stored(customer) == expected, ago
        facts = CustomerFacts.objects.get(customer=customer)
        assert [facts.values.get(f"metric.orders@{days}", 0) for days in WINDOWS] == [
            int(ago < days) for days in WINDOWS
        ]
        turns = [edge.changes_on for edge in edges(ago).values() if edge.changes_on]
        turns += [AS_OF + timedelta(days=days - ago) for days in (*WINDOWS, 365) if ago < days]
        assert local_day(facts.next_flip_at, ZONE) == min(turns), ago


def test_placing_set_wise_stores_what_arithmetic_says(customers):
    check_stored(customers)


def test_placing_one_by_one_stores_what_arithmetic_says(customers):
    Placement.objects.all().delete()
    CustomerFacts.objects.all().delete()
    for customer in Customer.objects.select_related("owner"):
        place_customer(customer)
    check_stored(customers)


def test_the_database_finds_them_by_what_is_stored(customers):
    for scheme in rulebook().schemes:
        found = set(Customer.objects.filter(condition_q(scheme.classes[0].when, AS_OF, ZONE)))
        # A class that must hold for days comes out before it is entered.
        own = {ago for ago in AGES if ago < conformance.HELD} if scheme.is_damped else None
        expected = own if own is not None else {ago for ago in AGES if edges(ago)[scheme.dimension].key == "yes"}
        assert found == {customers[ago] for ago in expected}, scheme.dimension


def test_the_database_finds_them_by_classes_that_are_not_stored(customers):
    """As a preview does: each dimension is worked out from those before it."""
    Placement.objects.all().delete()
    classes = {}
    for scheme in rulebook().schemes:
        classes[scheme.dimension] = class_case(scheme, AS_OF, ZONE, classes)
        if scheme.is_damped or scheme.dimension == "reads_held":
            continue
        rows = dict(Customer.objects.annotate(placed=classes[scheme.dimension]).values_list("pk", "placed"))
        assert rows == {c.pk: edges(ago)[scheme.dimension].key for ago, c in customers.items()}, scheme.dimension


@pytest.mark.parametrize("share", SHARES, ids=str)
def test_the_database_gives_the_quantile_that_counting_gives(share, settings):
    settings.ZHIKE_NOW = noon(0)
    install_pack(pack=conformance.EDGES, by=None)
    made = [make_customer(created_on=BEGAN) for _ in NUMBERS]
    record_many(
        [
            NewEvent(customer_id=c.pk, kind="order.placed", occurred_at=noon(3), amount=amount)
            for c, amount in zip(made, NUMBERS, strict=True)
        ],
        by=None,
    )
    place_everyone()
    assert quantile_number(Wanted(Ref("metric.revenue", 365), share), AS_OF) == quantile_of(share)
