"""设置 → 字段, and the fields where people fill them in and read them."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest

from tests.factories import make_customer
from zhike.core.text import Text
from zhike.customers.actions.customers import update_customer
from zhike.customers.actions.fields import add_field, add_section, retire_field
from zhike.customers.fields import FIELD_KINDS, KINDS_BY_KEY, active_fields
from zhike.customers.models import Customer, CustomField, FieldSection
from zhike.timeline.models import Event


def add(kind_key: str, zh: str, en: str = "", **given: Any) -> CustomField:
    return add_field(field_kind=KINDS_BY_KEY[kind_key], by=None, label=Text(zh, en or zh), **given)


@pytest.fixture
def bob(people, rules, signed_in):
    return signed_in(people.bob)


def form_of(page: str) -> dict[str, str]:
    """Return what the customer's form would send as it was opened."""
    found = dict(re.findall(r'<input type="(?:text|hidden|date|datetime-local)" name="([^"]+)" value="([^"]*)"', page))
    for name, options in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return {**found, "kind": "company"}


@pytest.mark.parametrize("kind", FIELD_KINDS, ids=lambda kind: kind.key)
def test_a_field_of_every_kind_is_added_and_shown_in_the_form(bob, hotel, kind):
    given = {"label_zh": "甲乙", "choice_key": ["", ""], "choice_zh": ["一", ""], "choice_en": ["", ""]}
    response = bob.post(f"/settings/fields/new/{kind.key}/", given)

    assert response["Location"] == "/settings/fields/"
    field = CustomField.objects.get()
    assert (field.label_zh, field.label_en, field.type, field.format) == ("甲乙", "甲乙", kind.type, kind.format)
    assert f'name="{field.name}"' in bob.get(f"/customers/{hotel.pk}/edit/").text
    assert bob.get(f"/settings/fields/{field.pk}/").status_code == 200


