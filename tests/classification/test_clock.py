"""Clocks that stand still, jump, or tell another zone's time: afterwards everybody is right, and dated truly."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.classification.deciding import NOW, TODAY, classes, pack, placement
from tests.factories import make_customer, make_event, make_people
from tests.scenes import once, rules_in_force
from zhike.accounts.actions import set_company
from zhike.classification.actions.overrides import override_class
from zhike.classification.batch import Outcome, drift
from zhike.classification.clock import Movement, clock_state, movements
from zhike.classification.due import place_due, place_lagging
from zhike.classification.models import CustomerFacts, Notification, Override, Placement, Sweep
from zhike.classification.queries import class_history
from zhike.timeline.actions import record
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rules(settings):
    settings.ZHIKE_NOW = NOW
    rules_in_force(pack())


@pytest.fixture
def people():
    return once("people", make_people)


@pytest.fixture
def customer(people):
    """Alice's customer, high until 19 December and low from 19 January on."""
    found = make_customer(owner=people.alice, created_on=date(2026, 11, 1))
    make_event(found, "order.placed", TODAY, amount=1500)
    return found


def told(customer, dimension="value"):
    """Return the changes as (day, from, to, when it came about, when it was written down)."""
    events = Event.objects.filter(customer=customer, kind="class.changed", data__dimension=dimension)
    return [
        (e.day, e.data["from"], e.data["to"], e.occurred_at, e.recorded_at)
        for e in events.exclude(voided_by__isnull=False).order_by("day", "pk")
    ]


