"""The engine and the core say the same of the same histories: facts, classes, next changes."""

from __future__ import annotations

import copy

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conformance import ZONE
from tests.core.samples import CARE, dimension, pack_of
from tests.engine.frames import cell, events_frame, people_frame
from tests.engine.histories import AS_OF, FIELDS, histories
from zhike.core.conditions.nodes import leaves
from zhike.core.facts import Ref
from zhike.core.metrics import METRICS
from zhike.core.projection import Projection
from zhike.engine.facts import build, needed
from zhike.engine.place import place
from zhike.packs import load_pack

# Rules of every sort that time moves: windows, ages, relative dates, anniversaries, other classes.
DIMENSIONS = (
    dimension(
        "care",
        {
            "birthday": CARE["classes"][0]["when"],
            "fresh": {
                "any": [
                    {"field": "customer.created_on", "op": "in_last", "value": {"months": 1}},
                    {"field": "customer.created_on", "op": "in_period", "value": {"unit": "quarter", "offset": 1}},
                    {"field": "customer.created_on", "op": "after_next", "value": {"weeks": 2}},
                ]
            },
            "steady": {
                "all": [
                    {"field": "metric.orders", "over": {"days": 60}, "op": "between", "value": [1, 3]},
                    {"not": {"field": "metric.days_since_created", "op": "gt", "value": 45}},
                    {"field": "customer.created_on", "op": "not_in_last", "value": {"days": 5}},
                ]
            },
        },
        default="plain",
    ),
    dimension(
        "value",
        {
            "high": {
                "any": [
                    {"field": "metric.revenue", "over": {"days": 365}, "op": "gte", "value": 20000000},
                    {"field": "metric.average_order", "over": {"days": 90}, "op": "gt", "value": 200000},
                    {"field": "metric.satisfaction", "over": {"days": 30}, "op": "gte", "value": 3},
                ]
            },
            "low": {
                "any": [
                    {"field": "metric.order_days", "over": {"days": 90}, "op": "eq", "value": 0},
                    {"field": "metric.days_since_order", "op": "in", "value": [3, 30, 31]},
                    {"field": "metric.revenue", "over": {"days": 30}, "op": "lt", "value": 0},
                ]
            },
        },
        default="regular",
    ),
)
CLOCKWORK = pack_of(*DIMENSIONS)


def _pack(**changes):
    """Return the clockwork pack with other ways to enter and leave the classes of `value`."""
    care, value = copy.deepcopy(DIMENSIONS)
    for class_ in [*value["classes"], value["default"]]:
        class_.update(changes.get(class_["key"], {}))
    return pack_of(care | changes.get("care", {}), value | changes.get("value", {}))


_RANKS = {"high": {"rank": 3, "demote": "review"}, "regular": {"rank": 2, "demote": "review"}, "low": {"rank": 1}}
PEOPLE = {
    "reviewed": _pack(**_RANKS),
    "suggested": _pack(value={"mode": "suggest"}, care={"mode": "suggest"}),
    "damped": _pack(high={"hold_days": 7}, low={"hold_days": 3}, regular={"hold_days": 2}),
    "all": _pack(high={"hold_days": 5, **_RANKS["high"]}, regular=_RANKS["regular"], low={"hold_days": 2, "rank": 1}),
}
PACKS = {"clockwork": CLOCKWORK, "general": load_pack("general"), "retail": load_pack("retail"), **PEOPLE}


def _placed(pack, histories):
    frame = place(pack.schemes, people_frame(histories, FIELDS), events_frame(histories), as_of=AS_OF, zone=ZONE)
    return list(frame.sort("customer").iter_rows(named=True))


@settings(max_examples=75, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.sampled_from(sorted(PACKS)), histories)
def test_classes_and_next_changes_are_those_of_the_core(name, histories):
    pack = PACKS[name]
    rows = _placed(pack, histories)
    for history, row in zip(histories, rows, strict=True):
        facts, computed = history.placed(pack.schemes, AS_OF)
        projection = Projection(history, pack.schemes, AS_OF)
        for scheme in pack.schemes:
            key = scheme.dimension
            assert row[f"class.{key}"] == facts[Ref(f"class.{key}")]
            assert row[f"computed.{key}"] == computed[key]
            turn = projection.next_turn(key)
            then = [step for day, step in projection.computed(key) if turn and day <= turn]
            assert row[f"next_change.{key}"] == turn
            assert row[f"next_class.{key}"] == (then[-1] if then else None)


WINDOWS = (None, 1, 14, 30, 90, 365)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories)
def test_every_metric_over_every_window_is_the_cores(histories):
    from zhike.engine.facts import Needed

    refs = [Ref(f"metric.{m.key}", days) for m in METRICS.values() for days in (WINDOWS if m.windowed else (None,))]
    types = {ref: METRICS[ref.name].type for ref in refs}
    frame = build(
        people_frame(histories, FIELDS), events_frame(histories), [Needed(ref, types[ref]) for ref in refs], AS_OF
    )
    for history, row in zip(histories, frame.sort("customer").iter_rows(named=True), strict=True):
        for ref in refs:
            assert row[str(ref)] == cell(history.value(ref, types[ref], AS_OF), types[ref]), ref


def test_facts_are_only_those_that_the_conditions_read():
    tests = [t for s in CLOCKWORK.schemes for c in s.classes if c.when for t in leaves(c.when)]
    assert [str(item.ref) for item in needed(tests)] == [
        "customer.birthday",
        "customer.created_on",
        "metric.average_order@90",
        "metric.days_since_created",
        "metric.days_since_order",
        "metric.order_days@90",
        "metric.orders@60",
        "metric.revenue@30",
        "metric.revenue@365",
        "metric.satisfaction@30",
    ]
