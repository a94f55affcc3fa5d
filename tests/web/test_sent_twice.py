"""A form that is sent twice makes one record: double click, back button, a request sent again."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from tests.factories import make_customer
from zhike.customers.models import Contact, Customer
from zhike.timeline.models import Event

NAME = "上海云汀餐饮管理"


def key_of(page: str) -> str:
    return re.search(r'name="key" value="([^"]+)"', page)[1]


def send(client, key, **given):
    return client.post("/customers/new/", {"kind": "company", "name": NAME, "city": "上海", "key": key, **given})


def send_contact(client, customer, key, **given):
    return client.post(f"/customers/{customer.pk}/contacts/new/", {"name": "沈一帆", "key": key, **given})


def test_the_same_new_customer_leads_to_the_first(alice, people):
    key = key_of(alice.get("/customers/new/").text)
    first = send(alice, key, owner=people.alice.pk)
    second = send(alice, key, owner=people.alice.pk)
    made = Customer.objects.get(name=NAME)
    assert first["Location"] == second["Location"] == f"/customers/{made.pk}/"
    assert Event.objects.filter(customer=made, kind="customer.created").count() == 1
    assert f"{NAME} 刚才已经建档" in alice.get(second["Location"]).text


def test_every_form_has_a_key_of_its_own(alice, people):
    for given in ({}, {"anyway": "1"}):
        send(alice, key_of(alice.get("/customers/new/").text), owner=people.alice.pk, **given)
    assert Customer.objects.filter(name=NAME).count() == 2


def test_other_words_in_a_form_that_was_sent_are_refused_and_can_be_sent_anew(alice, people):
    key = str(uuid4())
    send(alice, key, owner=people.alice.pk)
    made = Customer.objects.get(name=NAME)
    refused = send(alice, key, owner=people.alice.pk, city="苏州")
    assert refused.status_code == 409
    assert f"这张表单已经建了{NAME}，内容不同；要另建一位，就再保存一次" in refused.text
    assert f'<a href="/customers/{made.pk}/">打开已建的记录</a>' in refused.text
    assert 'value="苏州"' in refused.text
    assert Customer.objects.filter(name=NAME).count() == 1
    send(alice, key_of(refused.text), owner=people.alice.pk, city="苏州", anyway="1")
    assert list(Customer.objects.filter(name=NAME).order_by("pk").values_list("city", flat=True)) == ["上海", "苏州"]


def test_a_stranger_with_the_key_learns_nothing(alice, people, signed_in):
    key = str(uuid4())
    send(alice, key, owner=people.alice.pk)
    answer = send(signed_in(people.charlie), key, owner=people.charlie.pk)
    assert answer.status_code == 404
    assert "已建的记录" not in answer.text
    assert Customer.objects.count() == 1


def test_the_same_new_contact_is_made_once(alice, hotel):
    key = key_of(alice.get(f"/customers/{hotel.pk}/contacts/new/").text)
    first, second = send_contact(alice, hotel, key), send_contact(alice, hotel, key)
    assert first["Location"] == second["Location"] == f"/customers/{hotel.pk}/"
    assert Contact.objects.filter(customer=hotel).count() == 1


@pytest.mark.parametrize("elsewhere", [False, True])
def test_another_contact_from_the_same_form_is_refused_and_can_be_sent_anew(alice, people, hotel, elsewhere):
    key = str(uuid4())
    send_contact(alice, hotel, key)
    made = Contact.objects.get(customer=hotel)
    customer = make_customer(owner=people.alice) if elsewhere else hotel
    words = {} if elsewhere else {"title": "总经理"}
    refused = send_contact(alice, customer, key, **words)
    assert refused.status_code == 409
    assert f'<a href="/customers/{hotel.pk}/contacts/{made.pk}/">打开已建的记录</a>' in refused.text
    assert Contact.objects.count() == 1
    send_contact(alice, customer, key_of(refused.text), **words)
    assert Contact.objects.count() == 2


@pytest.mark.parametrize("key", ["", "x"])
def test_a_form_without_its_key_is_refused_in_words(alice, people, hotel, key):
    before = Customer.objects.count()
    for response in (send(alice, key, owner=people.alice.pk), send_contact(alice, hotel, key)):
        assert response.status_code == 422
        assert "这一页已经过时，请重新打开再保存。" in response.text
    assert (Customer.objects.count(), Contact.objects.count()) == (before, 0)


def test_a_change_sent_twice_is_made_once_and_no_conflict(alice, people, hotel):
    form = {"kind": "company", "name": hotel.name, "owner": people.alice.pk, "city": "苏州", "version": 1}
    answers = [alice.post(f"/customers/{hotel.pk}/edit/", form).status_code for _ in range(2)]
    assert answers == [302, 302]
    hotel.refresh_from_db()
    assert (hotel.city, hotel.version) == ("苏州", 2)
    assert Event.objects.filter(customer=hotel, kind="customer.updated").count() == 1


def test_a_change_of_a_contact_sent_twice_is_made_once_and_no_conflict(alice, hotel):
    contact = Contact.objects.create(customer=hotel, name="沈一帆")
    form = {"name": "沈一帆", "title": "总经理", "version": 1}
    answers = [alice.post(f"/customers/{hotel.pk}/contacts/{contact.pk}/", form).status_code for _ in range(2)]
    assert answers == [302, 302]
    contact.refresh_from_db()
    assert (contact.title, contact.version) == ("总经理", 2)
