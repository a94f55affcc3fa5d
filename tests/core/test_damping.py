"""Classes that must hold for days: entered late, the same when told again, and under people's hands."""

from __future__ import annotations

import copy
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.samples import CARE, TODAY, VALUE, days_ago, history_of, pack_of
from zhike.core.damping import damp
from zhike.core.events import Event
from zhike.core.facts import Ref
from zhike.core.history import Fixed, History
from zhike.core.schemes import in_effect, place

VALUE_CLASS = Ref("class.value")


def damped(hold, data=VALUE, **changes):
    """Return the value dimension with days to hold by class key."""
    found = {**copy.deepcopy(data), **changes}
    for class_ in [*found["classes"], found["default"]]:
        class_["hold_days"] = hold.get(class_["key"], 1)
    return found


def order(days, amount=20_000_000):
    return Event("order.placed", days_ago(days), amount)


def value_on(schemes, history, day):
    return history.facts(schemes, day)[VALUE_CLASS]


@pytest.mark.parametrize(
    ("runs", "from_the_start", "expected"),
    [
        ([(1, "a"), (5, "b")], True, [(1, "a"), (7, "b")]),  # b holds three days: entered on the third
        ([(1, "a"), (5, "b"), (8, "a")], True, [(1, "a"), (7, "b"), (8, "a")]),
        ([(1, "a"), (5, "b"), (7, "a")], True, [(1, "a")]),  # two days of b are too few
        ([(1, "a"), (5, "b"), (7, "a"), (9, "b")], True, [(1, "a"), (11, "b")]),
        ([(1, "b"), (2, "a")], True, [(1, "b"), (2, "a")]),  # the first day of all needs no holding
        ([(1, "b"), (3, "a")], False, [(3, "a")]),  # what was before the first day is not known
        ([(1, "b"), (4, "a")], False, [(3, "b"), (4, "a")]),
        ([(1, "b")], False, [(3, "b")]),
    ],
)
def test_runs_shorter_than_their_class_demands_are_passed_over(runs, from_the_start, expected):
    def on(steps):
        return [(date(2026, 3, day), key) for day, key in steps]

    found = damp(on(runs), {"a": 1, "b": 3}.__getitem__, from_the_start=from_the_start)
    assert found == on(expected)


def test_a_customer_enters_a_class_on_the_day_on_which_it_has_held_long_enough():
    schemes = pack_of(damped({"high": 7})).schemes
    history = history_of([order(200, 300_000), order(10)])
    days = {ago: value_on(schemes, history, days_ago(ago)) for ago in (11, 10, 5, 4, 0)}
    assert days == {11: "regular", 10: "regular", 5: "regular", 4: "high", 0: "high"}


def test_the_day_of_entering_is_told_beforehand():
    schemes = pack_of(damped({"high": 7})).schemes
    history = history_of([order(200, 300_000), order(2)])
    projection = history.projection(schemes, TODAY)
    assert projection.classes("value")[:2] == [(TODAY, "regular"), (TODAY + timedelta(days=4), "high")]
    assert projection.next_turn("value") == TODAY + timedelta(days=4)


def test_a_first_day_needs_no_holding():
    schemes = pack_of(damped({"high": 7})).schemes
    assert value_on(schemes, history_of([order(0)]), TODAY) == "high"


def _oracle(schemes, history, day):
    """Place day by day from the first on, keeping the class until another has held long enough."""
    began = min(history.began() or day, day)
    held: dict[str, str] = {}
    runs: dict[str, tuple[str, int]] = {}
    for number in range((day - began).days + 1):
        now = began + timedelta(days=number)
        classes: dict[Ref, str] = {}
        for scheme in sorted(schemes, key=lambda s: any(r.source == "class" for r in s.refs())):
            values = {
                test.ref: history.value(test.ref, test.type, now)
                for c in scheme.classes
                if c.when is not None
                for test in _leaves(c.when)
                if test.ref.source != "class"
            }
            from zhike.core.facts import Facts

            key = place(scheme, Facts(values | classes, as_of=now, zone=history.zone)).key
            name = scheme.dimension
            before, length = runs.get(name, ("", 0))
            runs[name] = (key, length + 1 if key == before else 1)
            if name not in held or runs[name][1] >= scheme.get(key).hold_days:
                held[name] = key
            classes[Ref(f"class.{name}")] = held[name]
    return held


def _leaves(node):
    from zhike.core.conditions.nodes import leaves

    return leaves(node)


