"""At every edge of windows, ages, holding and quantiles the core and the frames say what arithmetic says."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests import conformance
from tests.conformance import AGES, AS_OF, BEGAN, NUMBERS, SHARES, WINDOWS, ZONE, edges, orders_within, quantile_of
from tests.core.samples import history_of
from tests.engine.frames import events_frame, people_frame
from zhike.core.conditions.quantiles import Wanted, quantile
from zhike.core.events import Event
from zhike.core.facts import FieldType, Ref
from zhike.core.packs import parse_pack
from zhike.core.schemes import place as place_one
from zhike.engine.facts import Ago, Needed, build
from zhike.engine.place import place
from zhike.engine.quantiles import numbers

if TYPE_CHECKING:
    from zhike.core.history import History

SCHEMES = parse_pack(conformance.EDGES).schemes
CREATED = {Ref("customer.created_on"): FieldType.DATE}


def history(ago: int, amount: int = 0) -> History:
    return history_of([Event("order.placed", AS_OF - timedelta(days=ago), amount)], created_on=BEGAN)


@pytest.mark.parametrize("ago", AGES)
def test_the_core_places_and_looks_ahead_as_arithmetic_says(ago):
    known = history(ago)
    facts, computed = known.placed(SCHEMES, AS_OF)
    projection = known.projection(SCHEMES, AS_OF)
    for dimension, expected in edges(ago).items():
        assert (facts[Ref(f"class.{dimension}")], computed[dimension]) == (expected.key, expected.key), dimension
        change = projection.next_change(dimension)
        assert (change and change[0]) == expected.changes_on, dimension
        assert projection.next_turn(dimension) == expected.changes_on, dimension


@pytest.mark.parametrize("ago", AGES)
def test_the_core_holds_plain_schemes_against_facts_alone(ago):
    facts = history(ago).facts(SCHEMES, AS_OF)
    for scheme in SCHEMES:
        if not scheme.is_damped:
            assert place_one(scheme, facts).key == edges(ago)[scheme.dimension].key, scheme.dimension


@pytest.mark.parametrize("ago", [-1, *AGES])
def test_the_core_counts_the_days_of_a_window_as_arithmetic_does(ago):
    for days in WINDOWS:
        assert history(ago).value(Ref("metric.orders", days), FieldType.INTEGER, AS_OF) == orders_within(ago, days)


def test_the_frames_place_and_look_ahead_as_arithmetic_says():
    known = [history(ago) for ago in AGES]
    frame = place(SCHEMES, people_frame(known, CREATED), events_frame(known), as_of=AS_OF, zone=ZONE)
    for ago, row in zip(AGES, frame.sort("customer").iter_rows(named=True), strict=True):
        for dimension, expected in edges(ago).items():
            found = (row[f"class.{dimension}"], row[f"computed.{dimension}"], row[f"next_change.{dimension}"])
            assert found == (expected.key, expected.key, expected.changes_on), (ago, dimension)


def test_the_frames_count_the_days_of_a_window_as_arithmetic_does():
    ages = (-1, *AGES)
    known = [history(ago) for ago in ages]
    # Sums go in one pass, distinct days apart.
    for metric in ("orders", "order_days"):
        refs = [Ref(f"metric.{metric}", days) for days in WINDOWS]
        needed = [Needed(ref, FieldType.INTEGER) for ref in refs]
        frame = build(people_frame(known, CREATED), events_frame(known), needed, AS_OF)
        for ago, row in zip(ages, frame.sort("customer").iter_rows(named=True), strict=True):
            assert [row[str(ref)] for ref in refs] == [orders_within(ago, days) for days in WINDOWS], (metric, ago)


@pytest.mark.parametrize("share", SHARES, ids=str)
def test_a_quantile_is_the_number_that_counting_gives(share):
    assert quantile(NUMBERS, share) == quantile_of(share)
    known = [history(3, amount) for amount in NUMBERS]
    wanted = Wanted(Ref("metric.revenue", 7), share)
    ago = Ago(events_frame(known), AS_OF)
    assert numbers([wanted], people_frame(known, CREATED), ago, {}) == {wanted: quantile_of(share)}
