"""Cells of the list changed where they stand: what is offered, what is kept, what is refused, whose they are."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from tests.factories import SHANGHAI, make_customer, make_event


def cell(client, customer, column, value=None, *, version=None, query=""):
    path = f"/customers/{customer.pk}/cell/?column={column}{query}"
    if value is None:
        return client.get(path)
    return client.post(path, {"value": value, "version": customer.version if version is None else version})


@pytest.mark.parametrize(
    ("column", "typed", "name", "kept"),
    [
        ("name", "上海梧桐里", "name", "上海梧桐里"),
        ("city", "苏州", "city", "苏州"),
        ("city", "", "city", ""),
        ("size", "large", "size", "large"),
        ("kind", "person", "kind", "person"),
        ("tags", "VIP，老客户", "tags", ["VIP", "老客户"]),
        ("phone", "139 0013 9000", "phone", "+8613900139000"),
        ("email", "a@example.com", "email", "a@example.com"),
        ("birthday", "1990-05-01", "birthday", date(1990, 5, 1)),
        ("next", "2027-01-05", "next_contact_on", date(2027, 1, 5)),
    ],
)
def test_what_is_typed_is_kept_and_the_row_comes_back(alice, hotel, column, typed, name, kept):
    response = cell(alice, hotel, column, typed)
    assert response.status_code == 200
    assert response.text.strip().startswith(f'<tr data-row data-id="{hotel.pk}">')
    hotel.refresh_from_db()
    assert getattr(hotel, name) == kept
    assert hotel.version == 2


def test_days_are_read_as_people_say_them(alice, hotel):
    from zhike.base.clock import today

    cell(alice, hotel, "next", "+3")
    hotel.refresh_from_db()
    assert hotel.next_contact_on == today(SHANGHAI) + timedelta(days=3)


def test_a_day_is_echoed_before_it_is_saved(alice):
    from zhike.base.clock import today

    tomorrow = (today(SHANGHAI) + timedelta(days=1)).isoformat()
    assert alice.get("/customers/days/?text=明天下午").json()["day"] == tomorrow
    assert "明天" in alice.get("/customers/days/?text=明天下午").json()["said"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d 周三", alice.get("/customers/days/?text=下周三").json()["said"])
    assert alice.get("/customers/days/?text=也许").json() == {"day": None}


@pytest.mark.parametrize(
    ("column", "typed", "words"),
    [
        ("next", "也许", "看不懂这个日期"),
        ("name", " ", "不能为空"),
        ("size", "gigantic", "不在可选项中"),
        ("owner", "999999", "不能把客户交给这个人"),
        ("owner", "x", "不能把客户交给这个人"),
        ("city", "上\x07海", "控制字符"),
        ("phone", "12", ""),
    ],
)
def test_what_cannot_be_kept_stays_in_the_cell_with_the_reason(alice, hotel, column, typed, words):
    response = cell(alice, hotel, column, typed)
    assert response.status_code in {403, 422}
    assert words in response.text
    assert 'role="alert"' in response.text
    hotel.refresh_from_db()
    assert hotel.version == 1


def test_whoever_saves_an_old_row_hears_who_changed_what(alice, people, hotel):
    from zhike.customers.actions.customers import update_customer

    update_customer(customer=hotel, version=1, by=people.bob, city="杭州")
    response = cell(alice, hotel, "city", "苏州", version=1)
    assert response.status_code == 409
    assert "Bob 修改了城市" in response.text
    assert 'value="苏州"' in response.text
    assert f"/customers/{hotel.pk}/edit/" in response.text
    hotel.refresh_from_db()
    assert hotel.city == "杭州"


def test_classes_that_follow_are_in_the_row(alice, people, rules):
    customer = make_customer("陈思远", owner=people.alice, kind="person")
    make_event(customer, "call.made")
    assert "企业" in cell(alice, customer, "kind", "company").text


def test_own_fields_are_changed_by_their_type(alice, people, hotel):
    from zhike.core.facts import FieldType
    from zhike.customers.actions.fields import define_field

    for key, type_ in (("seats", "integer"), ("signed", "date"), ("vip", "bool")):
        define_field(key=key, type_=FieldType(type_), by=None)
    assert cell(alice, hotel, "custom.seats", "12").status_code == 200
    for column, typed in (("custom.signed", "2026-12-01"), ("custom.vip", "true")):
        hotel.refresh_from_db()
        assert cell(alice, hotel, column, typed).status_code == 200
    hotel.refresh_from_db()
    assert hotel.custom == {"seats": 12, "signed": "2026-12-01", "vip": True}
    assert "应为整数" in cell(alice, hotel, "custom.seats", "viele").text


@pytest.mark.parametrize(
    "column", ["revenue", "class.value", "metric.revenue@365", "contacted", "key", "owner__password", "__class__", ""]
)
def test_what_is_worked_out_is_not_typed(alice, hotel, column):
    assert cell(alice, hotel, column).status_code == 404
    assert cell(alice, hotel, column, "x").status_code == 404


def test_nobody_changes_the_customers_of_others(people, hotel, signed_in):
    stranger = signed_in(people.charlie)
    assert cell(stranger, hotel, "city").status_code == 404
    assert cell(stranger, hotel, "city", "苏州").status_code == 404
    hotel.refresh_from_db()
    assert (hotel.city, hotel.version) == ("上海", 1)


def test_salespeople_give_their_customers_to_nobody(alice, people, hotel):
    assert cell(alice, hotel, "owner", str(people.bob.pk)).status_code in {403, 422}
    hotel.refresh_from_db()
    assert hotel.owner == people.alice


def test_a_customer_given_away_leaves_the_list(people, hotel, signed_in):
    response = cell(signed_in(people.bob), hotel, "owner", str(people.bob.pk))
    assert response.status_code == 200
    hotel.refresh_from_db()
    assert hotel.owner == people.bob


def test_the_look_aside_shows_head_reasons_and_what_happened(alice, hotel):
    page = alice.get(f"/customers/{hotel.pk}/peek/?why=value").text
    for seen in ("上海梧桐里酒店管理", "客户价值：为什么是高价值？", "¥240,000", "打开客户"):
        assert seen in page


@pytest.mark.parametrize("query", ["", "?why=__class__", "?why=value&view=x&sort=y"])
def test_the_look_aside_takes_no_nonsense_for_a_dimension(alice, hotel, query):
    assert alice.get(f"/customers/{hotel.pk}/peek/{query}").status_code == 200
