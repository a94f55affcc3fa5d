"""Addresses, and the divisions that they are chosen from."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import make_customer, make_people
from tests.scenes import once
from zhike.base.errors import Conflict, NotFound
from zhike.base.inputs import Invalid
from zhike.customers.actions.addresses import add_address, remove_address, update_address
from zhike.customers.divisions import NOWHERE, below, line_of, place, region_of, short_name
from zhike.customers.models import Address
from zhike.timeline.models import Event

JINGAN = "310106"
XIHU = "330106"


@pytest.fixture
def people(db):
    return once("people", make_people)


def kept(customer):
    return [(one.line, one.is_primary) for one in Address.objects.filter(customer=customer)]


def told():
    return [
        (change["field"], change["from"], change["to"])
        for event in Event.objects.filter(kind="customer.updated").order_by("pk")
        for change in event.data["changes"]
    ]


def test_every_place_has_the_levels_of_an_envelope():
    assert len(below()) == 34
    assert place(JINGAN) == ("上海市", "上海市", "静安区")
    assert place(XIHU) == ("浙江省", "杭州市", "西湖区")
    assert place("429004") == ("湖北省", "仙桃市", "")
    assert place("810100") == ("香港特别行政区", "香港特别行政区", "")
    assert (place("999999"), line_of("")) == (NOWHERE, [])


@given(st.sampled_from(below()), st.data())
def test_whatever_is_chosen_from_the_lists_is_found_again(province, data):
    chosen = [province.code]
    while options := below(chosen[-1]):
        chosen.append(data.draw(st.sampled_from(options)).code)
    assert line_of(chosen[-1]) == chosen
    assert len(chosen) in {2, 3}
    assert region_of(chosen[-1])


@pytest.mark.parametrize(
    ("city", "short"),
    [("上海市", "上海"), ("沙市", "沙市"), ("香港特别行政区", "香港"), ("大理白族自治州", "大理白族自治州")],
)
def test_a_city_is_called_as_people_call_it(city, short):
    assert short_name(city) == short


def test_the_first_address_is_primary_and_fills_city_and_region(people):
    customer = make_customer(owner=people.alice)
    add_address(customer=customer, by=people.alice, division=JINGAN, street=" 愚园路  168 号 ", postcode="200040")
    customer.refresh_from_db()
    assert (customer.city, customer.city_folded, customer.region, customer.version) == ("上海", "上海", "华东", 2)
    assert kept(customer) == [("上海市静安区愚园路 168 号", True)]
    assert told() == [
        ("addresses", "", "上海市静安区愚园路 168 号 200040"),
        ("city", "", "上海"),
        ("region", "", "华东"),
    ]


def test_what_was_written_of_city_and_region_stays(people):
    customer = make_customer(owner=people.alice, city="苏州", region="东区")
    add_address(customer=customer, by=people.alice, division=JINGAN)
    customer.refresh_from_db()
    assert (customer.city, customer.region, customer.version) == ("苏州", "东区", 1)


def test_there_is_one_primary_address(people):
    customer = make_customer(owner=people.alice, city="上海")
    first = add_address(customer=customer, by=people.alice, division=JINGAN)
    second = add_address(customer=customer, by=people.alice, division=XIHU, is_primary=True)
    assert kept(customer) == [("浙江省杭州市西湖区", True), ("上海市静安区", False)]
    update_address(address=first, version=1, by=people.alice, is_primary=True)
    assert kept(customer) == [("上海市静安区", True), ("浙江省杭州市西湖区", False)]
    remove_address(address=first, by=people.alice)
    assert kept(customer) == [("浙江省杭州市西湖区", True)]
    remove_address(address=second, by=people.alice)
    assert kept(customer) == []
    assert told()[-1] == ("addresses", "浙江省杭州市西湖区", "")


def test_an_old_version_is_refused_and_the_same_again_is_not(people):
    customer = make_customer(owner=people.alice)
    address = add_address(customer=customer, by=people.alice, division=JINGAN)
    for _ in range(2):
        update_address(address=address, version=1, by=people.bob, street="愚园路 1 号")
    with pytest.raises(Conflict):
        update_address(address=address, version=1, by=people.alice, street="愚园路 2 号")
    assert kept(customer) == [("上海市静安区愚园路 1 号", True)]


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"division": "999999"}, "division"),
        ({"label": "总部"}, "street"),
        ({"division": JINGAN, "street": "长" * 201}, "street"),
        ({"division": JINGAN, "postcode": "1" * 11}, "postcode"),
    ],
)
def test_an_address_that_cannot_be(people, given, path):
    customer = make_customer(owner=people.alice)
    with pytest.raises(Invalid) as caught:
        add_address(customer=customer, by=people.alice, **given)
    assert (caught.value.path, kept(customer), told()) == (path, [], [])


def test_a_form_sent_twice_makes_one_and_a_stranger_none(people):
    customer = make_customer(owner=people.alice)
    key = uuid4()
    made = [add_address(customer=customer, by=people.alice, form_key=key, division=JINGAN) for _ in range(2)]
    assert made[0] == made[1]
    with pytest.raises(NotFound):
        add_address(customer=customer, by=people.charlie, division=XIHU)
    with pytest.raises(NotFound):
        remove_address(address=made[0], by=people.charlie)
    assert kept(customer) == [("上海市静安区", True)]
