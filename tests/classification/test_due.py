"""Time alone moves classes, and only of those whose time has come."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.classification.samples import PACK, classes
from tests.factories import make_customer, make_event
from tests.scenes import rules_in_force
from zhike.classification import few
from zhike.classification.actions.packs import install_pack
from zhike.classification.batch import Outcome
from zhike.classification.due import place_due, place_lagging
from zhike.classification.models import CustomerFacts, Placement
from zhike.classification.queries import out_of_step
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def start(settings):
    settings.ZHIKE_NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
    rules_in_force(PACK)


def test_class_falls_on_the_day_on_which_the_order_leaves_the_window(settings):
    customer = make_customer()
    make_event(customer, "order.placed", date(2026, 11, 11), amount=1000)
    make_customer("another")

    settings.ZHIKE_NOW = datetime(2026, 12, 10, 15, 59, 59, tzinfo=UTC)
    assert place_due() == Outcome()
    assert classes(customer)["value"] == "high"

    settings.ZHIKE_NOW = datetime(2026, 12, 10, 16, 0, tzinfo=UTC)
    assert place_due() == Outcome(customers=1, changed=1, unchanged=1)
    assert classes(customer)["value"] == "regular"
    event = Event.objects.get(kind="class.changed", data__to="regular")
    assert event.day == date(2026, 12, 11)
    assert event.data["reason"]["values"] == {"metric.revenue@30": 0}
    assert place_due() == Outcome()


@pytest.mark.parametrize("most", [0, few.MOST])
def test_nobody_is_due_twice(settings, most, monkeypatch):
    monkeypatch.setattr(few, "MOST", most)
    customer = make_customer()
    make_event(customer, "order.placed", date(2026, 11, 11), amount=1000)
    settings.ZHIKE_NOW = datetime(2030, 1, 1, tzinfo=UTC)

    place_due()

    assert CustomerFacts.objects.get(customer=customer).next_flip_at is None


def test_lagging_customers_are_noticed_and_caught_up():
    make_customer()
    Placement.objects.all().delete()
    CustomerFacts.objects.all().delete()

    assert out_of_step() == 1
    assert place_lagging() == Outcome(customers=1, entered=2)
    assert out_of_step() == 0


def test_new_rules_make_a_new_version_and_move_people():
    customer = make_customer()
    make_event(customer, "order.placed", date(2026, 11, 11), amount=1000)
    when = {"field": "metric.revenue", "over": {"days": 30}, "op": "gte", "value": 1001}
    first, second = PACK["dimensions"]
    changed = {**first, "classes": [{**first["classes"][0], "when": when}]}

    install_pack(pack={**PACK, "dimensions": [changed, second]}, by=None)

    assert classes(customer)["value"] == "regular"
    versions = list(Placement.objects.order_by("pk").values_list("dimension", "version__number"))
    assert versions == [("value", 2), ("care", 1)]
    assert Event.objects.filter(kind="class.changed", data__version=2).count() == 1


def test_dropped_dimension_leaves_nobody_behind():
    make_customer()

    install_pack(pack={**PACK, "dimensions": PACK["dimensions"][:1]}, by=None)

    assert set(Placement.objects.values_list("dimension", flat=True)) == {"value"}
