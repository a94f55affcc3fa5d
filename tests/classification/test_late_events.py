"""What is recorded late, taken back or changed leads to exactly what would stand had all been known at once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.classification.deciding import CARE, NOW, TODAY, VALUE, classes
from tests.factories import SHANGHAI, make_customer, make_event
from tests.scenes import rules_in_force
from zhike.classification.batch import drift
from zhike.classification.models import CustomerFacts, Placement
from zhike.customers.actions.customers import update_customer
from zhike.timeline.actions import record_many, void
from zhike.timeline.models import Event
from zhike.timeline.rows import NewEvent

pytestmark = pytest.mark.django_db

# Windows, ages, a class that must hold for days, a field, and a class that reads another.
STEADY = {
    "key": "steady",
    "label": {"zh": "稳定", "en": "Steady"},
    "classes": [
        {
            "key": "often",
            "label": {"zh": "常来", "en": "Often"},
            "hold_days": 5,
            "when": {"field": "metric.interactions", "over": {"days": 14}, "op": "gte", "value": 2},
        },
        {
            "key": "near",
            "label": {"zh": "近", "en": "Near"},
            "hold_days": 2,
            "when": {
                "all": [
                    {"field": "customer.region", "op": "eq", "value": "华东"},
                    {"field": "class.value", "op": "ne", "value": "low"},
                ]
            },
        },
    ],
    "default": {"key": "other", "label": {"zh": "其余", "en": "Other"}},
}
PACK = {"pack": "late", "version": 1, "dimensions": [VALUE, CARE, STEADY]}
BEGAN = TODAY - timedelta(days=120)


@pytest.fixture(autouse=True)
def rules(settings):
    settings.ZHIKE_NOW = NOW
    rules_in_force(PACK)


def stands(customer):
    """Return everything that is stored of a customer's facts and classes, but not since when and why."""
    facts = CustomerFacts.objects.values_list("values", "as_of", "next_flip_at", "contact_every", "contact_due_on")
    columns = ("dimension", "class_key", "computed_key", "undetermined", "next_flip_at", "next_key", "falls")
    placed = Placement.objects.filter(customer=customer).order_by("dimension").values_list(*columns)
    return facts.get(customer=customer), list(placed)


def told():
    return list(Event.objects.filter(kind="class.changed").order_by("pk").values_list("pk", "day", "data"))


events = st.tuples(
    st.sampled_from(["order.placed", "order.placed", "order.refunded", "call.made", "message.received"]),
    st.one_of(st.integers(0, 110), st.sampled_from([0, 13, 14, 29, 30, 59, 60, 61])),
    st.sampled_from([300, 1000, 1500]),
    st.booleans(),
)


@st.composite
def lives(draw):
    """Return events (kind, days ago, amount, taken back later), and an order of recording and taking back."""
    found = draw(st.lists(events, min_size=1, max_size=6))
    steps = [("record", index) for index in range(len(found))]
    steps += [("void", index) for index, event in enumerate(found) if event[3]]
    order = draw(st.permutations([*steps, ("edit", 0)]))
    # Nothing can be taken back before it is there.
    early = [step for n, step in enumerate(order) if step[0] == "void" and ("record", step[1]) not in order[:n]]
    return found, [*(step for step in order if step not in early), *early]


def _record(customer, event):
    kind, ago, amount, _ = event
    paid = {"amount": amount} if kind.startswith("order") else {}
    return make_event(customer, kind, TODAY - timedelta(days=ago), **paid)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(lives())
def test_any_order_of_recording_leads_to_what_the_right_order_would_have(life):
    found, steps = life
    customer = make_customer(created_on=BEGAN, region="华北")
    recorded, before = {}, told()
    for step, index in steps:
        match step:
            case "record":
                recorded[index] = _record(customer, found[index])
            case "void":
                void(recorded[index], by=None)
            case "edit":
                update_customer(customer=customer, version=1, by=None, region="华东")
        now = told()
        assert now[: len(before)] == before
        before = now

    expected = make_customer(created_on=BEGAN, region="华东")
    for event in sorted((event for event in found if not event[3]), key=lambda event: -event[1]):
        _record(expected, event)
    assert stands(customer) == stands(expected)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(events, min_size=1, max_size=8), st.integers(0, 8))
