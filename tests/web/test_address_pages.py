"""Addresses on their forms: chosen from three lists, with scripts and without."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from tests.factories import make_customer, make_user
from zhike.accounts.grants import VERBS
from zhike.accounts.models import FieldRight, Role, RoleRight
from zhike.base.errors import Forbidden
from zhike.customers.actions.addresses import add_address, remove_address
from zhike.customers.models import Address
from zhike.timeline.models import Event


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


# --- An address tells region and city, so it is as open as the most closed of them ---

TOLD = ("浙江", "杭州", "西湖", "文三路", "310012", "开票处")


@pytest.fixture
def clerk(people):
    role = Role.objects.create(key="clerk", label_zh="文员", label_en="Clerk")
    for verb, label in VERBS:
        if label in {"customers.Customer", "timeline.Event"} and verb != "disclose":
            RoleRight.objects.create(role=role, verb=verb, object=label, scope="all")
    return make_user(role="clerk")


@pytest.fixture
def stall(people, rules):
    customer = make_customer("文具店", owner=people.alice, region="别区", city="别城")
    add_address(
        customer=customer, by=people.alice, division="330106", street="文三路 9 号", postcode="310012", label="开票处"
    )
    return customer


def limit(clerk, field, access):
    FieldRight.objects.create(role=clerk.role, object="customers.Customer", field=field, access=access)


def doors(client, customer):
    """Return all that can be read of a customer, door by door."""
    paths = ("", "history/", "history/?field=addresses", "peek/", "edit/", "reaches/", "access/")
    found = {path: client.get(f"/customers/{customer.pk}/{path}") for path in paths}
    found |= {path: client.get(path) for path in ("/customers/", "/search/?q=三路", "/search/?q=文具", "/")}
    return {path: answer.text if answer.status_code == 200 else "" for path, answer in found.items()}


@pytest.mark.parametrize("field", ["region", "city", "addresses"])
def test_where_region_city_or_address_is_hidden_no_door_tells_the_address(clerk, stall, signed_in, people, field):
    seen = doors(signed_in(people.ada), stall)
    assert [part for part in TOLD if part not in seen[""]] == []
    assert "文三路" in seen["history/?field=addresses"]
    limit(clerk, field, "hidden")
    seen = doors(signed_in(clerk), stall)
    assert "文具店" in seen[""]
    assert [(path, part) for path, text in seen.items() for part in TOLD if part in text] == []


@pytest.mark.parametrize("field", ["region", "city", "addresses"])
def test_where_one_of_them_is_masked_the_first_character_is_left(clerk, stall, signed_in, field):
    limit(clerk, field, "masked")
    seen = doors(signed_in(clerk), stall)
    assert "浙***" in seen[""]
    assert [
        (path, part) for path, text in seen.items() for part in ("浙江", "西湖", "文三路", "310012") if part in text
    ] == []


@pytest.mark.parametrize("access", ["hidden", "masked", "read"])
@pytest.mark.parametrize("field", ["region", "city", "addresses"])
def test_who_may_not_write_one_of_them_writes_no_address(clerk, stall, signed_in, field, access):
    limit(clerk, field, access)
    address, client = Address.objects.get(), signed_in(clerk)
    before = Address.objects.values().get(), Event.objects.count()
    base = f"/customers/{stall.pk}/addresses/"
    assert "addresses/" not in client.get(f"/customers/{stall.pk}/").text
    sent = {"street": "别处", "key": str(uuid4()), "version": address.version}
    paths = (f"{base}new/", f"{base}{address.pk}/", f"{base}{address.pk}/remove/")
    assert [client.post(path, sent).status_code for path in paths] == [403, 403, 403]
    assert [client.get(path).status_code for path in paths[:2]] == [403, 403]
    with pytest.raises(Forbidden):
        remove_address(address=address, by=clerk)
    assert (Address.objects.values().get(), Event.objects.count()) == before


def test_what_an_address_gives_is_set_in_the_matrix_of_a_role(people, signed_in, rules):
    from zhike.accounts.policy import rights_of_role

    client = signed_in(people.ada)
    path = client.post("/settings/roles/sales/copy/")["Location"]
    page = client.get(path).text
    assert 'name="field:customers.Customer:addresses"' in page
    sent = {"label_zh": "助理", "label_en": "Assistant", "field:customers.Customer:addresses": "masked"}
    assert client.post(path, sent).status_code == 302
    key = path.rstrip("/").rpartition("/")[2]
    assert rights_of_role(key).fields["customers.Customer", "addresses"].key == "masked"
    # A hidden city hides the address too, and the matrix still says what was chosen for the address itself.
    FieldRight.objects.create(role_id=key, object="customers.Customer", field="city", access="hidden")
    assert re.search(
        r'name="field:customers.Customer:addresses".*?<option value="masked" selected', client.get(path).text, re.DOTALL
    )
