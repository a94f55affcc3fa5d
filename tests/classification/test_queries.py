"""What pages ask about classes."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.classification.samples import PACK
from tests.factories import SHANGHAI, make_customer, make_event, make_people
from tests.scenes import once, rules_in_force
from zhike.base.errors import NotFound
from zhike.classification.actions.overrides import override_class
from zhike.classification.batch import drift
from zhike.classification.due import place_due
from zhike.classification.models import Placement
from zhike.classification.queries import (
    Stretch,
    changes_by,
    class_history,
    class_sizes,
    reasons_then,
    recent_changes,
    standings_of,
    story,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def start(settings):
    settings.ZHIKE_NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
    rules_in_force(PACK)


@pytest.fixture
def people():
    return once("people", make_people)


@pytest.fixture
def customer(people):
    found = make_customer("甲", owner=people.alice, created_on=date(2026, 1, 5))
    make_event(found, "order.placed", date(2026, 11, 11), amount=1500)
    return found


def test_standings_of_many_take_one_query(people, customer):
    ids = [customer.pk, *(make_customer(owner=people.alice).pk for _ in range(3))]

    with CaptureQueriesContext(connection) as queries:
        found = standings_of(people.alice, ids)

    assert len(queries) == 2  # one of them says whom she reaches, once a request
    assert sorted(found) == sorted(ids)
    assert found[customer.pk] == {
        "value": ("high", "high", "rule", False),
        "care": ("usual", "usual", "rule", True),
    }
    assert standings_of(people.charlie, ids) == {}


def test_sizes_count_what_the_person_may_see(people, customer):
    make_customer(owner=people.charlie)

    assert class_sizes(people.ada) == {"value": {"high": (1, 0), "regular": (1, 1)}, "care": {"usual": (2, 2)}}
    assert class_sizes(people.alice) == {"value": {"high": (1, 0)}, "care": {"usual": (1, 1)}}
    assert class_sizes(people.ada, "care") == {"care": {"usual": (2, 2)}}
    assert class_sizes(people.bob) == {"value": {"high": (1, 0)}, "care": {"usual": (1, 1)}}


def test_recent_changes_are_seen_by_those_who_see_the_customer(people, customer):
    since = date(2026, 11, 1)

    assert [event.data["to"] for event in recent_changes(people.bob, since=since, dimensions=["value"])] == ["high"]
    assert list(recent_changes(people.charlie, since=since, dimensions=["value"])) == []
    assert list(recent_changes(people.bob, since=date(2026, 11, 21), dimensions=["value"])) == []
    assert list(recent_changes(people.bob, since=since, dimensions=["care"])) == []


def test_changes_by_an_event(people, customer):
    order = customer.events.get(kind="order.placed")

    assert [event.data["dimension"] for event in changes_by(order)] == ["value"]


def test_history_tells_the_classes_one_after_the_other(people, customer):
    found = class_history(people.alice, customer.pk, "value")

    assert found == [
        Stretch("regular", date(2026, 1, 5), date(2026, 11, 20), "rule", None),
        Stretch("high", date(2026, 11, 20), None, "rule", 1),
    ]
    assert class_history(people.alice, customer.pk, "care") == [
        Stretch("usual", date(2026, 11, 20), None, "rule", None)
    ]
    with pytest.raises(NotFound):
        class_history(people.charlie, customer.pk, "value")


def test_story_gives_reasons_and_what_would_change_them(people, customer):
    told = story(people.alice, customer)

    reasons = told.reasons("value")
    assert reasons.class_.key == "high"
    assert [(tried.class_.key, tried.explained.met, tried.explained.seen) for tried in reasons.tried] == [
        ("high", True, 1500)
    ]
    assert told.next_change("value") == "2026-12-11"
    assert [change.to for change in told.changes("value")] == ["regular"]
    with pytest.raises(NotFound):
        story(people.charlie, customer)


def test_old_reasons_are_written_from_the_values_then(people, customer):
    make_event(customer, "order.placed", date(2026, 11, 19), amount=70)
    change = customer.events.get(kind="class.changed")
    version = Placement.objects.get(customer=customer, dimension="value").version

    reasons = reasons_then(version, change.data["reason"], SHANGHAI)

    assert reasons is not None
    assert (reasons.class_.key, reasons.tried[0].explained.seen) == ("high", 1500)


def test_drift_finds_a_placement_that_was_tampered_with(customer):
    assert drift() == []

    Placement.objects.filter(customer=customer, dimension="value").update(class_key="regular")

    (found,) = drift()
    assert (found.customer, found.dimension, found.old, found.class_key) == (customer.pk, "value", "regular", "high")
    assert Placement.objects.get(customer=customer, dimension="value").class_key == "regular"


def test_history_marks_what_people_held_and_who(people, customer, settings):
    def on(day: int) -> None:
        settings.ZHIKE_NOW = datetime(2026, 11, day, 2, 0, tzinfo=UTC)

    def hold(key: str, by: object, until: date | None = None) -> None:
        override_class(customer=customer, dimension="value", class_key=key, reason="战略客户", by=by, expires_on=until)

    on(22)
    hold("high", people.alice)  # what the rules say too: nothing moves
    on(24)
    hold("high", people.bob)
    on(26)
    hold("regular", people.bob, date(2026, 11, 28))
    on(29)
    place_due()

    assert class_history(people.alice, customer.pk, "value") == [
        Stretch("regular", date(2026, 1, 5), date(2026, 11, 20), "rule", None),
        Stretch("high", date(2026, 11, 20), date(2026, 11, 22), "rule", 1),
        Stretch("high", date(2026, 11, 22), date(2026, 11, 24), "person", 1, by="Alice"),
        Stretch("high", date(2026, 11, 24), date(2026, 11, 26), "person", 1, by="Bob"),
        Stretch("regular", date(2026, 11, 26), date(2026, 11, 28), "person", 1, by="Bob"),
        Stretch("high", date(2026, 11, 28), None, "rule", 1),
    ]

    hold("regular", people.alice, date(2026, 12, 30))
    assert class_history(people.alice, customer.pk, "value")[-1] == Stretch(
        "regular", date(2026, 11, 29), None, "person", 1, by="Alice"
    )
