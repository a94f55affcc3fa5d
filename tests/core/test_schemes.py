from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.samples import CARE, TODAY, VALUE, days_ago, history_of, pack_of
from zhike.core.changes import ByEvent, ByField, ByTime, Teller, by_time, changes
from zhike.core.errors import PackError
from zhike.core.events import Event
from zhike.core.facts import Ref
from zhike.core.history import Fixed
from zhike.core.metrics import METRICS
from zhike.core.projection import Projection, next_flip
from zhike.core.schemes import in_dependency_order, is_undetermined, place
from zhike.core.text import Text

PACK = pack_of(VALUE, CARE)
SIX_ORDERS = [Event("order.placed", days_ago(80 + 10 * n), 10_000_00) for n in range(6)]


def class_of(dimension, history, day=TODAY):
    return history.facts(PACK.schemes, day)[Ref(f"class.{dimension}")]


@pytest.mark.parametrize(
    ("_case", "events", "expected"),
    [
        ("no orders", [], "regular"),
        ("large", [Event("order.placed", days_ago(364), 200_000_00)], "high"),
        ("large, but a day too long ago", [Event("order.placed", days_ago(365), 200_000_00)], "low"),
        (
            "large less a refund",
            [Event("order.placed", days_ago(5), 200_000_00), Event("order.refunded", TODAY, 1)],
            "regular",
        ),
        ("often and recently", SIX_ORDERS, "high"),
        ("small and old", [Event("order.placed", days_ago(90), 100)], "low"),
        ("small and fresh", [Event("order.placed", days_ago(89), 100)], "regular"),
    ],
)
def test_the_first_class_that_holds_wins(_case, events, expected):
    assert class_of("value", history_of(events)) == expected


def test_a_class_may_read_the_class_of_another_dimension():
    birthday = date(1990, 11, 20)
    assert class_of("care", history_of(SIX_ORDERS, birthday=birthday)) == "birthday"
    small = [Event("order.placed", days_ago(90), 100)]
    assert class_of("care", history_of(small, birthday=birthday, created_on=days_ago(300))) == "plain"


def test_a_class_that_people_fixed_is_the_one_that_others_read():
    history = history_of([Event("order.placed", days_ago(90), 100)], birthday=date(1990, 11, 20))
    history.fixed = {"value": Fixed("high")}
    assert class_of("value", history) == "high"
    assert class_of("care", history) == "birthday"


def test_dimensions_are_placed_after_those_they_read():
    assert [s.dimension for s in in_dependency_order(pack_of(CARE, VALUE).schemes)] == ["value", "care"]


def test_a_circle_of_dimensions_is_refused_by_name():
    def one(key, other):
        when = {"field": f"class.{other}", "op": "eq", "value": "yes"}
        label = {"zh": key, "en": key}
        return {
            "key": key,
            "label": label,
            "classes": [{"key": "yes", "label": label, "when": when}],
            "default": {"key": "no", "label": label},
        }

    with pytest.raises(PackError, match="in a circle: a → b → a"):
        pack_of(one("a", "b"), one("b", "a"))


@pytest.mark.parametrize(
    ("_case", "events", "expected"),
    [
        ("nothing known", [], True),
        ("ordered today", [Event("order.placed", TODAY, 0)], False),
        ("other dimensions' events", [Event("page.viewed", TODAY)], True),
    ],
)
def test_a_default_for_want_of_data_is_undetermined(_case, events, expected):
    history = history_of(events, created_on=days_ago(500))
    facts = history.facts(PACK.schemes, TODAY)
    scheme = PACK.schemes[0]
    assert is_undetermined(scheme, place(scheme, facts).key, facts) is expected


def test_a_class_that_holds_is_never_undetermined():
    facts = history_of().facts(PACK.schemes, TODAY)
    assert not is_undetermined(PACK.schemes[0], "high", facts)


def test_time_alone_moves_a_class_day_by_day():
    projection = Projection(history_of(SIX_ORDERS), PACK.schemes, TODAY)
    assert projection.classes("value") == [
        (TODAY, "high"),
        (days_ago(80) + timedelta(days=91), "regular"),
        (days_ago(80) + timedelta(days=365), "low"),
    ]
    assert projection.next_change("value") == (TODAY + timedelta(days=11), "regular")


def test_a_class_that_time_cannot_change_has_no_next_change():
    assert Projection(history_of(), PACK.schemes, TODAY).next_change("value") is None


def test_next_flip_is_the_day_on_which_the_answer_turns():
    high = PACK.schemes[0].get("high").when
    assert next_flip(high, history_of(SIX_ORDERS), TODAY) == TODAY + timedelta(days=11)
    assert next_flip(high, history_of(), TODAY) is None


events = st.lists(
    st.builds(
        Event,
        st.sampled_from(["order.placed", "order.refunded", "page.viewed", "call.made"]),
        st.integers(0, 400).map(days_ago),
        st.sampled_from([100, 1_000_00, 30_000_00, 150_000_00]),
    ),
    max_size=9,
)
days = st.integers(-800, 40).map(lambda n: TODAY + timedelta(days=n))


