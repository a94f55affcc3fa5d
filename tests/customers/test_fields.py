"""The company's own fields: made, named, ordered, retired, deleted; and what customers have in them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import make_customer, make_people
from zhike.base.errors import Conflict, Forbidden
from zhike.base.inputs import Invalid
from zhike.core.facts import FieldType, Unit
from zhike.core.text import Text
from zhike.customers.actions.customers import create_customer, update_customer
from zhike.customers.actions.fields import (
    add_field,
    add_section,
    change_field,
    delete_field,
    delete_section,
    order_fields,
    order_sections,
    retire_field,
)
from zhike.customers.bulk import save_customers
from zhike.customers.facts import as_field
from zhike.customers.fields import FIELD_KINDS, KINDS_BY_KEY, active_fields, filled, kind_of
from zhike.customers.models import CustomField, FieldSection
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db


def add(kind_key: str, zh: str = "字段", **given: Any) -> CustomField:
    return add_field(field_kind=KINDS_BY_KEY[kind_key], by=None, label=Text(zh, given.pop("en", "")), **given)


def choice(zh: str, key: str = "", *, retired: bool = False) -> Any:
    return {"key": key, "zh": zh, "en": "", "retired": retired}


@pytest.mark.parametrize("kind", FIELD_KINDS, ids=lambda kind: kind.key)
def test_a_field_is_of_the_kind_that_it_was_made_as(kind):
    field = add_field(
        field_kind=kind, by=None, label=Text("甲", ""), choices=[choice("一")] if kind.has_choices else []
    )

    assert kind_of(field) == kind
    assert as_field(field).type is kind.type
    assert as_field(field).unit is (Unit.MONEY if kind.key == "money" else Unit.NONE)


def test_the_key_comes_from_the_name_and_stays_when_the_name_changes():
    first, second = add("text", "年采购额"), add("text", "年采购额")
    english = add("text", "楼层", en="Floor no.")
    customer = make_customer(custom={first.key: "很多"})

    change_field(field=first, by=None, label=Text("每年买多少", "Bought a year"))

    assert (first.key, second.key, english.key) == ("nian_cai_gou_e", "nian_cai_gou_e_2", "floor_no")
    first.refresh_from_db()
    assert (first.key, first.label_zh, first.label_en) == ("nian_cai_gou_e", "每年买多少", "Bought a year")
    customer.refresh_from_db()
    assert customer.custom == {"nian_cai_gou_e": "很多"}


@pytest.mark.parametrize(
    ("kind", "raw", "stored"),
    [
        ("phone", "138 0013 8000", "+8613800138000"),
        ("email", " Lin@Example.COM ", "lin@example.com"),
        ("url", "example.com/a", "https://example.com/a"),
        ("url", "http://example.com", "http://example.com"),
        ("money", 123_456, 123_456),
        ("long", "一行\r\n两行", "一行\n两行"),
        ("set", ["甲", "yi"], ["jia", "yi"]),
        ("choice", "乙", "yi"),
        ("bool", "否", False),
        ("integer", 0, 0),
    ],
)
def test_a_value_is_stored_as_its_kind_has_it(kind, raw, stored):
    field = add(kind, choices=[choice("甲"), choice("乙")] if KINDS_BY_KEY[kind].has_choices else [])

    customer = make_customer(custom={field.key: raw})

    customer.refresh_from_db()
    assert customer.custom == {field.key: stored}


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("phone", "12"),
        ("email", "nobody"),
        ("url", "javascript:alert(1)"),
        ("url", "ftp://example.com"),
        ("url", "nowhere"),
        ("money", 10**16),
        ("set", ["丙"]),
        ("choice", "丙"),
        ("person", "nobody@example.com"),
        ("customer", "999999"),
        ("customer", "abc"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field_and_nothing_is_written(kind, raw):
    field = add(kind, choices=[choice("甲"), choice("乙")] if KINDS_BY_KEY[kind].has_choices else [])
    customer = make_customer()

    with pytest.raises(Invalid) as caught:
        update_customer(customer=customer, version=1, by=None, custom={field.key: raw})

    assert caught.value.path == field.name
    customer.refresh_from_db()
    assert (customer.custom, customer.version) == ({}, 1)


def test_a_link_to_a_customer_whom_one_may_not_see_reads_like_one_that_is_not_there():
    people = make_people()
    field = add("customer", "母公司")
    other = make_customer("别家", owner=people.charlie)
    own = make_customer(owner=people.alice)

    with pytest.raises(Invalid) as unseen:
        update_customer(customer=own, version=1, by=people.alice, custom={field.key: str(other.pk)})
    with pytest.raises(Invalid) as unknown:
        update_customer(customer=own, version=1, by=people.alice, custom={field.key: "999999"})
    update_customer(customer=own, version=1, by=people.ada, custom={field.key: str(other.pk)})

    assert unseen.value.zh.replace(str(other.pk), "") == unknown.value.zh.replace("999999", "")
    update_customer(customer=own, version=2, by=people.alice, name="改名不动别的", custom={field.key: str(other.pk)})
    own.refresh_from_db()
    assert own.custom == {field.key: str(other.pk)}


def test_choices_are_added_renamed_ordered_and_retired_and_customers_keep_what_they_have():
    field = add("choice", "等级", choices=[choice("金"), choice("银"), choice("铜")])
    customer = make_customer(custom={field.key: "银"})

    change_field(
        field=field, by=None, choices=[choice("白金"), choice("黄金", "jin"), choice("铜", "tong", retired=True)]
    )

    field.refresh_from_db()
    assert field.choices == [
        {"key": "bai_jin", "zh": "白金", "en": "白金"},
        {"key": "jin", "zh": "黄金", "en": "黄金"},
        {"key": "tong", "zh": "铜", "en": "铜", "retired": True},
        {"key": "yin", "zh": "银", "en": "银", "retired": True},  # left out: somebody may have it
    ]
    update_customer(customer=customer, version=1, by=None, name="乙")
    customer.refresh_from_db()
    assert customer.custom == {field.key: "yin"}


@pytest.mark.parametrize(
    ("choices", "words"), [([], "至少写一个选项"), ([choice("甲"), choice(" 甲 ")], "有两个选项同名")]
)
def test_choices_that_nobody_could_choose_from_are_refused(choices, words):
    with pytest.raises(Invalid) as caught:
        add("choice", choices=choices)

    assert caught.value.zh == words
    assert not CustomField.objects.exists()


def test_a_required_field_is_asked_of_new_records_and_never_blocks_old_ones():
    people = make_people()
    old = make_customer(owner=people.alice)
    field = add("text", "开票抬头", is_required=True, kind="company")

    with pytest.raises(Invalid) as caught:
        create_customer(by=people.alice, name="新客户", kind="company")
    assert (caught.value.path, caught.value.zh) == (field.name, "请填写开票抬头")
    create_customer(by=people.alice, name="林晓雯", kind="person")
    update_customer(customer=old, version=1, by=people.alice, city="苏州")
    update_customer(customer=old, version=2, by=people.alice, custom={field.key: "甲公司"})
    with pytest.raises(Invalid):
        update_customer(customer=old, version=3, by=people.alice, custom={field.key: ""})

    old.refresh_from_db()
    assert (old.city, old.custom, old.version) == ("苏州", {field.key: "甲公司"}, 3)


def test_a_new_customer_begins_with_the_defaults_of_its_kind_unless_something_else_is_said():
    add("integer", "席位", en="seats", default="10")
    add("text", "门店", en="shop", default="总店", kind="company")

    begun = make_customer(kind="person")
    emptied = make_customer(kind="company", custom={"seats": ""})

    assert begun.custom == {"seats": 10}
    assert emptied.custom == {"shop": "总店"}


def test_a_default_that_does_not_fit_is_refused():
    with pytest.raises(Invalid) as caught:
        add("integer", "席位", default="许多")

    assert caught.value.path == "default"
    assert not CustomField.objects.exists()


def test_fields_stand_in_their_order_under_their_headings():
    first, second, third = (add("text", name, en=name) for name in ("a", "b", "c"))
    size, deal = add_section(label=Text("规模", ""), by=None), add_section(label=Text("交易", ""), by=None)

    order_fields(keys=["c", "a"], section=size, by=None)
    order_fields(keys=["b"], section=deal, by=None)
    order_sections(ids=[deal.pk, size.pk], by=None)
    assert [field.key for field in active_fields()] == ["b", "c", "a"]

    delete_section(section=deal, by=None)
    assert [field.key for field in active_fields()] == ["b", "c", "a"]
    assert list(FieldSection.objects.values_list("label_zh", flat=True)) == ["规模"]
    assert {first.pk, second.pk, third.pk} == set(CustomField.objects.values_list("pk", flat=True))


def test_a_retired_field_is_offered_no_longer_and_says_so_where_rules_read_it():
    field = add("text", "旧字段")
    make_customer(custom={field.key: "x"})

    retired = retire_field(field=field, is_retired=True, by=None)

    assert active_fields() == []
    assert as_field(retired).label == Text("旧字段（已停用）", "旧字段 (retired)")
    assert filled(field) == 1
    assert retire_field(field=field, is_retired=False, by=None).retired_at is None
    assert [one.key for one in active_fields()] == [field.key]


def test_a_field_goes_with_its_values_and_the_history_keeps_them():
    people = make_people()
    field = add("text", "旧字段", en="old")
    holder, other = make_customer(custom={"old": "x"}), make_customer()

    with pytest.raises(Conflict):
        delete_field(field=field, by=people.ada)
    retire_field(field=field, is_retired=True, by=None)
    with pytest.raises(Forbidden):
        delete_field(field=field, by=people.bob)
    assert CustomField.objects.exists()
    delete_field(field=field, by=people.ada)

    assert not CustomField.objects.exists()
    holder.refresh_from_db()
    other.refresh_from_db()
    assert (holder.custom, holder.custom_folded, holder.version, other.version) == ({}, {}, 2, 1)
    told = Event.objects.get(kind="customer.updated")
    assert (told.customer_id, told.source, told.actor, told.data["changes"]) == (
        holder.pk,
        "field",
        people.ada,
        [{"field": "custom.old", "from": "x", "to": None}],
    )


def test_a_field_that_rules_read_is_not_deleted():
    from tests.classification.deciding import pack
    from zhike.classification.actions.drafts import start_draft
    from zhike.classification.actions.packs import install_pack

    field = add("integer", "席位", en="seats")
    install_pack(pack=pack(high={"when": {"field": "custom.seats", "op": "gte", "value": 5}}), by=None)
    start_draft(dimension="value", by=make_people().ada)
    retire_field(field=field, is_retired=True, by=None)

    with pytest.raises(Conflict) as caught:
        delete_field(field=field, by=None)

    assert caught.value.zh == "还有「价值」的规则、「价值」的草稿在用这个字段，不能删除"
    assert CustomField.objects.filter(pk=field.pk).exists()


def test_nobody_without_the_right_touches_a_definition():
    people = make_people()
    field = add("text", "甲")
    heading = add_section(label=Text("规模", ""), by=None)

    for forbidden in (
        lambda: add_field(field_kind=KINDS_BY_KEY["text"], by=people.alice, label=Text("乙", "")),
        lambda: change_field(field=field, by=people.alice, label=Text("乙", "")),
        lambda: retire_field(field=field, is_retired=True, by=people.alice),
        lambda: order_fields(keys=[field.key], section=heading, by=people.alice),
        lambda: delete_section(section=heading, by=people.alice),
        lambda: add_section(label=Text("乙", ""), by=people.alice),
    ):
        with pytest.raises(Forbidden):
            forbidden()

    field.refresh_from_db()
    assert (field.label_zh, field.retired_at, field.section) == ("甲", None, None)
    assert FieldSection.objects.count() == 1


def test_a_file_names_customers_by_key_and_colleagues_by_address():
    people = make_people()
    parent, consultant = add("customer", "母公司", en="parent"), add("person", "顾问", en="consultant")
    mother = make_customer(key="M1")

    saved = save_customers(
        [
            {"key": "A", "name": "甲", "custom": {"parent": "M1", "consultant": people.alice.email}},
            {"key": "B", "name": "乙", "custom": {"parent": "nobody"}},
            {"key": "C", "name": "丙", "custom": {"consultant": "x@example.com"}},
        ],
        by=None,
    )

    from zhike.customers.models import Customer

    assert Customer.objects.get(key="A").custom == {"parent": str(mother.pk), "consultant": people.alice.email}
    assert [(place, error.path) for place, error in saved.refused] == [(1, parent.name), (2, consultant.name)]
    assert not Customer.objects.filter(key__in=["B", "C"]).exists()


def test_types_and_formats_are_compared_by_the_type_of_the_core():
    assert {kind.type for kind in FIELD_KINDS} == set(FieldType)