def at(settings, *moment, zone="Asia/Shanghai"):
    settings.ZHIKE_NOW = datetime(*moment, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def midnight(*day):
    return datetime(*day, tzinfo=ZoneInfo("Asia/Shanghai"))


FIRST = (TODAY, "regular", "high", NOW, NOW)


def test_after_a_week_without_a_worker_each_change_is_dated_the_day_it_was_due(customer, settings):
    at(settings, 2026, 12, 27, 9, 30)

    assert place_due() == Outcome(customers=1, changed=2)

    back = settings.ZHIKE_NOW
    assert classes(customer) == {"value": "regular", "care": "usual"}
    due = date(2026, 12, 20)
    assert told(customer) == [FIRST, (due, "high", "regular", midnight(2026, 12, 20), back)]
    assert placement(customer).since == due
    assert drift() == []
    sweep = Sweep.objects.get()
    assert (sweep.customers, sweep.changed, sweep.lag) == (
        1,
        2,
        int(timedelta(days=7, hours=9, minutes=30).total_seconds()),
    )


def test_who_should_have_moved_twice_meanwhile_is_told_to_have_moved_twice(customer, settings):
    at(settings, 2027, 2, 1, 9)

    assert place_due() == Outcome(customers=2, changed=3, unchanged=1)

    back = settings.ZHIKE_NOW
    assert told(customer) == [
        FIRST,
        (date(2026, 12, 20), "high", "regular", midnight(2026, 12, 20), back),
        (date(2027, 1, 19), "regular", "low", midnight(2027, 1, 19), back),
    ]
    assert list(Notification.objects.filter(kind="changed").order_by("pk").values_list("day", "to_key"))[-2:] == [
        (date(2026, 12, 20), "regular"),
        (date(2027, 1, 19), "low"),
    ]
    assert drift() == []


def test_nobody_is_placed_as_of_a_day_before_their_last_change(customer, settings):
    """New rules may move somebody in the minute in which the clock is late."""
    Placement.objects.filter(customer=customer, dimension="value").update(class_key="low", since=date(2026, 12, 25))
    at(settings, 2026, 12, 27, 9)

    place_due()

    assert [(day, to) for day, _, to, _, _ in told(customer)] == [(TODAY, "high"), (date(2026, 12, 25), "regular")]


def test_a_clock_that_jumped_ahead_a_month_and_was_put_back_leaves_no_trace_in_the_history(customer, people, settings):
    override_class(
        customer=make_customer(owner=people.alice),
        dimension="value",
        class_key="low",
        reason="欠款",
        by=people.alice,
        expires_on=date(2026, 12, 1),
    )
    before = class_history(people.ada, customer.pk, "value")
    at(settings, 2026, 12, 25, 9)
    place_due()
    assert classes(customer)["value"] == "regular"
    assert Override.objects.get().end == "expired"

    settings.ZHIKE_NOW = NOW + timedelta(minutes=10)
    assert place_due() == Outcome()
    assert place_lagging().customers == 2

    assert classes(customer) == {"value": "high", "care": "close"}
    assert told(customer) == [FIRST]
    assert class_history(people.ada, customer.pk, "value") == before
    assert placement(customer).since == TODAY
    assert (Override.objects.get().ended_at, Placement.objects.filter(source="person").count()) == (None, 1)
    assert not Notification.objects.filter(created_at__gt=settings.ZHIKE_NOW).exists()
    voids = Event.objects.filter(kind="event.voided")
    assert {event.data["reason"] for event in voids} == {"电脑的时钟走快了，已经拨回"}
    assert drift() == []
    assert place_lagging() == Outcome()

    at(settings, 2026, 12, 20, 0, 1)
    place_due()
    assert [(day, to) for day, _, to, _, _ in told(customer)] == [(TODAY, "high"), (date(2026, 12, 20), "regular")]


def test_clocks_that_differ_by_minutes_take_nothing_back(customer, settings):
    settings.ZHIKE_NOW = NOW - timedelta(minutes=20)

    assert place_lagging() == Outcome()
    assert told(customer) == [FIRST]


# zone, an order on that day, and the instant at which it leaves the window of 30 days.
DST = [
    ("America/New_York", date(2026, 2, 6), datetime(2026, 3, 8, 5, tzinfo=UTC)),  # the day of 23 hours
    ("America/New_York", date(2026, 2, 7), datetime(2026, 3, 9, 4, tzinfo=UTC)),
    ("America/New_York", date(2026, 10, 2), datetime(2026, 11, 1, 4, tzinfo=UTC)),  # the day of 25 hours
    ("America/New_York", date(2026, 10, 3), datetime(2026, 11, 2, 5, tzinfo=UTC)),
    ("Africa/Cairo", date(2026, 3, 25), datetime(2026, 4, 23, 22, tzinfo=UTC)),  # a day without a midnight
    ("America/Sao_Paulo", date(2018, 10, 5), datetime(2018, 11, 4, 3, tzinfo=UTC)),  # the same
    ("Asia/Shanghai", date(2026, 3, 25), datetime(2026, 4, 23, 16, tzinfo=UTC)),
]


@pytest.mark.parametrize(("zone", "ordered", "leaves"), DST)
def test_a_day_begins_with_its_first_instant_in_every_zone(zone, ordered, leaves, settings):
    set_company(by=None, timezone=zone)
    settings.ZHIKE_NOW = datetime.combine(ordered, datetime.min.time(), ZoneInfo(zone)).astimezone(UTC) + timedelta(
        hours=12
    )
    customer = make_customer()
    record(customer, "order.placed", by=None, amount=1500)
    assert placement(customer).next_flip_at == leaves

    settings.ZHIKE_NOW = leaves - timedelta(seconds=1)
    assert place_due() == Outcome()
    settings.ZHIKE_NOW = leaves
    assert place_due().changed == 2
    assert told(customer)[-1][:3] == (ordered + timedelta(days=30), "high", "regular")
    for minutes in (1, 59, 60, 61, 120):
        settings.ZHIKE_NOW = leaves + timedelta(minutes=minutes)
        assert place_due() == Outcome()


@pytest.mark.parametrize(
    ("zone", "leaves"),
    [
        ("America/New_York", datetime(2026, 12, 20, 5, tzinfo=UTC)),
        ("Pacific/Auckland", datetime(2026, 12, 19, 11, tzinfo=UTC)),
    ],
)
def test_when_the_company_moves_its_midnights_move_along(customer, zone, leaves, settings):
    settings.ZHIKE_NOW = NOW + timedelta(hours=4)  # the same day in all three
    place_due()
    assert placement(customer).next_flip_at == midnight(2026, 12, 20)
    set_company(by=None, timezone=zone)

    assert place_due() == Outcome()
    assert placement(customer).next_flip_at == leaves
    assert CustomerFacts.objects.get(customer=customer).next_flip_at == leaves
    assert drift() == []
    settings.ZHIKE_NOW = leaves - timedelta(seconds=1)
    assert place_due() == Outcome()
    settings.ZHIKE_NOW = leaves
    assert place_due().changed == 2
    assert told(customer)[-1][0] == date(2026, 12, 20)


def test_the_page_knows_who_is_due_and_what_comes_next(customer, people, settings):
    assert (clock_state(people.alice).state, clock_state(people.alice).due) == ("never", 0)
    place_due()
    state = clock_state(people.alice)
    assert (state.state, state.next_at, state.next_customers) == ("on_time", midnight(2026, 12, 20), 1)
    assert clock_state(people.charlie).next_at is None

    at(settings, 2026, 12, 20, 0, 3)
    state = clock_state(people.alice)
    assert (state.state, state.due, state.lag) == ("stopped", 1, timedelta(minutes=3))
    place_due()
    state = clock_state(people.alice)
    assert (state.state, state.due, state.sweep.customers, state.sweep.day_customers) == ("on_time", 0, 1, 1)
    settings.ZHIKE_NOW += timedelta(minutes=1)
    place_due()
    sweep = clock_state(people.alice).sweep
    assert (sweep.customers, sweep.day_customers) == (0, 1)
    settings.ZHIKE_NOW += timedelta(minutes=1)
    CustomerFacts.objects.update(next_flip_at=midnight(2026, 12, 19))
    assert clock_state(people.alice).state == "behind"


def test_those_who_entered_and_left_are_counted_by_class(customer, people, settings):
    at(settings, 2026, 12, 20, 0, 3)
    place_due()
    day = date(2026, 12, 20)
    moved = {
        "value": {"regular": Movement(1, 0), "high": Movement(0, 1)},
        "care": {"usual": Movement(1, 0), "close": Movement(0, 1)},
    }
    assert movements(people.alice, since=day, until=day) == moved
    assert movements(people.charlie, since=day, until=day) == {}
    assert movements(people.alice, since=day + timedelta(days=1), until=day + timedelta(days=1)) == {}
