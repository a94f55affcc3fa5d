"""What is stored is what the rules give; where it is not, every difference is named, and nothing is written."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.classification.deciding import NOW, TODAY, pack
from tests.factories import make_customer, make_event
from tests.scenes import rules_in_force
from zhike.classification import audit as audits
from zhike.classification.actions.packs import install_pack
from zhike.classification.audit import Difference, audit
from zhike.classification.models import CustomerFacts, Placement, Scheme
from zhike.classification.tasks import look_for_differences
from zhike.cli import check_placements

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rules(settings):
    settings.ZHIKE_NOW = NOW
    rules_in_force(pack())


@pytest.fixture
def customers():
    made = [make_customer(created_on=TODAY - timedelta(days=ago)) for ago in (400, 40, 0)]
    make_event(made[0], "order.placed", TODAY - timedelta(days=70), amount=700)
    make_event(made[1], "order.placed", TODAY - timedelta(days=9), amount=1500)
    make_event(made[1], "call.made", TODAY)
    return made


def test_an_untouched_installation_has_no_difference(customers, settings):
    assert audit() == audits.Audit(customers=3, by_core=3)
    settings.ZHIKE_NOW = NOW + timedelta(days=20)  # values that count from a day are as true as before
    assert audit().differences == []
    assert audit(sample=2).customers == 2
    assert audit(sample=99).customers == 3


def test_a_class_that_was_tampered_with_is_named(customers):
    Placement.objects.filter(customer=customers[1], dimension="value").update(class_key="low", next_key="high")
    assert audit().differences == [
        Difference(customers[1].pk, "value", "class_key", "low", "high"),
        Difference(customers[1].pk, "value", "next_key", "high", "regular"),
        # What reads the class is worked out from the right one.
    ]
    assert Placement.objects.get(customer=customers[1], dimension="value").class_key == "low"


def test_a_fact_that_was_tampered_with_is_named(customers):
    facts = CustomerFacts.objects.get(customer=customers[1])
    facts.values |= {"metric.revenue@30": 1, "metric.days_since_order": "2026-11-01", "metric.gone": 7}
    facts.contact_due_on = TODAY
    facts.save()
    assert sorted(audit().differences) == [
        Difference(customers[1].pk, "facts", "contact_due_on", "2026-11-20", None),
        Difference(customers[1].pk, "facts", "metric.days_since_order", "2026-11-01", "2026-11-11"),
        Difference(customers[1].pk, "facts", "metric.revenue@30", 1, 1500),
    ]


def test_an_event_that_nobody_placed_is_found(customers):
    from zhike.timeline.actions import record_many
    from zhike.timeline.rows import NewEvent

    order = NewEvent(customer_id=customers[0].pk, kind="order.placed", occurred_at=NOW, amount=2000)
    record_many([order], by=None, place=False)
    found = audit().differences
    assert {difference.customer for difference in found} == {customers[0].pk}
    assert Difference(customers[0].pk, "value", "class_key", "low", "high") in found
    assert Difference(customers[0].pk, "facts", "metric.orders", 1, 2) in found


def test_what_the_program_knows_of_says_why(customers, settings):
    CustomerFacts.objects.filter(customer=customers[2]).delete()
    Placement.objects.filter(customer=customers[2]).delete()
    assert {difference.why for difference in audit().differences} == {"new"}
    install_pack(pack=pack(), by=None)

    settings.ZHIKE_NOW = NOW + timedelta(days=25)
    found = audit().differences
    assert {(difference.customer, difference.why) for difference in found} == {(customers[1].pk, "due")}

    settings.ZHIKE_NOW = NOW
    CustomerFacts.objects.filter(customer=customers[1]).update(placed_at=NOW + timedelta(days=2), values={})
    assert {difference.why for difference in audit().differences} == {"ahead"}
    CustomerFacts.objects.filter(customer=customers[1]).update(placed_at=NOW)
    Scheme.objects.filter(dimension="value").update(pending_since=NOW - timedelta(minutes=1))
    assert {difference.why for difference in audit().differences} == {"rules"}


def test_frames_and_core_that_disagree_are_found(customers, monkeypatch):
    decide = audits.decide

    def otherwise(customer, rules, history, as_of):
        placed = decide(customer, rules, history, as_of)
        first, *rest = placed.decisions
        return (
            placed._replace(decisions=[first._replace(class_key="low"), *rest])
            if customer == customers[1].pk
            else placed
        )

    monkeypatch.setattr(audits, "decide", otherwise)
    (found,) = audit().differences
    assert (found.customer, found.where, found.what) == (customers[1].pk, "value", "core")
    assert (found.stored[1], found.computed[1]) == ("high", "low")


def test_it_writes_nothing_and_asks_set_wise(customers):
    with CaptureQueriesContext(connection) as few:
        audit()
    for _ in range(5):
        make_event(make_customer(), "order.placed", TODAY, amount=10)
    with CaptureQueriesContext(connection) as many:
        audit()
    assert len(many) == len(few)
    assert not [query for query in many if query["sql"].split()[0] in {"INSERT", "UPDATE", "DELETE"}]


@pytest.mark.django_db(transaction=True)
def test_each_chunk_is_read_from_one_moment(settings):
    from django.db import Error

    with audits._snapshot():
        seen = CustomerFacts.objects.count()
        with pytest.raises(Error):
            CustomerFacts.objects.all().delete()
    assert seen == 0


def test_once_a_week_differences_are_written_into_the_log(customers, caplog):
    assert look_for_differences.func(0) == 0
    Placement.objects.filter(customer=customers[1], dimension="value").update(class_key="low")
    assert look_for_differences.func(0) == 1
    assert "placements differ" in caplog.text
    assert "class_key" in caplog.text


def test_the_command_tells_each_difference(customers):
    Placement.objects.filter(customer=customers[1], dimension="value").update(class_key="low")
    found = audit()
    document = json.loads(json.dumps(check_placements._document(found)))
    assert (document["ok"], document["customers"], document["compared_with_core"]) == (False, 3, 3)
    assert document["differences"] == [
        {
            "customer": customers[1].pk,
            "where": "value",
            "what": "class_key",
            "stored": "low",
            "computed": "high",
            "why": "",
        }
    ]
    line, summary = check_placements._lines(found)
    assert line == f"✗ 客户 {customers[1].pk} · value · class_key：存的是 low，算得 high（原因不明）"
    assert summary == "比较了 3 位客户，其中 3 位另用逐个计算核对：1 位有 1 处不同。"
    many = audits.Audit(60, 0, found.differences * 60)
    assert list(check_placements._lines(many))[50] == "  还有 10 处。"