@pytest.mark.parametrize(
    ("kind", "given", "words"),
    [
        ("text", {"label_zh": ""}, "填写名称。"),
        ("text", {"label_zh": "长" * 101}, "100"),
        ("integer", {"label_zh": "席位", "default": "许多"}, "应为整数"),
        ("money", {"label_zh": "金额", "default": "1.234"}, "金额最多 2 位小数"),
        ("choice", {"label_zh": "等级"}, "至少写一个选项"),
        ("text", {"label_zh": "甲", "kind": "robot"}, "robot"),
        ("text", {"label_zh": "甲", "kind": "company", "is_sensitive": "on"}, "只给企业的字段不是个人信息"),
        ("text", {"label_zh": "甲", "is_required": "on", "is_sensitive": "on"}, "敏感个人信息不能必填"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(bob, kind, given, words):
    response = bob.post(f"/settings/fields/new/{kind}/", given)

    assert response.status_code == 422
    assert words in response.text
    assert not CustomField.objects.exists()


def test_a_kind_that_does_not_exist_is_not_found(bob):
    assert bob.get("/settings/fields/new/robot/").status_code == 404


def test_choices_are_renamed_and_retired_on_the_page(bob):
    field = add("choice", "等级", choices=[{"key": "", "zh": "金", "en": "", "retired": False}])
    page = bob.get(f"/settings/fields/{field.pk}/").text
    assert 'name="choice_key" value="jin"' in page

    sent = {"label_zh": "级别", "choice_key": ["jin", ""], "choice_zh": ["黄金", "银"], "choice_en": ["Gold", ""]}
    bob.post(f"/settings/fields/{field.pk}/", {**sent, "choice_retired": ["jin"]})

    field.refresh_from_db()
    assert (field.key, field.label_zh) == ("deng_ji", "级别")
    assert field.choices == [
        {"key": "jin", "zh": "黄金", "en": "Gold", "retired": True},
        {"key": "yin", "zh": "银", "en": "银"},
    ]


def test_fields_are_dragged_stepped_and_put_under_headings(bob):
    for name in "abc":
        add("text", name)
    heading = add_section(label=Text("采购", ""), by=None)

    assert bob.post("/settings/fields/order/", {"section": heading.pk, "key": ["c", "a"]}).status_code == 204
    assert [field.key for field in active_fields()] == ["b", "c", "a"]
    bob.post("/settings/fields/order/", {"section": heading.pk, "moved": "a", "step": "up"})
    assert [field.key for field in active_fields()] == ["b", "a", "c"]
    bob.post(f"/settings/fields/sections/{heading.pk}/", {"act": "rename", "label_zh": "买卖"})
    assert FieldSection.objects.get().label_zh == "买卖"
    bob.post(f"/settings/fields/sections/{heading.pk}/", {"act": "delete"})
    assert not FieldSection.objects.exists()
    assert CustomField.objects.count() == 3


def test_a_retired_field_leaves_the_form_and_comes_back(bob, hotel):
    field = add("text", "旧字段")
    bob.post(f"/settings/fields/{field.pk}/retire/", {"is_retired": "yes"})
    assert field.name not in bob.get(f"/customers/{hotel.pk}/edit/").text
    bob.post(f"/settings/fields/{field.pk}/retire/", {"is_retired": "no"})
    assert field.name in bob.get(f"/customers/{hotel.pk}/edit/").text


def test_an_administrator_deletes_what_nothing_reads(people, rules, signed_in):
    ada = signed_in(people.ada)
    field = add("text", "旧字段")
    holder = make_customer(custom={field.key: "x"})
    assert ada.post(f"/settings/fields/{field.pk}/delete/").status_code == 409
    retire_field(field=field, is_retired=True, by=None)
    assert "1 位客户填过「旧字段」" in ada.get(f"/settings/fields/{field.pk}/delete/").text

    assert ada.post(f"/settings/fields/{field.pk}/delete/")["Location"] == "/settings/fields/"

    holder.refresh_from_db()
    assert holder.custom == {}
    assert not CustomField.objects.exists()


def test_the_form_saves_every_kind_and_the_record_reads_them_out(alice, people, hotel):
    choices = [{"key": "", "zh": zh, "en": "", "retired": False} for zh in ("月结", "预付")]
    fields = {
        kind.key: add(kind.key, kind.label.zh, choices=choices if kind.has_choices else []) for kind in FIELD_KINDS
    }
    parent = make_customer("云汀集团", owner=people.alice)
    typed = {
        "text": "wx-1",
        "long": "一行\n两行",
        "integer": "1,200",
        "decimal": "1.5",
        "money": "20 万",
        "date": "2027-03-31",
        "datetime": "2026-12-05T09:30",
        "choice": "yue_jie",
        "set": ["yue_jie", "yu_fu"],
        "bool": "false",
        "phone": "13800138000",
        "email": "a@example.com",
        "url": "example.com",
        "person": "Alice",
        "customer": "云汀集团",
    }
    sent = {**form_of(alice.get(f"/customers/{hotel.pk}/edit/").text)}
    sent |= {fields[key].name: value for key, value in typed.items()}

    response = alice.post(f"/customers/{hotel.pk}/edit/", sent)

    assert response.status_code == 302, re.findall(r'class="zk-error"[^<]*(?:<[^>]*>)*([^<]*)', response.text)
    hotel.refresh_from_db()
    assert hotel.custom == {
        fields["text"].key: "wx-1",
        fields["long"].key: "一行\n两行",
        fields["integer"].key: 1200,
        fields["decimal"].key: 1.5,
        fields["money"].key: 20_000_000,
        fields["date"].key: "2027-03-31",
        fields["datetime"].key: "2026-12-05T01:30:00+00:00",
        fields["choice"].key: "yue_jie",
        fields["set"].key: ["yue_jie", "yu_fu"],
        fields["bool"].key: False,
        fields["phone"].key: "+8613800138000",
        fields["email"].key: "a@example.com",
        fields["url"].key: "https://example.com",
        fields["person"].key: people.alice.email,
        fields["customer"].key: str(parent.pk),
    }
    page = alice.get(f"/customers/{hotel.pk}/").text
    for words in ("¥200,000", "1,200", "月结、预付", "2026-12-05 09:30", "138 **** 8000", "Alice", "云汀集团"):
        assert words in page
    assert f'href="/customers/{parent.pk}/"' in page
    # What is opened and saved again changes nothing.
    again = form_of(alice.get(f"/customers/{hotel.pk}/edit/").text)
    version = hotel.version
    kept = {name: value for name, value in sent.items() if name not in again or name.startswith("custom.")}
    alice.post(f"/customers/{hotel.pk}/edit/", {**kept, **again})
    hotel.refresh_from_db()
    assert hotel.version == version


def test_fields_of_persons_are_left_alone_where_a_company_is_saved(alice, hotel):
    field = add("text", "星座", kind="person")
    update_customer(customer=hotel, version=1, by=None, custom={field.key: "天秤"})
    sent = form_of(alice.get(f"/customers/{hotel.pk}/edit/").text)

    alice.post(f"/customers/{hotel.pk}/edit/", {**sent, field.name: ""})

    hotel.refresh_from_db()
    assert hotel.custom == {field.key: "天秤"}


def test_two_of_one_name_are_told_apart_by_what_was_chosen(alice, people, hotel):
    field = add("customer", "母公司")
    first, second = (make_customer("云汀", owner=people.alice) for _ in range(2))
    sent = form_of(alice.get(f"/customers/{hotel.pk}/edit/").text)

    refused = alice.post(f"/customers/{hotel.pk}/edit/", {**sent, field.name: "云汀", f"{field.name}.chosen": ""})
    alice.post(f"/customers/{hotel.pk}/edit/", {**sent, field.name: "云汀", f"{field.name}.chosen": str(second.pk)})

    assert "有几位客户是这个名字，请从列表里选一位。" in refused.text
    hotel.refresh_from_db()
    assert hotel.custom == {field.key: str(second.pk)} != {field.key: str(first.pk)}


def test_a_required_field_is_asked_of_a_new_customer(alice):
    field = add("text", "开票抬头", is_required=True)

    response = alice.post("/customers/new/", {"kind": "company", "name": "云汀", "key": str(uuid4())})

    assert response.status_code == 422
    assert "请填写开票抬头" in response.text
    assert field.name in response.text
    assert not Customer.objects.exists()


def test_the_lists_find_by_pinyin_and_show_what_one_may_see(alice, people):
    own, _foreign = make_customer("云汀餐饮", owner=people.alice), make_customer("云汀别家", owner=people.charlie)

    assert alice.get("/pick/customers/?q=yt").json()["values"] == [[str(own.pk), "云汀餐饮", ""]]
    found = alice.get("/pick/people/?q=char").json()["values"]
    assert [value[:2] for value in found] == [[people.charlie.email, "Charlie"]]


def test_fifty_fields_cost_no_more_statements_than_one(alice, hotel, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def statements() -> tuple[int, int]:
        counts = []
        for path in (f"/customers/{hotel.pk}/edit/", f"/customers/{hotel.pk}/"):
            alice.get(path)
            with CaptureQueriesContext(
                connection,
            ) as caught:
                alice.get(path)
            counts.append(len(caught))
        return counts[0], counts[1]

    add("text", "第一个")
    one = statements()
    for number in range(49):
        kinds = ("text", "money", "date", "bool", "integer")
        add(kinds[number % 5], f"字段{number}", f"field{number}")
    assert statements() == one


def test_history_says_who_changed_what_by_which_door_as_people_read_it(alice, people, hotel, signed_in):
    money = add("money", "年采购额")
    update_customer(customer=hotel, version=1, by=people.bob, custom={money.key: 123_450}, size="large")
    update_customer(customer=hotel, version=2, by=people.ada, owner=people.bob)
    update_customer(customer=hotel, version=3, by=None, owner=people.alice)

    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", alice.get(f"/customers/{hotel.pk}/history/").text))

    assert "Bob 表单" in page
    assert "年采购额 — ¥1,234.50" in page
    assert "规模 — 大型" in page
    assert "负责人 Alice Bob" in page
    assert "系统 命令行" in page
    only = alice.get(f"/customers/{hotel.pk}/history/?field=size").text
    assert "大型" in only
    assert "¥1,234.50" not in only
    assert signed_in(people.charlie).get(f"/customers/{hotel.pk}/history/").status_code == 404


def test_history_is_read_page_by_page(alice, hotel):
    for number in range(45):
        update_customer(customer=hotel, version=number + 1, by=None, city=f"城{number}")

    first = alice.get(f"/customers/{hotel.pk}/history/").text
    before = re.search(r"before=(\d+)", first)[1]
    second = alice.get(f"/customers/{hotel.pk}/history/?before={before}").text

    assert (first.count("zk-tl-item"), second.count("zk-tl-item")) == (40, 6)
    assert "城44" in first
    assert "城0" in second
    assert alice.get(f"/customers/{hotel.pk}/history/?before=x").status_code == 404


def test_both_sides_are_shown_and_the_second_saver_chooses(alice, people, hotel, signed_in):
    bob = signed_in(people.bob)
    path = f"/customers/{hotel.pk}/edit/"
    mine, theirs = form_of(alice.get(path).text), form_of(bob.get(path).text)
    bob.post(path, {**theirs, "city": "杭州", "industry": "餐饮", "owner": people.alice.pk})

    asked = alice.post(path, {**mine, "city": "苏州", "source": "展会", "owner": people.alice.pk})

    assert asked.status_code == 409
    assert re.findall(r'zk-differ-value">([^<]*)', asked.text) == ["杭州", "苏州"]
    assert 'name="seen" value="2"' in asked.text
    undecided = {**form_of(asked.text), "owner": people.alice.pk, "source": "展会"}
    assert alice.post(path, undecided).status_code == 409
    saved = alice.post(path, {**undecided, "keep.city": "mine"})
    assert saved.status_code == 302
    hotel.refresh_from_db()
    assert (hotel.city, hotel.industry, hotel.source) == ("苏州", "餐饮", "展会")


def test_the_other_side_may_stand(alice, people, hotel, signed_in):
    bob = signed_in(people.bob)
    path = f"/customers/{hotel.pk}/edit/"
    mine = form_of(alice.get(path).text)
    bob.post(path, {**mine, "city": "杭州", "owner": people.alice.pk})
    asked = form_of(alice.post(path, {**mine, "city": "苏州", "owner": people.alice.pk}).text)

    alice.post(path, {**asked, "owner": people.alice.pk, "source": "展会", "keep.city": "theirs"})

    hotel.refresh_from_db()
    assert (hotel.city, hotel.source) == ("杭州", "展会")


def test_what_was_decided_first_is_not_asked_again(alice, people, hotel, signed_in):
    path = f"/customers/{hotel.pk}/edit/"
    mine = form_of(alice.get(path).text)
    signed_in(people.bob).post(path, {**mine, "city": "杭州", "region": "浙江"})
    first = alice.post(path, {**mine, "city": "苏州", "region": "江苏"})
    second = alice.post(path, {**form_of(first.text), "keep.city": "theirs"})

    assert re.findall(r'zk-differ-value">([^<]*)', second.text) == ["浙江", "江苏"]
    assert alice.post(path, {**form_of(second.text), "keep.region": "mine"}).status_code == 302

    hotel.refresh_from_db()
    assert (hotel.city, hotel.region) == ("杭州", "江苏")


def test_a_question_is_answered_on_the_record_and_says_what_it_moved(alice, people, rules, hotel):
    customer = make_customer("林晓雯", owner=people.alice)
    page = alice.get(f"/customers/{customer.pk}/").text
    assert re.search(r"问一句：</?.*?客户性质", page, re.DOTALL)

    response = alice.post(
        f"/customers/{customer.pk}/answer/", {"field": "kind", "kind": "person", "version": customer.version}
    )

    assert response["Location"] == f"/customers/{customer.pk}/"
    customer.refresh_from_db()
    assert customer.kind == "person"
    assert Event.objects.filter(customer=customer, kind="customer.updated").get().source == "answer"
    assert "已保存" in alice.get(f"/customers/{customer.pk}/").text


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"field": "kind", "kind": "robot", "version": 1}, 422),
        ({"field": "kind", "kind": "", "version": 1}, 422),
        ({"field": "birthday", "birthday": "soon", "version": 1}, 422),
        ({"field": "password", "password": "x", "version": 1}, 404),
        ({"field": "custom.none", "custom.none": "x", "version": 1}, 404),
        ({}, 404),
    ],
)
def test_a_bad_answer_changes_nothing(alice, people, sent, status):
    customer = make_customer("林晓雯", owner=people.alice)

    assert alice.post(f"/customers/{customer.pk}/answer/", sent).status_code == status

    customer.refresh_from_db()
    assert (customer.kind, customer.version) == ("", 1)


