"""The pages of a merge: side by side, the old address, and taking it back."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.test import Client

from tests.classification.samples import PACK
from tests.factories import make_customer, make_event, make_people
from zhike.classification.actions.packs import install_pack
from zhike.customers.models import Customer
from zhike.duplicates.actions.merges import merge_customers
from zhike.duplicates.models import Merge

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    install_pack(pack=PACK, by=None)
    return make_people()


@pytest.fixture
def pair(people):
    first = make_customer("杭州龙井茶业", owner=people.alice, key="A1", city="杭州", phone="13600136000")
    other = make_customer("龙井茶业有限公司", owner=people.alice, key="B2", region="华东")
    make_event(other, "order.placed", amount=1200)
    return first, other


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def address(*customers):
    return f"/customers/merge/?ids={','.join(str(customer.pk) for customer in customers)}"


def sent(page):
    """Return what the form on the page sends as it stands."""
    text = page.content.decode()
    found = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', text))
    return found | dict(re.findall(r'<input type="radio" name="([^"]+)" value="(\d+)" checked>', text))


def test_records_stand_side_by_side_and_become_one(people, pair):
    first, other = pair
    client = signed_in(people.alice)
    page = client.get(address(first, other))
    text = page.content.decode()

    assert page.status_code == 200
    assert text.index("不同的地方") < text.index("项相同")
    assert "写得更晚" in text
    assert [chip.label for chip in page.context["after"]] == ["高", "多"]
    form = sent(page)
    assert form["field.name"] == str(other.pk)
    done = client.post(address(first, other), {**form, "field.name": str(first.pk)})

    merge = Merge.objects.get()
    assert (done.status_code, done.url) == (302, f"/customers/{merge.customer_id}/")
    record = client.get(done.url).content.decode()
    assert f"/customers/merges/{merge.pk}/undo/" in record
    assert Customer.objects.get(pk=merge.customer_id).name == "杭州龙井茶业"
    assert client.post(address(first, other), form).url == done.url  # sent twice
    assert client.post(address(first, other), {**form, "key": str(uuid4())}).status_code == 409
    assert Merge.objects.count() == 1


def test_the_old_address_leads_on_and_takes_nothing(people, pair):
    first, other = pair
    merge_customers(ids=[first.pk, other.pk], survivor=first.pk, by=people.alice)
    client = signed_in(people.alice)

    for path in ("", "edit/", "history/"):
        led = client.get(f"/customers/{other.pk}/{path}")
        assert (led.status_code, led.url) == (302, f"/customers/{first.pk}/")
    assert "已经合并到这位客户" in client.get(f"/customers/{first.pk}/").content.decode()
    refused = client.post(f"/customers/{other.pk}/edit/", {"name": "改名", "version": 1})
    assert refused.status_code == 409
    assert Customer.objects.get(pk=other.pk).name == other.name
    assert signed_in(people.charlie).get(f"/customers/{other.pk}/").status_code == 404


def test_it_is_taken_back_from_its_page(people, pair):
    first, other = pair
    merge = merge_customers(ids=[first.pk, other.pk], survivor=first.pk, by=people.alice)
    client = signed_in(people.alice)

    assert "撤销合并" in client.get(f"/customers/merges/{merge.pk}/").content.decode()
    assert client.post(f"/customers/merges/{merge.pk}/undo/").url == f"/customers/merges/{merge.pk}/"
    page = client.get(f"/customers/merges/{merge.pk}/").content.decode()
    assert "都恢复了合并前的样子" in page
    assert client.post(f"/customers/merges/{merge.pk}/undo/").status_code == 409
    assert client.get(f"/customers/{other.pk}/").status_code == 200


def test_what_was_changed_meanwhile_is_looked_at_again(people, pair):
    first, other = pair
    client = signed_in(people.alice)
    form = sent(client.get(address(first, other)))
    Customer.objects.filter(pk=other.pk).update(version=7)

    refused = client.post(address(first, other), form)

    assert refused.status_code == 409
    assert "刚被别人改过" in refused.content.decode()
    assert sent(refused)[f"version.{other.pk}"] == "7"
    assert not Merge.objects.exists()


def test_two_to_five_of_ones_own(people, pair):
    first, other = pair
    foreign = make_customer("别人的", owner=people.charlie)
    client = signed_in(people.alice)

    assert client.get(address(first)).url == f"/customers/{first.pk}/merge/"
    assert client.get("/customers/merge/").status_code == 422
    assert "现在选了 6 位" in client.get("/customers/merge/?ids=1,2,3,4,5,6").content.decode()
    assert client.get(address(first, foreign)).status_code == 404
    assert client.get(f"/customers/merge/?customer={first.pk}&customer={other.pk}").status_code == 200
    assert client.get(f"{address(first, other)}&survivor={foreign.pk}").status_code == 404
    assert client.get(f"/customers/{first.pk}/merge/?q=龙井").status_code == 200
    led = client.get(f"/customers/{first.pk}/merge/?go=1&other={other.pk}")
    assert (led.status_code, led.url) == (302, address(first, other))
    assert client.get(f"/customers/{first.pk}/merge/?go=1").status_code == 422
