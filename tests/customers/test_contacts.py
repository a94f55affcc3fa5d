"""People at a customer."""

from __future__ import annotations

import pytest

from tests.factories import make_customer, make_people
from tests.scenes import once
from zhike.base.errors import Conflict, NotFound
from zhike.base.inputs import Invalid
from zhike.customers.actions.contacts import add_contact, update_contact
from zhike.customers.actions.log import log_contact
from zhike.customers.models import Contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return once("people", make_people)


def test_contact_is_stored_clean(people):
    customer = make_customer(owner=people.alice)

    contact = add_contact(
        customer=customer,
        by=people.alice,
        name=" 沈一帆 ",
        title="工程总监",
        phone="138 1234 2207",
        email="S@x.CN",
        role="decider",
    )

    contact.refresh_from_db()
    assert (contact.name, contact.phone, contact.phone_state) == ("沈一帆", "+8613812342207", "valid")
    assert (contact.email, contact.role) == ("s@x.cn", "decider")


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"name": " "}, "name"),
        ({"name": "a", "role": "king"}, "role"),
        ({"name": "a", "phone": "1"}, "phone"),
        ({"name": "a", "email": "x"}, "email"),
        ({"name": "a", "title": "x" * 101}, "title"),
    ],
)
def test_contact_that_cannot_be(people, given, path):
    with pytest.raises(Invalid) as caught:
        add_contact(customer=make_customer(owner=people.alice), by=people.alice, **given)

    assert caught.value.path == path
    assert not Contact.objects.exists()


def test_contact_is_changed_where_it_is_said(people):
    contact = add_contact(customer=make_customer(owner=people.alice), by=None, name="何静怡", title="采购")

    update_contact(contact=contact, version=1, by=people.bob, title="采购经理")

    contact.refresh_from_db()
    assert (contact.name, contact.title, contact.version) == ("何静怡", "采购经理", 2)


def test_contact_changed_by_two_keeps_the_first_change(people):
    contact = add_contact(customer=make_customer(owner=people.alice), by=None, name="何静怡", title="采购")
    update_contact(contact=contact, version=1, by=people.bob, title="采购经理")

    with pytest.raises(Conflict) as caught:
        update_contact(contact=contact, version=1, by=people.alice, title="采购总监")

    assert caught.value.zh == "联系人何静怡刚被 Bob 改过，请看看哪些不同，再决定怎样保存"
    assert caught.value.en == "何静怡 has been changed meanwhile by Bob: see what differs, then decide what to save"
    contact.refresh_from_db()
    assert (contact.title, contact.version) == ("采购经理", 2)


def test_stranger_touches_no_contact(people):
    customer = make_customer(owner=people.alice)
    contact = add_contact(customer=customer, by=None, name="裴正")

    with pytest.raises(NotFound):
        add_contact(customer=customer, by=people.charlie, name="x")
    with pytest.raises(NotFound):
        update_contact(contact=contact, version=1, by=people.charlie, name="x")

    assert list(Contact.objects.values_list("name", flat=True)) == ["裴正"]


def test_call_is_logged_with_a_contact_of_that_customer_only(people):
    customer = make_customer(owner=people.alice)
    contact = add_contact(customer=customer, by=None, name="裴正")
    other = make_customer(owner=people.alice)

    assert log_contact(customer=customer, kind="call", by=people.alice, contact=contact).contact == contact
    with pytest.raises(NotFound):
        log_contact(customer=other, kind="call", by=people.alice, contact=contact)
