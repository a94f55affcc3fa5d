"""Writes at the same moment are done one after the other; nobody waits in a circle."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection

from tests.classification.samples import PACK
from tests.factories import make_customer
from zhike.base.clock import now
from zhike.classification.actions.packs import install_pack
from zhike.classification.batch import drift
from zhike.classification.due import place_due
from zhike.classification.models import CustomerFacts, Placement
from zhike.customers.actions.contacts import add_contact
from zhike.customers.actions.customers import create_customer
from zhike.customers.models import Contact
from zhike.timeline.actions import record, record_many
from zhike.timeline.models import Event
from zhike.timeline.rows import NewEvent

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works):
    """Run all of these at the same moment, each on a connection of its own."""
    barrier = Barrier(len(works))

    def run(work):
        try:
            barrier.wait()
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(run, work) for work in works]:
            done.result(timeout=60)


def order(customer):
    return lambda: record(customer, "order.placed", by=None, amount=300)


def test_events_of_one_customer_see_each_other():
    install_pack(pack=PACK, by=None)
    customer = make_customer()

    at_once(*[order(customer) for _ in range(4)])

    assert CustomerFacts.objects.get(customer=customer).values["metric.revenue@30"] == 1200
    assert Placement.objects.get(customer=customer, dimension="value").class_key == "high"
    assert Event.objects.filter(kind="class.changed", data__dimension="value").count() == 1


def test_single_and_bulk_writes_of_the_same_customers():
    install_pack(pack=PACK, by=None)
    customers = [make_customer() for _ in range(6)]

    def bulk(rows):
        events = [NewEvent(customer_id=c.pk, kind="order.placed", occurred_at=now(), amount=300) for c in rows]
        return lambda: record_many(events, by=None)

    at_once(bulk(customers), bulk(customers[::-1]), *[order(c) for c in customers], place_due)

    assert {f.values["metric.revenue@30"] for f in CustomerFacts.objects.all()} == {900}
    assert drift() == []


def test_one_key_sent_twice_at_once_is_one_event():
    install_pack(pack=PACK, by=None)
    customer = make_customer()
    seen = []

    def send():
        seen.append(record(customer, "call.made", by=None, source="form", key="1").pk)

    at_once(send, send, send)

    assert len(set(seen)) == 1
    assert Event.objects.filter(kind="call.made").count() == 1


def test_one_form_sent_twice_at_the_same_moment_makes_one_customer_and_one_contact():
    form_key, made = uuid4(), []

    at_once(*[lambda: made.append(create_customer(by=None, form_key=form_key, name="甲"))] * 4)

    assert len({customer.pk for customer in made}) == 1
    assert sorted(customer.is_repeat for customer in made) == [False, True, True, True]
    assert Event.objects.filter(kind="customer.created").count() == 1

    at_once(*[lambda: add_contact(customer=made[0], by=None, form_key=form_key, name="乙")] * 4)

    assert Contact.objects.count() == 1
