"""What a pack would do is counted before anybody puts it in force, and comes true afterwards."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.factories import make_customer, make_event, make_people
from zhike.base.clock import today
from zhike.classification import pack_preview
from zhike.classification.actions.packs import install_pack
from zhike.classification.batch import place_everyone
from zhike.classification.models import KeptMetric, Placement
from zhike.classification.pack_preview import preview_pack
from zhike.classification.packs import pack_of_today
from zhike.core.facts import Ref
from zhike.customers.bulk import save_customers
from zhike.customers.models import Customer
from zhike.packs import load_pack
from zhike.packs.samples import load_sample
from zhike.timeline.actions import record_many
from zhike.timeline.rows import NewEvent

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("Asia/Shanghai")
RETAIL = load_pack("retail")


def move_in(name, owner):
    """Bring the sample of a pack in as customers of somebody, their own fields left out."""
    sample = load_sample(name, today(ZONE))
    rows = [
        {"key": c.key, "name": c.name, "kind": c.kind, "size": c.size, "tags": c.tags, "birthday": c.birthday}
        | {"created_on": c.created_on, "owner": owner}
        for c in sample.customers
    ]
    ids = save_customers(rows, by=None).ids
    events = [
        NewEvent(
            customer_id=ids[c.key],
            kind=e.kind,
            occurred_at=datetime.combine(e.day, time(), ZONE),
            amount=e.amount,
            data=e.data,
        )
        for c in sample.customers
        for e in c.events
    ]
    record_many(events, by=None, place=False)
    place_everyone()


def placed():
    """Return what the rules in force say: a demotion may wait for a person besides."""
    sizes: dict[str, Counter[str]] = {}
    for dimension, key in Placement.objects.values_list("dimension", "computed_key"):
        sizes.setdefault(dimension, Counter())[key] += 1
    return sizes


def undetermined():
    rows = Placement.objects.filter(undetermined=True).values_list("dimension", flat=True)
    return Counter(rows)


@pytest.mark.parametrize(("before", "after"), [("general", "b2b"), ("b2b", "general"), ("retail", "education")])
def test_what_is_foretold_comes_true(before, after):
    people = make_people()
    install_pack(pack=before, by=None)
    move_in(after, people.alice)

    foretold = preview_pack(pack_of_today(after), people.ada)
    install_pack(pack=after, by=None)

    customers = Customer.objects.count()
    assert foretold.customers == customers
    assert {d: sizes.counted for d, sizes in foretold.dimensions.items()} == dict.fromkeys(placed(), customers)
    assert {d: Counter(sizes.classes) for d, sizes in foretold.dimensions.items()} == {
        d: Counter(dict.fromkeys(foretold.dimensions[d].classes, 0) | sizes) for d, sizes in placed().items()
    }
    assert Counter({d: sizes.undetermined for d, sizes in foretold.dimensions.items()}) == undetermined()


def test_the_database_and_the_engine_count_alike(monkeypatch):
    """The pack in force needs no figure that is not stored; taken away, everything is worked out."""
    people = make_people()
    install_pack(pack="general", by=None)
    move_in("general", people.alice)
    pack = load_pack("general")
    counted = preview_pack(pack, people.ada)
    monkeypatch.setattr(pack_preview, "_missing", lambda schemes: {s.dimension: (Ref("x"),) for s in schemes})
    worked_out = preview_pack(pack, people.ada)

    assert all(sizes.missing == () for sizes in counted.dimensions.values())
    for dimension, sizes in counted.dimensions.items():
        other = worked_out.dimensions[dimension]
        assert (sizes.classes, sizes.undetermined) == (other.classes, other.undetermined)
        assert sizes.undetermined == undetermined()[dimension]


def test_figures_that_are_not_stored_are_named_and_a_limited_number_is_worked_out():
    people = make_people()
    install_pack(pack="retail", by=None)
    for _ in range(5):
        make_event(make_customer(owner=people.alice), "order.placed", today(ZONE) - timedelta(days=3), amount=900)
    pack = load_pack("b2c")

    found = preview_pack(pack, people.ada, limit=3)

    assert found.customers == 5
    assert (found.dimensions["activity"].counted, found.dimensions["activity"].missing) == (5, ())
    assert found.dimensions["activity"].classes == {"new": 5, "active": 0, "dormant": 0, "lost": 0}
    frequency = found.dimensions["frequency"]
    assert frequency.counted == 3
    assert frequency.missing == (Ref("metric.order_days", 180), Ref("metric.order_days", 90))
    assert frequency.classes == {"frequent": 0, "steady": 0, "occasional": 3, "paused": 0}


def test_figures_that_are_being_filled_are_not_stored_yet():
    people = make_people()
    install_pack(pack="retail", by=None)
    KeptMetric.objects.create(ref="metric.order_days@90", done=0, total=1)
    KeptMetric.objects.create(ref="metric.order_days@180", complete=True)

    found = preview_pack(load_pack("b2c"), people.ada)

    assert found.dimensions["frequency"].missing == (Ref("metric.order_days", 90),)


def test_only_the_customers_that_one_may_see_are_counted():
    people = make_people()
    install_pack(pack="general", by=None)
    make_customer(owner=people.alice)
    make_customer(owner=people.charlie)

    assert preview_pack(RETAIL, people.alice).customers == 1
    assert preview_pack(RETAIL, people.ada).dimensions["status"].classes == {"loyal": 0, "won": 0, "prospect": 2}
    assert preview_pack(RETAIL, people.alice).dimensions["status"].classes == {"loyal": 0, "won": 0, "prospect": 1}


def test_looking_writes_nothing():
    people = make_people()
    install_pack(pack="retail", by=None)
    make_customer(owner=people.alice)
    before = list(Placement.objects.values())

    preview_pack(load_pack("education"), people.ada)

    assert list(Placement.objects.values()) == before
    assert not KeptMetric.objects.exists()
