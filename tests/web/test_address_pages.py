"""Addresses on their forms: chosen from three lists, with scripts and without."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from zhike.customers.actions.addresses import add_address
from zhike.customers.models import Address


def options(text, level):
    select = re.search(rf'<select[^>]* name="{level}".*?</select>', text, re.DOTALL)[0]
    return re.findall(r">([^<>]+)</option>", select)[1:]


def test_each_list_follows_from_the_one_before(alice):
    page = alice.get("/divisions/?province=330000&city=330100&district=330106").text
    assert options(page, "province")[:2] == ["北京市", "天津市"]
    assert options(page, "city")[0] == "杭州市"
    assert "西湖区" in options(page, "district")
    assert '<option value="330106" selected>' in page
    page = alice.get("/divisions/?province=310000&city=330100&district=330106").text
    assert options(page, "city") == ["上海市"]
    assert '<option value="310100" selected>' in page  # there is no other
    assert "静安区" in options(page, "district")
    assert "330106" not in page


@pytest.mark.parametrize("query", ["", "?province=x&city=%00", "?city=330100"])
def test_nothing_chosen_offers_the_provinces(alice, query):
    page = alice.get(f"/divisions/{query}").text
    assert (len(options(page, "province")), options(page, "city"), options(page, "district")) == (34, [], [])


def test_an_address_is_added_without_scripts(alice, hotel):
    path = f"/customers/{hotel.pk}/addresses/new/"
    form = {"province": "330000", "street": "文三路 9 号", "key": str(uuid4())}
    page = alice.post(path, {**form, "list": "1"})
    assert (page.status_code, options(page.text, "city")[0]) == (200, "杭州市")
    assert 'value="文三路 9 号"' in page.text
    alice.post(path, {**form, "city": "330100", "district": "330106", "label": "仓库"})
    assert [(one.line, one.division, one.label) for one in Address.objects.all()] == [
        ("浙江省杭州市西湖区文三路 9 号", "330106", "仓库")
    ]
    shown = alice.get(f"/customers/{hotel.pk}/").text
    assert "浙江省杭州市西湖区文三路 9 号" in shown
    assert "仓库" in shown


def test_nothing_is_said_of_nowhere(alice, hotel):
    response = alice.post(f"/customers/{hotel.pk}/addresses/new/", {"label": "总部", "key": str(uuid4())})
    assert response.status_code == 422
    assert "选择省市，或者写下街道" in response.text
    assert not Address.objects.exists()


def test_a_division_that_there_is_no_longer_keeps_its_name(alice, hotel):
    address = add_address(customer=hotel, by=None, division="330106", street="文三路 9 号")
    Address.objects.filter(pk=address.pk).update(division="330103", district="下城区")
    path = f"/customers/{hotel.pk}/addresses/{address.pk}/"
    alice.post(path, {"street": "文三路 10 号", "version": 1})
    address.refresh_from_db()
    assert (address.line, address.version) == ("浙江省杭州市下城区文三路 10 号", 2)


def test_an_address_is_changed_and_removed(alice, hotel):
    address = add_address(customer=hotel, by=None, division="330106", street="文三路 9 号")
    path = f"/customers/{hotel.pk}/addresses/{address.pk}/"
    assert '<option value="330106" selected>' in alice.get(path).text
    form = {"province": "310000", "city": "310100", "district": "310106", "street": "", "version": 1}
    alice.post(path, form)
    address.refresh_from_db()
    assert address.line == "上海市静安区"
    response = alice.post(path, {**form, "street": "愚园路", "version": 1})
    assert response.status_code == 409
    assert f'<a href="{path}">看最新内容</a>' in response.text
    alice.post(f"{path}remove/")
    assert not Address.objects.exists()