ages = st.one_of(st.integers(0, 130), st.sampled_from([0, 1, 6, 7, 8, 29, 30, 31, 89, 90, 91]))
_events = st.lists(
    st.builds(
        lambda ago, amount, kind: Event(kind, days_ago(ago), amount),
        ages,
        st.sampled_from([100_000, 20_000_000]),
        st.sampled_from(["order.placed", "order.refunded", "page.viewed"]),
    ),
    max_size=7,
)
FLICKER = {
    "key": "value",
    "label": {"zh": "价值", "en": "Value"},
    "classes": [
        {
            "key": "high",
            "label": {"zh": "高", "en": "High"},
            "when": {"field": "metric.revenue", "over": {"days": 30}, "op": "gte", "value": 200_000},
        },
        {
            "key": "low",
            "label": {"zh": "低", "en": "Low"},
            "when": {"field": "metric.days_since_order", "op": "in", "value": [1, 2, 3, 8]},
        },
    ],
    "default": {"key": "regular", "label": {"zh": "普通", "en": "Regular"}},
}


@settings(deadline=None, max_examples=75)
@given(
    _events,
    st.fixed_dictionaries({key: st.sampled_from([1, 2, 5, 14]) for key in ("high", "low", "regular")}),
    st.integers(0, 40),
)
def test_every_day_is_what_a_walk_from_the_first_day_gives(events, hold, ago):
    care = damped({"browsing": 3, "plain": 2}, CARE)
    schemes = pack_of(damped(hold, FLICKER), care).schemes
    history = history_of(events, kind="person", created_on=days_ago(100), birthday=date(1990, 11, 22))
    day = days_ago(ago)
    expected = _oracle(schemes, history, day)
    facts = history.facts(schemes, day)
    assert {s.dimension: facts[Ref(f"class.{s.dimension}")] for s in schemes} == expected


@settings(deadline=None, max_examples=60)
@given(_events, st.sampled_from([2, 5, 14]))
def test_the_next_change_is_true_when_the_clock_is_turned(events, hold):
    schemes = pack_of(damped({"high": hold, "regular": hold}, FLICKER)).schemes
    history = history_of(events)
    change = history.projection(schemes, TODAY).next_change("value")
    now = value_on(schemes, history, TODAY)
    if change is None:
        assert value_on(schemes, history, TODAY + timedelta(days=200)) == now
        return
    day, to = change
    assert value_on(schemes, history, day - timedelta(days=1)) == now
    assert value_on(schemes, history, day) == to != now


def _fixed(key, until=None, **standing):
    base = history_of([order(200, 300_000)])
    return History(base.fields, base.events, base.zone, fixed={"value": Fixed(key, until)}, standing=standing)


def test_what_a_person_set_holds_until_its_day_and_then_falls_back():
    schemes = pack_of(VALUE).schemes
    until = TODAY + timedelta(days=30)
    history = _fixed("high", until)
    facts, computed = history.placed(schemes, TODAY)
    assert (facts[VALUE_CLASS], computed) == ("high", {"value": "regular"})
    assert history.projection(schemes, TODAY).next_change("value") == (until, "regular")
    assert value_on(schemes, history, until) == "regular"


def test_what_the_rules_say_meanwhile_goes_on_and_turns_on_its_day():
    schemes = pack_of(VALUE).schemes
    projection = _fixed("high").projection(schemes, TODAY)
    assert projection.classes("value") == [(TODAY, "high")]
    # The order of 200 days ago leaves the year's window in 165 days: nothing is left of 3,000.
    assert projection.computed("value")[1] == (TODAY + timedelta(days=165), "low")
    assert projection.next_turn("value") == TODAY + timedelta(days=165)


RANKED = copy.deepcopy(VALUE)
for _class, _rank in zip([*RANKED["classes"], RANKED["default"]], (3, 1, 2), strict=True):
    _class["rank"] = _rank


@pytest.mark.parametrize(
    ("mode", "demote", "standing", "computed", "expected"),
    [
        ("auto", "now", "high", "low", "low"),
        ("auto", "review", "high", "low", "high"),
        ("auto", "review", "low", "high", "high"),  # upwards nothing waits
        ("auto", "review", "", "low", "low"),  # a new customer has nothing to keep
        ("auto", "review", "gone", "low", "low"),
        ("suggest", "now", "low", "high", "low"),
        ("suggest", "now", "", "high", "high"),
    ],
)
def test_what_waits_for_a_person_keeps_the_class_that_stands(mode, demote, standing, computed, expected):
    data = copy.deepcopy(RANKED)
    data["mode"] = mode
    data["classes"][0]["demote"] = demote
    (scheme,) = pack_of(data).schemes
    assert in_effect(scheme, computed, standing=standing) == expected


def test_a_demotion_that_waits_does_not_come_by_time_alone():
    data = copy.deepcopy(RANKED)
    data["classes"][0]["demote"] = "review"
    schemes = pack_of(data).schemes
    base = history_of([order(300)])
    history = History(base.fields, base.events, base.zone, standing={"value": "high"})
    projection = history.projection(schemes, TODAY)
    assert projection.classes("value") == [(TODAY, "high")]
    assert projection.next_turn("value") == TODAY + timedelta(days=65)