def test_an_answer_leaves_the_form_of_everybody_else_as_it_was(alice, people, hotel):
    alice.get(f"/customers/{hotel.pk}/")
    assert 'name="birthday" required' not in alice.get("/customers/new/").text
    from zhike.web.customers.forms import CustomerForm

    assert [name for name, field in CustomerForm.base_fields.items() if field.required] == ["kind", "name"]


def test_completeness_is_shown_by_team_and_person_and_only_of_whom_one_sees(alice, people, hotel, signed_in):
    make_customer("别家", owner=people.charlie, kind="company")

    own = alice.get("/customers/completeness/").text
    every = signed_in(people.ada).get("/customers/completeness/").text

    assert "Alice" in own
    assert "Charlie" not in own
    assert "Charlie" in every
    assert "上海梧桐里酒店管理" in own
    gaps = alice.get("/customers/completeness/missing/").text
    assert "邮箱" in gaps
    assert "电话" not in re.sub(r"计入的有.*", "", gaps)


def test_rates_are_set_and_amounts_put_right_on_their_page(people, rules, hotel, signed_in):
    from datetime import date

    from tests.factories import make_event
    from zhike.timeline.models import ExchangeRate

    ada = signed_in(people.ada)
    sent = {"currency": "USD", "day": "2026-01-01", "rate": "7", "note": "央行"}
    assert ada.post("/settings/rates/", sent)["Location"] == "/settings/rates/"
    make_event(hotel, "order.placed", date(2026, 2, 1), amount=100_000, currency="USD")
    assert "$1,000（¥7,000）" in ada.get(f"/customers/{hotel.pk}/").text

    led = ada.post("/settings/rates/", {**sent, "rate": "7.2"})["Location"]

    assert led == f"/settings/rates/{ExchangeRate.objects.latest('pk').pk}/"
    page = ada.get(led).text
    assert "¥7,000" in page
    assert "¥7,200" in page
    ada.post(led)
    assert "$1,000（¥7,200）" in ada.get(f"/customers/{hotel.pk}/").text
    assert "这一段日子里的金额都和它一致。" in ada.get(led).text
    assert ada.post("/settings/rates/", {**sent, "rate": "x"}).status_code == 422
    assert ExchangeRate.objects.count() == 2