def test_events_that_come_in_bulk_lead_to_the_same(found, split):
    one, many = (make_customer(created_on=BEGAN, region="华东") for _ in range(2))
    for event in found:
        _record(one, event)

    def rows(part):
        return [
            NewEvent(
                customer_id=many.pk,
                kind=kind,
                occurred_at=datetime.combine(TODAY - timedelta(days=ago), datetime.min.time(), SHANGHAI).astimezone(UTC)
                + timedelta(hours=1),
                amount=amount if kind.startswith("order") else None,
            )
            for kind, ago, amount, _ in part
        ]

    record_many(rows(found[split:]), by=None)
    record_many(rows(found[:split]), by=None)

    assert stands(one) == stands(many)
    assert drift([one.pk, many.pk]) == []


def test_history_says_what_was_recomputed_and_why_and_keeps_what_was_told():
    customer = make_customer(created_on=BEGAN)
    late = make_event(customer, "order.placed", TODAY - timedelta(days=3), amount=1500)
    first = told()
    taken_back = void(late, by=None, reason="录错了")

    assert [
        (data["to"], data["recomputed"], data["cause"]) for _, _, data in first if data["dimension"] == "value"
    ] == [("high", "late", late.pk)]
    again = told()
    assert again[: len(first)] == first
    assert [(d["to"], d["recomputed"], d["cause"]) for _, _, d in again[len(first) :] if d["dimension"] == "value"] == [
        ("regular", "voided", taken_back.pk)
    ]
    assert {day for _, day, _ in again} == {TODAY}


def test_an_import_of_old_events_says_that_it_recomputed_and_one_of_today_does_not():
    old, new = (make_customer(created_on=BEGAN) for _ in range(2))
    yesterday = NOW - timedelta(days=1)
    record_many(
        [
            NewEvent(customer_id=old.pk, kind="order.placed", occurred_at=yesterday, amount=1500),
            NewEvent(customer_id=new.pk, kind="order.placed", occurred_at=NOW, amount=1500),
            NewEvent(customer_id=new.pk, kind="call.made", occurred_at=NOW),
        ],
        by=None,
    )
    assert classes(old)["value"] == classes(new)["value"] == "high"
    moves = Event.objects.filter(kind="class.changed", data__dimension="value")
    assert {event.customer_id: event.data.get("recomputed") for event in moves} == {old.pk: "late", new.pk: None}


def test_rows_that_are_known_already_recompute_nothing():
    customer = make_customer(created_on=BEGAN)
    row = NewEvent(
        customer_id=customer.pk,
        kind="order.placed",
        occurred_at=NOW - timedelta(days=9),
        amount=300,
        key="1",
        source="f",
    )
    record_many([row], by=None)
    today = NewEvent(customer_id=customer.pk, kind="order.placed", occurred_at=NOW, amount=1500)
    record_many([row, today], by=None)

    move = Event.objects.get(kind="class.changed", data__dimension="value")
    assert "recomputed" not in move.data


def test_a_file_of_customers_that_changes_a_field_says_so():
    from zhike.customers.bulk import save_customers
    from zhike.timeline.actions import place_set_wise

    customer = make_customer(key="C1", created_on=date(2026, 1, 1), region="华北")
    saved = save_customers([{"key": "C1", "region": "华东"}], by=None)
    place_set_wise(saved.created)
    place_set_wise(saved.changed, recomputed="edited")

    move = Event.objects.get(kind="class.changed", customer=customer)
    assert (move.data["dimension"], move.data["to"], move.data["recomputed"]) == ("steady", "near", "edited")
