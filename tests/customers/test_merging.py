"""Two people change one record: nothing that somebody typed is lost, and nothing that was saved is overwritten unseen."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import make_customer, make_people
from zhike.core.facts import FieldType
from zhike.customers.actions.contacts import add_contact, update_contact
from zhike.customers.actions.customers import update_customer
from zhike.customers.actions.fields import define_field
from zhike.customers.actions.log import log_contact
from zhike.customers.actions.merging import Overlap
from zhike.customers.models import Contact, Customer
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db

FIELDS = ("city", "region", "industry", "source")


def test_what_only_one_of_them_changed_merges_by_itself():
    people = make_people()
    customer = make_customer(owner=people.alice, city="上海", region="华东", phone="13800138000")

    update_customer(customer=customer, version=1, by=people.bob, city="杭州", phone="13900139000")
    # The form sends all that it showed, as it was when it was opened.
    update_customer(customer=customer, version=1, by=people.alice, city="上海", region="浙江", phone="+8613800138000")

    customer.refresh_from_db()
    assert (customer.city, customer.region, customer.phone, customer.version) == ("杭州", "浙江", "+8613900139000", 3)
    assert customer.city_folded == "杭州"


def test_what_both_changed_is_asked_field_by_field_and_nothing_is_written():
    people = make_people()
    define_field(key="seats", type_=FieldType.INTEGER, by=None)
    customer = make_customer(owner=people.alice, city="上海", custom={"seats": 3})
    update_customer(customer=customer, version=1, by=people.bob, city="杭州", custom={"seats": 5}, region="浙江")

    with pytest.raises(Overlap) as caught:
        update_customer(
            customer=customer, version=1, by=people.alice, city="苏州", custom={"seats": 4}, source="展会", region=""
        )

    asked = [(d.field, d.base, d.theirs, d.mine, d.who) for d in caught.value.differences]
    assert asked == [("city", "上海", "杭州", "苏州", "Bob"), ("custom.seats", 3, 5, 4, "Bob")]
    assert caught.value.version == 2
    customer.refresh_from_db()
    assert (customer.city, customer.custom, customer.source, customer.version) == ("杭州", {"seats": 5}, "", 2)


def test_what_was_settled_is_saved_and_what_was_not_is_asked_again():
    people = make_people()
    customer = make_customer(owner=people.alice, city="上海", region="华东", industry="酒店")
    update_customer(customer=customer, version=1, by=people.bob, city="杭州", region="浙江", industry="餐饮")
    mine = {"city": "苏州", "region": "江苏", "industry": "酒店"}

    with pytest.raises(Overlap) as caught:
        update_customer(customer=customer, version=1, by=people.alice, settled={"city": 2}, **mine)
    assert [d.field for d in caught.value.differences] == ["region"]
    update_customer(customer=customer, version=1, by=people.alice, settled={"city": 2, "region": 2}, **mine)

    customer.refresh_from_db()
    # The industry was left as Alice had found it, so Bob's stands.
    assert (customer.city, customer.region, customer.industry) == ("苏州", "江苏", "餐饮")


def test_a_third_change_after_the_question_is_asked_too():
    people = make_people()
    customer = make_customer(owner=people.alice, city="上海")
    update_customer(customer=customer, version=1, by=people.bob, city="杭州")
    update_customer(customer=customer, version=2, by=people.ada, city="宁波")

    with pytest.raises(Overlap) as caught:
        update_customer(customer=customer, version=1, by=people.alice, settled={"city": 2}, city="苏州")

    assert [(d.base, d.theirs, d.mine, d.who) for d in caught.value.differences] == [("杭州", "宁波", "苏州", "Ada")]


def test_who_asks_for_what_is_there_already_contradicts_nobody():
    customer = make_customer(city="上海")
    update_customer(customer=customer, version=1, by=None, city="杭州")

    update_customer(customer=customer, version=1, by=None, city="杭州")

    customer.refresh_from_db()
    assert (customer.city, customer.version) == ("杭州", 2)


def test_a_version_that_never_was_is_refused():
    customer = make_customer(city="上海")

    with pytest.raises(Overlap):
        update_customer(customer=customer, version=9, by=None, city="杭州")

    customer.refresh_from_db()
    assert customer.city == "上海"


def test_a_logged_plan_is_a_change_that_the_form_sees():
    from datetime import date

    people = make_people()
    customer = make_customer(owner=people.alice)
    log_contact(customer=customer, kind="call", by=people.bob, next_contact_on=date(2026, 12, 1))

    with pytest.raises(Overlap) as caught:
        update_customer(customer=customer, version=1, by=people.alice, next_contact_on=date(2026, 12, 9))

    assert [(d.base, d.theirs, d.who) for d in caught.value.differences] == [(None, "2026-12-01", "Bob")]
    told = Event.objects.get(customer=customer, kind="customer.updated")
    assert (told.source, told.data["version"]) == ("log", 2)


def test_contacts_merge_and_ask_alike():
    people = make_people()
    contact = add_contact(
        customer=make_customer(owner=people.alice), by=None, name="何静怡", title="采购", role="buyer"
    )
    update_contact(contact=contact, version=1, by=people.bob, title="采购经理")

    update_contact(contact=contact, version=1, by=people.alice, name="何静怡", title="采购", role="decider")
    with pytest.raises(Overlap) as caught:
        update_contact(contact=contact, version=1, by=people.alice, title="采购总监")
    update_contact(contact=contact, version=1, by=people.alice, settled={"title": 3}, title="采购总监")

    assert [(d.field, d.base, d.theirs, d.mine) for d in caught.value.differences] == [
        ("title", "采购", "采购经理", "采购总监")
    ]
    found = Contact.objects.get(pk=contact.pk)
    assert (found.title, found.role, found.version) == ("采购总监", "decider", 4)
    told = Event.objects.filter(kind="contact.updated").order_by("pk")
    assert [event.data["changes"] for event in told] == [
        [{"field": "title", "from": "采购", "to": "采购经理"}],
        [{"field": "role", "from": "buyer", "to": "decider"}],
        [{"field": "title", "from": "采购经理", "to": "采购总监"}],
    ]


edits = st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(["", "甲", "乙", "丙"]), max_size=4)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(began=edits, theirs=edits, mine=edits)
def test_no_update_is_lost_whatever_two_people_do(began, theirs, mine):
    customer = make_customer(**{name: began.get(name, "") for name in FIELDS})
    start = {name: began.get(name, "") for name in FIELDS}
    update_customer(customer=customer, version=1, by=None, **theirs)
    wanted = {**start, **mine}  # a form sends every field
    both = {
        name
        for name in FIELDS
        if {**start, **theirs}[name] != start[name] != wanted[name] and wanted[name] != {**start, **theirs}[name]
    }

    if both:
        with pytest.raises(Overlap) as caught:
            update_customer(customer=customer, version=1, by=None, **wanted)
        assert {d.field for d in caught.value.differences} == both
        expected = {**start, **theirs}
    else:
        update_customer(customer=customer, version=1, by=None, **wanted)
        mine_only = {name: value for name, value in wanted.items() if value != start[name]}
        expected = {**start, **theirs, **mine_only}

    found = Customer.objects.get(pk=customer.pk)
    assert {name: getattr(found, name) for name in FIELDS} == expected
