"""Placing many at once says exactly what placing one by one says."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.core.samples import dimension
from tests.factories import SHANGHAI, make_customer, make_event, make_user
from zhike.classification import batch, few
from zhike.classification.actions.packs import install_pack
from zhike.classification.batch import Outcome, drift, place_customers, place_everyone
from zhike.classification.models import CustomerFacts, Placement
from zhike.core.facts import FieldType
from zhike.customers.actions.fields import define_field
from zhike.customers.models import Customer
from zhike.timeline.actions import record_many
from zhike.timeline.kinds import KINDS
from zhike.timeline.models import Event
from zhike.timeline.rows import NewEvent

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
MONEY = ("order.placed", "order.refunded", "payment.received", "contract.signed", "quote.sent")
DATA = {
    "order.placed": lambda rng: {"line": rng.choice(["product", "service", ""])},
    "survey.answered": lambda rng: {"score": rng.choice(["4.5", "3", "2.25", ""])},
    "page.viewed": lambda rng: {"seconds": rng.randrange(600)},
    "points.earned": lambda rng: {"points": rng.randrange(600)},
}
OWN = dimension(
    "own",
    {
        "some": {
            "any": [
                {"field": "custom.seats", "op": "gte", "value": 10},
                {"field": "custom.rate", "op": "lt", "value": 1.5},
                {"field": "custom.note", "op": "contains", "value": "重要"},
                {"field": "custom.until", "op": "in_next", "value": {"days": 30}},
                {"field": "customer.tags", "op": "has_any", "value": ["VIP"]},
                {"field": "customer.birthday", "op": "anniversary_within", "value": {"days": 7}},
                {"field": "customer.owner", "op": "contains", "value": "alice"},
                {"field": "metric.satisfaction", "op": "gte", "value": 4.5},
            ]
        }
    },
    default="none",
)


@pytest.fixture(autouse=True)
def clock(settings):
    settings.ZHIKE_NOW = NOW


@pytest.fixture
def company(clock):
    """Forty customers with random fields and events, placed by nobody yet."""
    rng = random.Random(7)
    alice = make_user("alice")
    own = {"seats": FieldType.INTEGER, "rate": FieldType.DECIMAL, "note": FieldType.TEXT, "until": FieldType.DATE}
    for key, type_ in own.items():
        define_field(key=key, type_=type_, by=None)
    customers = [*(_customer(rng, alice) for _ in range(39)), make_customer()]
    record_many([event for customer in customers for event in _events(rng, customer)], by=None, place=False)
    return customers


def _customer(rng, alice):
    return make_customer(
        kind=rng.choice(["company", "person", ""]),
        size=rng.choice(["micro", "large", ""]),
        region=rng.choice(["华东", " 华 南", ""]),
        owner=rng.choice([alice, None]),
        tags=rng.choice([["vip"], ["其他"], []]),
        birthday=rng.choice([None, date(1990, 11, 22), date(1988, 2, 29), TODAY.replace(year=1980)]),
        created_on=rng.choice([None, TODAY, TODAY - timedelta(days=400)]),
        custom={
            "seats": rng.choice([None, 3, 10, 11]),
            "rate": rng.choice([None, "1.4999", "1.5", "2"]),
            "note": rng.choice([None, "非常重要", "一般"]),
            "until": rng.choice([None, "2026-11-20", "2026-11-21", "2026-12-20", "2027-01-01"]),
        },
    )


def _events(rng, customer):
    kinds = [kind for kind in KINDS if kind != "event.voided"]
    for _ in range(rng.choice([0, 1, 3, 30])):
        kind = rng.choice([*kinds, *MONEY, "call.made", "page.viewed", "order.placed"])
        day = TODAY + timedelta(days=rng.choice([1, 0, 0, -1, -29, -30, -31, -89, -90, -91, -364, -365, -366, -700]))
        yield NewEvent(
            customer_id=customer.pk,
            kind=kind,
            occurred_at=datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI),
            amount=rng.randrange(30_000_000) if kind in MONEY else None,
            data=DATA.get(kind, lambda _: {})(rng),
        )


def stored():
    facts = {
        f.customer_id: (f.values, f.as_of, f.next_flip_at, f.contact_every, f.contact_due_on)
        for f in CustomerFacts.objects.all()
    }
    placements = {
        (p.customer_id, p.dimension): (
            *(p.class_key, p.computed_key, p.source, p.since, p.version_id, p.undetermined, p.reason),
            *(p.next_flip_at, p.next_key, p.falls),
        )
        for p in Placement.objects.all()
    }
    return facts, placements


def pack():
    from zhike.packs import load_data

    data = load_data("general")
    return {**data, "dimensions": [*data["dimensions"], OWN]}


def test_batch_places_as_live_does(company):
    install_pack(pack=pack(), by=None)
    by_batch = stored()
    assert len(by_batch[1]) == 40 * 7
    assert {p.class_key for p in Placement.objects.filter(dimension="own")} == {"some", "none"}
    Placement.objects.all().delete()
    CustomerFacts.objects.all().delete()

    from zhike.classification.live import place_customer

    for customer in Customer.objects.select_related("owner"):
        place_customer(customer)

    assert stored() == by_batch


HANDFULS = pytest.mark.parametrize("most", [0, 400])


@pytest.fixture
def path(most, monkeypatch):
    """Place by frames, or one by one."""
    monkeypatch.setattr(few, "MOST", most)


def test_a_few_are_placed_as_many_are(company, monkeypatch):
    install_pack(pack=pack(), by=None)
    by_frames = stored()
    Placement.objects.all().delete()
    CustomerFacts.objects.all().delete()
    ids = [customer.pk for customer in company]
    monkeypatch.setattr(few, "MOST", len(ids))
    assert len(drift(ids[:3])) == 3 * 7
    assert place_customers(ids) == Outcome(customers=40, entered=280)
    assert stored() == by_frames
    assert drift(ids) == []


@HANDFULS
@pytest.mark.usefixtures("path")
def test_second_run_changes_nothing(company):
    install_pack(pack=pack(), by=None)
    before = stored()

    outcome = place_everyone()

    assert outcome == Outcome(customers=40, unchanged=280)
    assert stored() == before
    assert not Event.objects.filter(kind="class.changed", data__has_key="cause").exists()


@HANDFULS
@pytest.mark.usefixtures("path")
def test_statements_do_not_grow_with_customers(company):
    install_pack(pack=pack(), by=None)
    ids = [customer.pk for customer in company]

    with CaptureQueriesContext(connection) as of_two:
        place_customers(ids[:2])
    with CaptureQueriesContext(connection) as of_all:
        place_customers(ids)

    assert len(of_all) == len(of_two)


def test_bulk_events_place_once_for_all(company):
    install_pack(pack=pack(), by=None)
    events = [
        NewEvent(customer_id=customer.pk, kind="order.placed", occurred_at=NOW, amount=90_000_000)
        for customer in company
        for _ in range(3)
    ]

    assert record_many(events, by=None) == 120

    assert set(Placement.objects.filter(dimension="value").values_list("class_key", flat=True)) == {"high"}
    changed = Event.objects.filter(kind="class.changed", data__dimension="value", data__to="high")
    assert len(changed) == len(set(changed.values_list("customer", flat=True)))


def test_same_events_twice_are_recorded_once(company):
    events = [
        NewEvent(customer_id=company[0].pk, kind="order.placed", occurred_at=NOW, key=str(n), source="f")
        for n in range(3)
    ]

    assert record_many(events, by=None) == 3
    assert record_many(events, by=None) == 0


@HANDFULS
@pytest.mark.usefixtures("path")
def test_past_day_is_written_with_its_own_date():
    install_pack(pack="general", by=None)
    customer = make_customer()
    make_event(customer, "order.placed", date(2026, 3, 1), amount=90_000_000)
    Placement.objects.all().delete()

    for day in (date(2026, 2, 28), date(2026, 3, 2)):
        place_customers([customer.pk], as_of=day)

    value = Placement.objects.get(customer=customer, dimension="value")
    assert (value.class_key, value.since) == ("high", date(2026, 3, 2))
    event = Event.objects.get(kind="class.changed", data__dimension="value", day=date(2026, 3, 2))
    assert (event.data["from"], event.data["to"]) == ("regular", "high")
    assert event.occurred_at == datetime(2026, 3, 2, 15, 59, 59, tzinfo=UTC)


@HANDFULS
@pytest.mark.usefixtures("path")
def test_what_stands_already_is_not_written_again(company, settings):
    install_pack(pack="general", by=None)
    moved = company[0]
    event = NewEvent(customer_id=moved.pk, kind="order.placed", occurred_at=NOW, amount=10**9)
    record_many([event], by=None, place=False)
    settings.ZHIKE_NOW = NOW + timedelta(minutes=1)
    place_everyone()
    assert list(CustomerFacts.objects.filter(placed_at__gt=NOW).values_list("customer", flat=True)) == [moved.pk]


def test_other_kinds_may_keep_any_text_where_one_keeps_a_number(company):
    install_pack(pack="general", by=None)
    make_event(company[0], "visit.made", data={"score": "abc", "points": '1,"2'})
    assert place_everyone().customers == len(company)


def unplaced(customers):
    for _ in range(customers):
        make_customer()
    Placement.objects.all().delete()
    CustomerFacts.objects.all().delete()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("lanes", [1, 3])
def test_chunks_side_by_side_place_everyone_once(lanes, monkeypatch):
    monkeypatch.setattr(batch, "CHUNK", 2)
    monkeypatch.setattr(batch, "LANES", lanes)
    install_pack(pack="general", by=None)
    unplaced(7)
    told = []
    first = place_everyone(progress=lambda done, total: told.append((done, total)))
    assert (first.customers, first.entered, told[-1]) == (7, 42, (7, 7))
    assert place_everyone() == Outcome(customers=7, unchanged=42)
    assert Placement.objects.count() == 42


@pytest.mark.django_db(transaction=True)
def test_a_run_that_is_told_to_stop_leaves_whole_chunks(monkeypatch):
    monkeypatch.setattr(batch, "CHUNK", 2)
    install_pack(pack="general", by=None)
    unplaced(20)

    def stop(done: int, _total: int) -> None:
        if done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place_everyone(progress=stop)
    placed = CustomerFacts.objects.count()
    assert 4 <= placed <= 20
    assert (placed % 2, Placement.objects.count()) == (0, 6 * placed)
    assert place_everyone().entered == 6 * (20 - placed)
