"""The engine finds the day on which time alone changes a class, also for what no pack of ours asks."""

from __future__ import annotations

from datetime import date
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings

from tests.conformance import ZONE
from tests.engine.frames import events_frame, people_frame
from tests.engine.histories import AS_OF, FIELDS, histories
from zhike.core.events import Event
from zhike.core.facts import FieldType, Ref
from zhike.core.history import History
from zhike.core.metrics import METRICS, Fold, Metric
from zhike.core.packs import parse_pack
from zhike.core.projection import Projection
from zhike.core.text import Text
from zhike.engine.place import place

# Folds whose windows no metric of the catalogue uses.
FURTHER = {
    "first_order": Metric("first_order", Text("首单", "First order"), Fold.FIRST_AT, ("order.placed",)),
    "last_order": Metric("last_order", Text("末单", "Last order"), Fold.LAST_AT, ("order.placed",)),
    "largest": Metric(
        "largest", Text("最大", "Largest"), Fold.MAXIMUM, ("order.placed",), ("order.refunded",), value="amount"
    ),
}
WEEK, MONTH, YEAR = {"days": 7}, {"days": 30}, {"days": 365}
BIRTHDAY = {"field": "customer.birthday", "op": "anniversary_within", "value": {"days": 1}}
LONG_AGO = {"field": "metric.days_since_order", "op": "gte", "value": 10_000}

CONDITIONS = [
    {"field": "metric.largest", "over": YEAR, "op": "gte", "value": 200_000},
    {"field": "metric.largest", "over": MONTH, "op": "is_not_set"},
    {"field": "metric.first_order", "over": YEAR, "op": "gte", "value": "2025-12-01"},
    {"field": "metric.first_order", "over": MONTH, "op": "is_set"},
    {"field": "metric.first_order", "over": YEAR, "op": "in_last", "value": {"days": 100}},
    {"field": "metric.first_order", "over": YEAR, "op": "in_period", "value": {"unit": "quarter", "offset": -1}},
    {"field": "metric.first_order", "over": YEAR, "op": "anniversary_within", "value": WEEK},
    {"field": "metric.first_order", "op": "before_last", "value": {"years": 1}},
    {"field": "metric.last_order", "over": YEAR, "op": "lt", "value": "2026-01-01"},
    {"field": "metric.last_order", "over": MONTH, "op": "is_set"},
    {"field": "metric.last_order", "over": YEAR, "op": "not_in_last", "value": {"months": 2}},
    {"field": "metric.last_order", "op": "anniversary_within", "value": MONTH},
    {"all": [BIRTHDAY, LONG_AGO]},
    {"all": [{"field": "customer.created_on", "op": "before_last", "value": {"years": 30}}, BIRTHDAY]},
    {"field": "metric.days_since_order", "op": "gte", "value": 2**40},
]


def _pack(*conditions):
    dimensions = [
        {
            "key": f"d{index}",
            "label": {"zh": "维度", "en": "Dimension"},
            "classes": [{"key": "yes", "label": {"zh": "是", "en": "Yes"}, "when": condition}],
            "default": {"key": "no", "label": {"zh": "否", "en": "No"}},
        }
        for index, condition in enumerate(conditions)
    ]
    return parse_pack({"pack": "further", "version": 1, "dimensions": dimensions})


def _placed(pack, histories, as_of):
    """Return (class, next change) of each dimension, customer by customer."""
    frame = place(pack.schemes, people_frame(histories, FIELDS), events_frame(histories), as_of=as_of, zone=ZONE)
    return [
        [(row[f"class.{scheme.dimension}"], row[f"next_change.{scheme.dimension}"]) for scheme in pack.schemes]
        for row in frame.sort("customer").iter_rows(named=True)
    ]


def _next_changes(pack, histories, as_of):
    return [[day for _, day in placed] for placed in _placed(pack, histories, as_of)]


def _history(events=(), **fields):
    full = {ref: frozenset() if type_ is FieldType.SET else None for ref, type_ in FIELDS.items()}
    return History(full | {Ref(f"customer.{key}"): value for key, value in fields.items()}, events, ZONE)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(histories)
def test_classes_and_next_changes_are_those_of_the_core(histories):
    with patch.dict(METRICS, FURTHER):
        pack = _pack(*CONDITIONS)
        found = _placed(pack, histories, AS_OF)
        for history, placed in zip(histories, found, strict=True):
            facts = history.facts(pack.schemes, AS_OF)
            projection = Projection(history, pack.schemes, AS_OF)
            changes = [projection.next_change(scheme.dimension) for scheme in pack.schemes]
            classes = [facts[Ref(f"class.{scheme.dimension}")] for scheme in pack.schemes]
            assert placed == [
                (key, change[0] if change else None) for key, change in zip(classes, changes, strict=True)
            ]


@pytest.mark.parametrize(
    ("condition", "day"),
    [
        ({"field": "metric.largest", "over": MONTH, "op": "gte", "value": 500}, date(2026, 3, 22)),
        ({"field": "metric.largest", "over": MONTH, "op": "gte", "value": 300}, date(2026, 3, 27)),
        ({"field": "metric.largest", "over": MONTH, "op": "is_set"}, date(2026, 3, 27)),
        ({"field": "metric.first_order", "over": MONTH, "op": "gt", "value": "2026-02-10"}, date(2026, 3, 12)),
        ({"field": "metric.first_order", "over": MONTH, "op": "in_last", "value": {"days": 20}}, date(2026, 3, 2)),
        ({"field": "metric.last_order", "over": MONTH, "op": "gt", "value": "2026-02-20"}, date(2026, 3, 27)),
        ({"field": "metric.last_order", "over": MONTH, "op": "in_last", "value": WEEK}, date(2026, 3, 4)),
    ],
)
def test_a_window_gives_back_its_extremes_one_by_one(condition, day):
    orders = [(date(2026, 2, 10), 400), (date(2026, 2, 20), 500), (date(2026, 2, 25), 300)]
    history = _history([Event("order.placed", day, amount) for day, amount in orders])
    with patch.dict(METRICS, FURTHER):
        assert _next_changes(_pack(condition), [history], AS_OF) == [[day]]


def test_an_anniversary_waits_for_the_slowest_rule_however_many_customers_there_are():
    ordered = Event("order.placed", date(2026, 1, 1), 100)
    history = _history([ordered], birthday=date(1990, 3, 20))
    of_class = {"all": [{"field": "class.d0", "op": "eq", "value": "yes"}, LONG_AGO]}
    pack = _pack(BIRTHDAY, of_class, {"all": [BIRTHDAY, LONG_AGO]})
    found = _next_changes(pack, [history] * 20_001, AS_OF)
    assert {tuple(days) for days in found} == {(date(2026, 3, 19), date(2054, 3, 19), date(2054, 3, 19))}


def test_an_anniversary_waits_for_a_leap_year_over_the_turn_of_a_century():
    history = _history(birthday=date(2004, 2, 29), created_on=date(2003, 2, 28))
    only_in_leap_years = {"all": [BIRTHDAY, {"not": BIRTHDAY | {"field": "customer.created_on"}}]}
    assert _next_changes(_pack(only_in_leap_years), [history], date(2096, 3, 1)) == [[date(2104, 2, 29)]]
