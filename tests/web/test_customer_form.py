from __future__ import annotations

import re
from uuid import uuid4

import pytest

from zhike.customers.models import Contact, Customer


def fresh() -> dict[str, str]:
    return {"key": str(uuid4())}


FORM = {
    "kind": "company",
    "name": "上海云汀餐饮管理",
    "phone": "021 6123 4567",
    "city": "上海",
    "tags": "连锁，餐饮、VIP",
}


def test_it_creates_a_customer_of_ones_own(alice, people):
    response = alice.post("/customers/new/", {**FORM, **fresh(), "owner": people.alice.pk})
    made = Customer.objects.get(name="上海云汀餐饮管理")
    assert response["Location"] == f"/customers/{made.pk}/"
    assert (made.owner, made.city, made.tags, made.phone) == (
        people.alice,
        "上海",
        ["连锁", "餐饮", "VIP"],
        "+862161234567",
    )
    assert made.placements.count() == 6
    assert "上海云汀餐饮管理 已建档" in alice.get(response["Location"]).text


def test_the_form_offers_the_person_as_owner(alice, people):
    assert f'<option value="{people.alice.pk}" selected>' in alice.get("/customers/new/").text


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": ""}, "写下客户的名称。"),
        ({"name": "长" * 201}, "200"),
        ({"name": "a\x00b"}, "zk-error"),
        ({"kind": "robot"}, "robot"),
        ({"phone": "12"}, "zk-error"),
        ({"email": "nonsense"}, "不是邮箱地址"),
        ({"birthday": "soon"}, "zk-error"),
        ({"birthday": "9999-12-31"}, "超出范围"),
        ({"size": "huge"}, "huge"),
    ],
)
def test_bad_input_is_refused_beside_the_field(alice, given, words):
    response = alice.post("/customers/new/", {**FORM, **fresh(), **given})
    assert response.status_code == 422
    assert words in response.text
    assert Customer.objects.count() == 0


def test_nobody_gives_customers_to_strangers(alice, people):
    response = alice.post("/customers/new/", {**FORM, **fresh(), "owner": people.charlie.pk})
    assert response.status_code == 422
    assert "不能把客户交给这个人。" in response.text
    assert Customer.objects.count() == 0


def edit(client, customer, **given):
    form = {
        "kind": customer.kind,
        "name": customer.name,
        "city": customer.city,
        "region": customer.region,
        "phone": customer.phone,
        "owner": customer.owner_id,
        "version": customer.version,
        **given,
    }
    return client.post(f"/customers/{customer.pk}/edit/", form)


def test_it_changes_a_customer(alice, hotel):
    assert edit(alice, hotel, city="苏州")["Location"] == f"/customers/{hotel.pk}/"
    hotel.refresh_from_db()
    assert (hotel.city, hotel.version) == ("苏州", 2)


def test_a_change_made_meanwhile_is_named_and_kept(alice, people, hotel, signed_in):
    edit(signed_in(people.bob), hotel, city="杭州")
    response = edit(alice, hotel, city="苏州")
    assert response.status_code == 409
    assert "Bob" in response.text
    assert "看修改记录" in response.text
    assert 'value="苏州"' in response.text
    hotel.refresh_from_db()
    assert hotel.city == "杭州"


@pytest.mark.parametrize("version", ["x", "", "0"])
def test_a_form_without_its_version_is_refused_in_words(alice, hotel, version):
    response = edit(alice, hotel, city="苏州", version=version)
    assert response.status_code == 422
    assert "这一页已经过时，请重新打开再保存。" in response.text
    hotel.refresh_from_db()
    assert hotel.city == "上海"


def test_a_stranger_changes_nothing(people, rules, hotel, signed_in):
    assert edit(signed_in(people.charlie), hotel, city="苏州").status_code == 404
    hotel.refresh_from_db()
    assert hotel.city == "上海"


def test_it_adds_and_changes_a_contact(alice, hotel):
    path = f"/customers/{hotel.pk}/contacts/"
    reached = {"reach_kind": "phone", "reach_value": "13800138001", "reach_label": "", "reach_rank": ""}
    new = {"name": "沈一帆", "title": "工程总监", "role": "decider", **reached, **fresh()}
    alice.post(f"{path}new/", new)
    contact = Contact.objects.get(customer=hotel)
    assert (contact.name, contact.role) == ("沈一帆", "decider")
    page = alice.get(f"/customers/{hotel.pk}/").text
    assert "138 **** 8001" not in page or "13800138001" not in page.replace("tel:+8613800138001", "")
    alice.post(f"{path}{contact.pk}/", {"name": "沈一帆", "title": "总经理", "role": "", "version": contact.version})
    contact.refresh_from_db()
    assert (contact.title, contact.role, contact.phone) == ("总经理", "", "")


def test_a_contact_that_somebody_changed_meanwhile_is_kept(alice, people, hotel, signed_in):
    contact = Contact.objects.create(customer=hotel, name="沈一帆")
    path = f"/customers/{hotel.pk}/contacts/{contact.pk}/"
    seen = re.search(r'name="version" value="(\d+)"', alice.get(path).text)[1]
    signed_in(people.bob).post(path, {"name": "沈一帆", "title": "总经理", "version": seen})
    response = alice.post(path, {"name": "沈一帆", "title": "工程总监", "version": seen})
    assert response.status_code == 409
    assert "联系人沈一帆刚被 Bob 改过，请看看哪些不同，再决定怎样保存" in response.text
    assert f'<a href="/customers/{hotel.pk}/history/">看修改记录</a>' in response.text
    assert 'value="工程总监"' in response.text
    contact.refresh_from_db()
    assert contact.title == "总经理"


def test_a_contact_form_without_its_version_is_refused_in_words(alice, hotel):
    contact = Contact.objects.create(customer=hotel, name="沈一帆")
    response = alice.post(f"/customers/{hotel.pk}/contacts/{contact.pk}/", {"name": "x"})
    assert response.status_code == 422
    assert "这一页已经过时，请重新打开再保存。" in response.text
    contact.refresh_from_db()
    assert contact.name == "沈一帆"


REACHED_BADLY = {"name": "甲", "reach_kind": "phone", "reach_value": "1", "reach_label": "", "reach_rank": ""}


@pytest.mark.parametrize("given", [{"name": ""}, REACHED_BADLY, {"name": "甲", "role": "king"}])
def test_a_bad_contact_is_refused(alice, hotel, given):
    response = alice.post(f"/customers/{hotel.pk}/contacts/new/", {**given, **fresh()})
    assert response.status_code == 422
    assert "zk-error" in response.text
    assert not Contact.objects.filter(customer=hotel).exists()


def test_a_contact_is_reached_through_its_own_customer_only(alice, people, hotel):
    from tests.factories import make_customer

    contact = Contact.objects.create(customer=make_customer("别家", owner=people.alice), name="外人")
    assert alice.get(f"/customers/{hotel.pk}/contacts/{contact.pk}/").status_code == 404


@pytest.mark.parametrize("path", ["/customers/new/", "/customers/{pk}/edit/", "/customers/{pk}/contacts/new/"])
def test_it_rejects_other_methods(alice, hotel, path):
    assert alice.delete(path.format(pk=hotel.pk)).status_code == 405
