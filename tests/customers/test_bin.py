"""Customers in the bin are behind no door, come back where they stood, and go for good when their time is over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection

from tests.classification.deciding import NOW, TODAY, pack
from tests.factories import make_customer, make_event, make_people
from tests.scenes import once, rules_in_force
from zhike.accounts.grants import OWNER_PATHS
from zhike.accounts.policy import binned, visible
from zhike.base.errors import Conflict, Forbidden, NotFound
from zhike.classification.actions.overrides import override_class
from zhike.classification.actions.warnings import raise_warnings
from zhike.classification.audit import audit
from zhike.classification.batch import drift, place_customers, place_everyone
from zhike.classification.due import place_due, place_lagging
from zhike.classification.models import CustomerFacts, Placement, Review, Shelved
from zhike.classification.queries import class_changes, class_sizes, out_of_step
from zhike.classification.rules import rulebook
from zhike.classification.scorecard import scorecard_by
from zhike.core.quarters import Period
from zhike.customers.actions.bin import delete_many, remove_for_good, restore_many
from zhike.customers.actions.contacts import add_contact
from zhike.customers.actions.customers import create_customer, update_customer
from zhike.customers.bulk import save_customers
from zhike.customers.models import Contact, Customer
from zhike.customers.queries import find_customer
from zhike.timeline.actions import record
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(settings):
    settings.ZHIKE_NOW = NOW
    return once("people", make_people)


@pytest.fixture
def two(people):
    """Both are high until the thirtieth day after their order; one is put into the bin."""
    rules_in_force(pack())
    made = [make_customer(f"客户{n}", key=f"k{n}", owner=people.alice, created_on=TODAY) for n in range(2)]
    for customer in made:
        make_event(customer, "order.placed", TODAY - timedelta(days=20), amount=1500)
        add_contact(customer=customer, by=None, name="沈一帆")
    return made


def stands(customer):
    rows = Placement.objects.filter(customer=customer).order_by("dimension")
    return list(rows.values_list("dimension", "class_key", "since", "source", "next_flip_at"))


def delete(customer, people):
    return delete_many(ids=[customer.pk], by=people.bob)


def test_in_the_bin_a_customer_is_behind_no_door(people, two):
    kept, gone = two
    delete(gone, people)
    for user in (people.alice, people.bob, people.ada):
        assert list(visible(user, Customer)) == [kept]
        for label in (label for label, path in OWNER_PATHS.items() if path == "customer__owner"):
            assert not visible(user, apps.get_model(label)).filter(customer=gone).exists(), label
    assert find_customer(None, "k1") == []
    assert find_customer(people.ada, "客户1") == []
    assert class_sizes(people.ada, "value") == {"value": {"high": (1, 0)}}
    assert set(class_changes(people.ada).values_list("customer", flat=True)) <= {kept.pk}
    assert gone not in Customer.present.all()


def test_nothing_is_written_about_a_customer_in_the_bin(people, two):
    gone = two[1]
    delete(gone, people)
    with pytest.raises(NotFound):
        record(gone, "order.placed", by=None, amount=100)
    with pytest.raises(NotFound):
        update_customer(customer=gone, version=2, by=people.ada, city="北京")
    with pytest.raises(NotFound):
        override_class(customer=gone, dimension="value", class_key="low", reason="x", by=people.ada)
    assert place_customers([gone.pk]).customers == 0
    assert place_everyone().customers == 1
    assert not Placement.objects.filter(customer=gone).exists()
    assert not CustomerFacts.objects.filter(customer=gone).exists()


def test_nobody_who_goes_through_all_customers_finds_it(people, two, settings):
    gone = two[1]
    delete(gone, people)
    assert place_lagging().customers == 0
    assert out_of_step() == 0
    assert drift() == []
    assert audit(sample=10).differences == []
    settings.ZHIKE_NOW = NOW + timedelta(days=8)
    assert raise_warnings()["warning"] == 1
    assert not Review.objects.filter(customer=gone).exists()
    settings.ZHIKE_NOW = NOW + timedelta(days=20)
    assert place_due().customers == 1
    assert Event.objects.filter(customer=gone).order_by("-pk")[0].kind == "customer.deleted"


def test_scorecards_count_it_no_longer(people, two):
    delete(two[1], people)
    for user in (None, people.ada, people.bob):
        card = scorecard_by(user, rulebook(), "value", Period(TODAY, TODAY))
        assert sum(one.size for one in card.classes) == 1


def test_it_comes_back_where_it_stood(people, two, settings):
    gone = two[1]
    settings.ZHIKE_NOW = NOW + timedelta(days=1)
    before = stands(gone)
    delete(gone, people)
    settings.ZHIKE_NOW = NOW + timedelta(days=2)
    assert list(restore_many(ids=[gone.pk], by=people.bob)) == [gone.pk]
    assert stands(gone) == before
    assert not Shelved.objects.exists()
    assert drift() == []
    assert [e.kind for e in Event.objects.filter(customer=gone).order_by("-pk")[:2]] == [
        "customer.restored",
        "customer.deleted",
    ]
    gone.refresh_from_db()
    assert (gone.deleted_at, gone.deleted_by, gone.version) == (None, None, 3)


def test_what_the_clock_has_done_meanwhile_is_told_when_it_comes_back(people, two, settings):
    gone = two[1]
    delete(gone, people)
    settings.ZHIKE_NOW = NOW + timedelta(days=29)
    restore_many(ids=[gone.pk], by=people.bob)
    assert Placement.objects.get(customer=gone, dimension="value").class_key == "regular"
    change = Event.objects.get(customer=gone, kind="class.changed", data__dimension="value", data__to="regular")
    assert (change.data["from"], change.data["since"]) == ("high", TODAY.isoformat())
    assert not [change for change in drift() if change.customer == gone.pk]


def test_only_who_has_the_right_deletes_and_restores(people, two):
    with pytest.raises(Forbidden):
        delete_many(ids=[two[0].pk], by=people.alice)
    assert delete_many(ids=[two[0].pk], by=people.carol) == {}
    delete(two[0], people)
    with pytest.raises(Forbidden):
        restore_many(ids=[two[0].pk], by=people.alice)
    assert restore_many(ids=[two[0].pk], by=people.carol) == {}
    assert list(binned(people.bob, Customer)) == [two[0]]
    assert list(binned(people.carol, Customer)) == []
    assert list(binned(people.alice, Customer)) == []


def test_its_key_is_not_given_to_another(people, two):
    delete(two[1], people)
    with pytest.raises(Conflict, match="in the bin"):
        create_customer(by=people.alice, name="新的", key="k1")
    saved = save_customers([{"key": "k1", "name": "导入的"}, {"key": "k2", "name": "另一位"}], by=None)
    assert (saved.changed, len(saved.created), [place for place, _ in saved.refused]) == ([], 1, [0])
    two[1].refresh_from_db()
    assert two[1].name == "客户1"


def test_after_thirty_days_it_goes_for_good_with_all_that_was_kept_about_it(people, two, settings):
    kept, gone = two
    delete(gone, people)
    settings.ZHIKE_NOW = NOW + timedelta(days=29)
    assert remove_for_good() == 0
    settings.ZHIKE_NOW = NOW + timedelta(days=30)
    assert remove_for_good() == 1
    assert remove_for_good() == 0
    assert list(Customer.objects.all()) == [kept]
    assert not Event.objects.filter(customer=gone.pk).exists()
    assert not Contact.objects.filter(customer=gone.pk).exists()
    assert Event.objects.filter(customer=kept).exists()
    with connection.cursor() as cursor, pytest.raises(Exception, match="append-only"):
        cursor.execute("DELETE FROM timeline_event")


def test_fetched_back_at_the_last_moment_it_stays(people, two, settings):
    gone = two[1]
    delete(gone, people)
    settings.ZHIKE_NOW = NOW + timedelta(days=30)
    restore_many(ids=[gone.pk], by=people.bob)
    assert remove_for_good() == 0
    assert Customer.present.count() == 2


def test_a_dimension_that_went_out_of_force_meanwhile_does_not_come_back(people, two):
    from zhike.classification.actions.publications import retire_dimension

    gone = two[1]
    delete(gone, people)
    retire_dimension(dimension="care", by=people.ada)
    restore_many(ids=[gone.pk], by=people.bob)
    assert [row[0] for row in stands(gone)] == ["value"]


def test_a_count_over_events_joins_no_customers(people, two, django_assert_num_queries):
    """The few in the bin are asked for by an index of their own."""
    with django_assert_num_queries(1) as queries:
        visible(people.ada, Event).count()
    assert "JOIN" not in queries.captured_queries[0]["sql"]
