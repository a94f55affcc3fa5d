"""What waits for whom: items to review, notifications, new rules to confirm."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.classification.deciding import NOW, TODAY, pack
from tests.factories import make_customer, make_event, make_people
from tests.scenes import once, rules_in_force
from zhike.base.errors import NotFound
from zhike.classification.actions.acknowledgements import acknowledge
from zhike.classification.actions.notifications import choose_notification
from zhike.classification.actions.overrides import override_class
from zhike.classification.actions.reviews import report_wrong
from zhike.classification.inbox import (
    open_feedback,
    open_reviews,
    open_suggestion,
    overrides_of,
    unconfirmed,
    wanted_classes,
)
from zhike.classification.models import Acknowledgement, Notification, Publication, Review, Scheme
from zhike.classification.rules import rulebook
from zhike.notices.queries import has_unread, notifications

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rules(settings):
    settings.ZHIKE_NOW = NOW
    rules_in_force(pack(mode="suggest"))


@pytest.fixture
def people():
    return once("people", make_people)


@pytest.fixture
def customer(people):
    found = make_customer(owner=people.alice)
    make_event(found, "order.placed", TODAY, amount=1500)
    return found


def kinds(rows):
    return sorted(rows.values_list("kind", flat=True))


def test_items_are_seen_by_those_who_see_the_customer(people, customer):
    for who, seen, mine in [
        (people.alice, 1, 1),
        (people.bob, 1, 0),
        (people.ada, 1, 0),
        (people.charlie, 0, 0),
        (people.carol, 0, 0),
    ]:
        assert (open_reviews(who).count(), open_reviews(who, mine=True).count()) == (seen, mine), who


def test_what_is_found_wrong_waits_for_whoever_answers_for_the_rules(people, customer):
    report_wrong(customer=customer, dimension="value", said="不对", by=people.alice)
    assert kinds(open_reviews(people.alice)) == ["suggestion"]
    assert kinds(open_reviews(people.bob)) == ["feedback", "suggestion"]
    assert kinds(open_reviews(people.bob, mine=True)) == []
    assert kinds(open_reviews(people.ada, mine=True)) == ["feedback"]
    assert [item.said for item in open_feedback(people.alice, customer.pk, "value")] == ["不对"]
    assert open_feedback(people.charlie, customer.pk, "value") == []

    Scheme.objects.filter(dimension="value").update(owner=people.alice)
    assert kinds(open_reviews(people.alice, mine=True)) == ["feedback", "suggestion"]
    assert kinds(open_reviews(people.ada, mine=True)) == []


def test_a_dimension_out_of_force_asks_nothing(people, customer):
    Scheme.objects.filter(dimension="value").update(current=None)
    assert kinds(open_reviews(people.alice)) == []


def test_the_suggestion_and_the_override_of_a_class(people, customer):
    assert open_suggestion(people.bob, customer.pk, "value") == Review.objects.get()
    assert open_suggestion(people.charlie, customer.pk, "value") is None
    held = override_class(customer=customer, dimension="value", class_key="low", reason="欠款", by=people.bob)
    assert overrides_of(people.alice, [customer.pk]) == {(customer.pk, "value"): held}
    assert overrides_of(people.charlie, [customer.pk]) == {}
    assert open_suggestion(people.bob, customer.pk, "value") is None


def test_notifications_are_ones_own_for_administrators_too(people, customer):
    Notification.objects.create(user=people.alice, kind="changed", created_at=NOW)
    assert has_unread(people.alice)
    assert not has_unread(people.ada)
    assert notifications(people.ada).count() == 0


def test_by_default_one_hears_of_classes_on_a_way_up_or_down(people):
    choose_notification(user=people.alice, dimension="value", class_key="low", wanted=False)
    choose_notification(user=people.alice, dimension="care", class_key="close", wanted=True)
    assert wanted_classes(people.alice, rulebook()) == {
        ("value", "high"): True,
        ("value", "low"): False,
        ("value", "regular"): True,
        ("care", "close"): True,
        ("care", "usual"): False,
    }
    assert wanted_classes(people.ada, rulebook())["value", "low"]


def test_new_rules_are_confirmed_once_and_by_oneself(people, settings):
    publication = Publication.objects.create(state="done", created_at=NOW, starts_at=NOW, switched_at=NOW)
    asked = Acknowledgement.objects.create(publication=publication, user=people.alice, customers=12)
    assert unconfirmed(people.alice) == [asked]
    assert unconfirmed(people.ada) == []
    with pytest.raises(NotFound):
        acknowledge(acknowledgement=asked, by=people.ada)

    assert acknowledge(acknowledgement=asked, by=people.alice)
    settings.ZHIKE_NOW = NOW + timedelta(days=1)
    assert not acknowledge(acknowledgement=asked, by=people.alice)
    asked.refresh_from_db()
    assert asked.confirmed_at == NOW
    assert unconfirmed(people.alice) == []
