from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.core.events import Event
from zhike.core.folds import contributions, fading, fold, half_up, in_window
from zhike.core.metrics import METRICS

TODAY = date(2026, 11, 19)


def days_ago(days: int) -> date:
    return TODAY - timedelta(days=days)


EVENTS = [
    Event("order.placed", days_ago(400), 1_000_00, {"line": "product"}),
    Event("order.placed", days_ago(364), 2_000_00, {"line": "product"}),
    Event("order.placed", days_ago(90), 3_000_01, {"line": "service"}),
    Event("order.placed", days_ago(90), 500_00, {"line": "product"}),
    Event("order.refunded", days_ago(80), 500_00),
    Event("order.placed", TODAY, 100, {"line": "product"}),
    Event("order.placed", TODAY + timedelta(days=1), 9_999_99),
    Event("page.viewed", days_ago(3), 0, {"seconds": 60}),
    Event("page.viewed", days_ago(3), 0, {"seconds": 12}),
    Event("page.viewed", days_ago(2), 0, {"seconds": 3}),
    Event("survey.answered", days_ago(30), 0, {"score": 4}),
    Event("survey.answered", days_ago(29), 0, {"score": 5}),
    Event("survey.answered", days_ago(28), 0, {"score": 5}),
    Event("deal.opened", days_ago(10)),
    Event("deal.won", days_ago(9)),
    Event("deal.lost", days_ago(8)),
    Event("points.earned", days_ago(7), 0, {"points": 300}),
    Event("points.redeemed", days_ago(6), 0, {"points": 120}),
    Event("call.made", days_ago(5)),
    Event("call.received", days_ago(4)),
]


@pytest.mark.parametrize(
    ("key", "days", "expected"),
    [
        ("orders", None, 5),
        ("orders", 365, 4),
        ("orders", 364, 3),
        ("orders", 1, 1),
        ("order_days", None, 4),
        ("product_orders", None, 4),
        ("service_orders", 90, 0),
        ("service_orders", 91, 1),
        ("revenue", None, 6_001_01),
        ("revenue", 365, 5_001_01),
        ("revenue", 90, -499_00),
        ("average_order", None, 1_200_20),
        ("average_order", 80, 100),
        ("days_since_order", None, 0),
        ("days_since_first_order", None, 400),
        ("payments", None, 0),
        ("page_views", 4, 3),
        ("page_views", 3, 1),
        ("visit_days", None, 2),
        ("dwell_seconds", None, 75),
        ("satisfaction", None, Decimal("4.6667")),
        ("satisfaction", 29, Decimal("5.0000")),
        ("satisfaction", 10, None),
        ("deals_open", None, 0),
        ("points", None, 180),
        ("contacts_made", None, 1),
        ("contacts_received", None, 4),
        ("interactions", None, 5),
        ("days_since_interaction", None, 4),
        ("days_since_contact_made", None, 5),
        ("days_since_contact_received", None, 4),
    ],
)
def test_a_metric_has_the_value_of_its_definition(key, days, expected):
    assert fold(METRICS[key], EVENTS, TODAY, days) == expected


@pytest.mark.parametrize("key", list(METRICS))
def test_without_events_counts_are_zero_and_the_rest_is_missing(key):
    metric = METRICS[key]
    missing = metric.is_days_since or key in {"average_order", "satisfaction"}
    assert fold(metric, [], TODAY) == (None if missing else 0)


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"), [(5, 2, 3), (-5, 2, -2), (7, 3, 2), (8, 3, 3), (1, 2, 1), (-1, 2, 0)]
)
def test_halves_round_toward_plus_infinity(numerator, denominator, expected):
    assert half_up(numerator, denominator) == expected


events = st.builds(
    Event,
    st.sampled_from(["order.placed", "order.refunded", "page.viewed", "survey.answered"]),
    st.integers(0, 60).map(days_ago),
    st.integers(0, 10_000),
    st.fixed_dictionaries({"seconds": st.integers(0, 99), "score": st.integers(1, 5), "line": st.just("product")}),
)


@given(st.lists(events, max_size=12), st.sampled_from([m for m in METRICS.values() if m.windowed]), st.integers(1, 45))
def test_a_fading_window_has_the_values_of_the_days_to_come(log, metric, days):
    items = in_window(contributions(metric, log), TODAY, days)
    steps = dict(fading(metric, items, days))
    value = fold(metric, log, TODAY, days)
    for ahead in range(1, 70):
        day = TODAY + timedelta(days=ahead)
        value = steps.get(day, value)
        assert value == fold(metric, log, day, days)
