"""One event, and the classes it moves in the same transaction."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.classification.samples import PACK, classes
from tests.factories import make_customer, make_event
from tests.scenes import rules_in_force
from zhike.classification.models import CustomerFacts, Placement
from zhike.classification.rules import rulebook, rulebook_of
from zhike.core.facts import FieldType
from zhike.core.text import Text
from zhike.customers.actions.fields import define_field
from zhike.timeline.actions import void
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def clock(settings: object) -> None:
    settings.ZHIKE_NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def rules(clock: None) -> None:
    rules_in_force(PACK)


def test_new_customer_stands_in_every_default() -> None:
    customer = make_customer(region="华东")

    assert classes(customer) == {"value": "regular", "care": "usual"}
    assert not Event.objects.filter(kind="class.changed").exists()


def test_event_moves_the_class_and_those_that_read_it() -> None:
    customer = make_customer(region="华东")

    order = make_event(customer, "order.placed", TODAY - timedelta(days=9), amount=1000)

    assert classes(customer) == {"value": "high", "care": "close"}
    placement = Placement.objects.get(customer=customer, dimension="value")
    assert placement.since == TODAY
    assert placement.reason == {"as_of": "2026-11-20", "values": {"metric.revenue@30": 1000}}
    # The order of the 11th counts up to the 10th of December.
    assert placement.next_flip_at == datetime(2026, 12, 10, 16, tzinfo=UTC)
    changes = Event.objects.filter(kind="class.changed").order_by("pk")
    assert [change.data for change in changes] == [
        {
            "dimension": "value",
            "from": "regular",
            "to": "high",
            "since": "2026-11-20",
            "source": "rule",
            "version": 1,
            "reason": {"as_of": "2026-11-20", "values": {"metric.revenue@30": 1000}},
            "cause": order.pk,
            "recomputed": "late",
        },
        {
            "dimension": "care",
            "from": "usual",
            "to": "close",
            "since": "2026-11-20",
            "source": "rule",
            "version": 1,
            "reason": {"as_of": "2026-11-20", "values": {"class.value": "high", "customer.region": "华东"}},
            "cause": order.pk,
            "recomputed": "late",
        },
    ]


def test_a_default_is_undetermined_until_something_is_known() -> None:
    customer = make_customer()

    def undetermined() -> dict[str, bool]:
        return dict(Placement.objects.filter(customer=customer).values_list("dimension", "undetermined"))

    assert undetermined() == {"value": True, "care": True}
    order = make_event(customer, "order.placed", TODAY, amount=500)
    assert classes(customer) == {"value": "regular", "care": "usual"}
    assert undetermined() == {"value": False, "care": True}
    void(order, by=None)
    assert undetermined() == {"value": True, "care": True}


def test_facts_keep_days_since_as_the_day() -> None:
    customer = make_customer()

    make_event(customer, "order.placed", date(2026, 11, 1), amount=500)

    facts = CustomerFacts.objects.get(customer=customer)
    assert facts.as_of == TODAY
    assert facts.values == {
        "metric.revenue": 500,
        "metric.revenue@30": 500,
        "metric.revenue@365": 500,
        "metric.orders": 1,
        "metric.orders@365": 1,
        "metric.days_since_order": "2026-11-01",
        "metric.days_since_created": "2026-11-20",
    }
    # The 30-day window loses the order on 1 December, Shanghai time.
    assert facts.next_flip_at == datetime(2026, 11, 30, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("_case", "region", "amount", "called", "expected"),
    [
        ("no class that asks for contact", "华北", 500, None, (None, None)),
        ("never in touch: from the first day", "华北", 1000, None, (14, date(2026, 12, 4))),
        ("from the last time we were in touch", "华北", 1000, date(2026, 11, 10), (14, date(2026, 11, 24))),
        ("the shortest cadence of several classes", "华东", 1000, date(2026, 11, 10), (7, date(2026, 11, 17))),
    ],
)
def test_the_day_to_be_in_touch_follows_the_classes(_case, region, amount, called, expected) -> None:
    customer = make_customer(region=region)
    if called:
        make_event(customer, "call.made", called)

    make_event(customer, "order.placed", TODAY, amount=amount)

    facts = CustomerFacts.objects.get(customer=customer)
    assert (facts.contact_every, facts.contact_due_on) == expected


def test_edit_moves_the_class() -> None:
    from zhike.customers.actions.customers import update_customer

    customer = make_customer(region="华北")
    make_event(customer, "order.placed", TODAY, amount=1000)

    update_customer(customer=customer, version=1, by=None, region="华东 ")

    assert classes(customer) == {"value": "high", "care": "close"}


def test_voided_event_moves_the_class_back() -> None:
    customer = make_customer()
    order = make_event(customer, "order.placed", TODAY, amount=1000)

    void(order, by=None, reason="录错了")

    assert classes(customer)["value"] == "regular"


def test_event_that_moves_nothing_writes_no_change() -> None:
    customer = make_customer()
    make_event(customer, "note.added", data={"text": "你好"})

    assert not Event.objects.filter(kind="class.changed").exists()


def test_event_dated_ahead_waits_for_its_day() -> None:
    customer = make_customer()

    make_event(
        customer,
        "order.placed",
        TODAY + timedelta(days=1),
        amount=1000,
    )

    assert classes(customer)["value"] == "regular"
    assert CustomerFacts.objects.get(customer=customer).next_flip_at == datetime(2026, 11, 20, 16, tzinfo=UTC)


def test_rules_that_are_kept_know_the_choices_that_a_field_was_given_since():
    def choices():
        define_field(key="tier", type_=FieldType.CHOICE, by=None)
        return rulebook().fields["custom.tier"].choices

    assert choices() is None
    define_field(key="tier", type_=FieldType.CHOICE, by=None, choices={"gold": Text("金", "Gold")})
    assert choices() == {"gold": Text("金", "Gold")}
    define_field(key="tier", type_=FieldType.CHOICE, by=None, choices={"silver": Text("银", "Silver")})
    assert choices() == {"gold": Text("金", "Gold"), "silver": Text("银", "Silver")}
    kept = rulebook_of.cache_info().misses
    make_customer()
    assert rulebook_of.cache_info().misses == kept  # placing one customer asks for the same rules