@settings(max_examples=40)
@given(
    events,
    st.none() | days,
    st.none() | st.integers(0, 366).map(lambda n: date(1992, 1, 1) + timedelta(days=n)),
    st.sampled_from([None, "company", "person"]),
)
def test_the_projection_is_what_placing_on_each_coming_day_gives(log, created_on, birthday, kind):
    history = history_of(log, created_on=created_on, birthday=birthday, kind=kind)
    projection = Projection(history, PACK.schemes, TODAY)
    steps = {dimension: dict(projection.classes(dimension)) for dimension in ("value", "care")}
    now = dict.fromkeys(steps, "")
    for ahead in range(430):
        day = TODAY + timedelta(days=ahead)
        facts = history.facts(PACK.schemes, day)
        for dimension, known in steps.items():
            now[dimension] = known.get(day, now[dimension])
            assert now[dimension] == facts[Ref(f"class.{dimension}")], (dimension, day)


def replay(history, change):
    """Return the history and the day in which the change has happened."""
    match change:
        case ByTime():
            return history, change.day
        case ByField():
            return history.with_field(change.ref, change.value), TODAY
        case ByEvent():
            metric = METRICS[change.metric]
            data = {metric.value: change.amount} if metric.value not in {"", "amount"} else {}
            amount = change.amount if metric.value == "amount" else 777
            event = Event(metric.kinds[0], TODAY, amount, data)
            return history.with_events([event] * change.count), TODAY


@given(events, st.sampled_from([None, "company", "person"]), st.sampled_from(["value", "care"]))
def test_every_change_that_is_told_comes_true_when_replayed(log, kind, dimension):
    history = history_of(log, kind=kind, created_on=days_ago(300))
    for change in changes(PACK.schemes, history, dimension, TODAY):
        after, day = replay(history, change)
        assert class_of(dimension, after, day) == change.to
        assert change.to != class_of(dimension, history)
        if isinstance(change, ByTime):
            assert class_of(dimension, history, day - timedelta(days=1)) == class_of(dimension, history)


@pytest.mark.parametrize(
    ("_case", "events", "zh", "en"),
    [
        (
            "high by frequency",
            SIX_ORDERS,
            ["11 月 30 日前没有新订单 → 普通客户"],
            ["no new order before Nov 30 → Standard"],
        ),
        (
            "one order short",
            SIX_ORDERS[:5],
            [
                "2027 年 8 月 31 日前没有新订单 → 低价值客户",
                "再下单 1 次 → 高价值客户",
                "成交额再增加 ¥150,000 → 高价值客户",
            ],
            [
                "no new order before 2027-08-31 → Low value",
                "1 more order → High value",
                "¥150,000 more revenue → High value",
            ],
        ),
        (
            "nothing yet",
            [],
            ["再下单 6 次 → 高价值客户", "成交额再增加 ¥200,000 → 高价值客户"],
            ["6 more orders → High value", "¥200,000 more revenue → High value"],
        ),
    ],
)
def test_changes_are_told_in_both_languages(_case, events, zh, en):
    found = changes(PACK.schemes, history_of(events), "value", TODAY)
    scheme, fields = PACK.schemes[0], PACK.fieldset()
    assert [Teller(scheme, fields, "zh").sentence(change, TODAY) for change in found] == zh
    assert [Teller(scheme, fields, "en").sentence(change, TODAY) for change in found] == en


@pytest.mark.parametrize(
    ("days", "zh", "en"),
    [
        (10, "10 天后将变为普通客户，除非有新订单", "Becomes Standard in 10 days if there is no new order"),
        (1, "明天将变为普通客户，除非有新订单", "Becomes Standard tomorrow if there is no new order"),
        (0, "今天将变为普通客户，除非有新订单", "Becomes Standard today if there is no new order"),
    ],
)
def test_what_time_will_do_is_a_warning_with_what_would_prevent_it(days, zh, en):
    change = by_time(PACK.schemes, history_of(SIX_ORDERS), "value", TODAY)
    assert change is not None
    day = change.day - timedelta(days=days)
    scheme, fields = PACK.schemes[0], PACK.fieldset()
    assert Teller(scheme, fields, "zh").warning(change, day) == zh
    assert Teller(scheme, fields, "en").warning(change, day) == en
    assert Teller(scheme, fields, "zh").warning(ByTime("low", TODAY), TODAY) == "今天将变为低价值客户"
    assert by_time(PACK.schemes, history_of([]), "value", TODAY) is None


def test_where_a_demotion_waits_time_leads_to_a_review():
    high, low = VALUE["classes"]
    ranked = {
        **VALUE,
        "classes": [high | {"rank": 3, "demote": "review"}, low | {"rank": 1}],
        "default": VALUE["default"] | {"rank": 2},
    }
    pack = pack_of(ranked)
    history = history_of(SIX_ORDERS)
    history.standing = {"value": "high"}
    found = by_time(pack.schemes, history, "value", TODAY)
    assert found == ByTime("regular", date(2026, 11, 30), (Text("新订单", "new order"),), is_asked=True)
    teller = Teller(pack.schemes[0], pack.fieldset(), "zh")
    assert teller.sentence(found, TODAY) == "11 月 30 日前没有新订单 → 普通客户（先待复核）"

    history = history_of(SIX_ORDERS)
    history.fixed = {"value": Fixed("high")}
    assert by_time(pack.schemes, history, "value", TODAY) is None


def test_a_field_that_would_change_the_class_is_named():
    history = history_of([Event("page.viewed", days_ago(1))], created_on=days_ago(300))
    found = changes(PACK.schemes, history, "care", TODAY)
    teller = Teller(PACK.schemes[1], PACK.fieldset(), "zh")
    assert "客户性质改为个人 → 在浏览" in [teller.sentence(change, TODAY) for change in found]
