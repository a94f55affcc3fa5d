"""Setting the class of many customers from the list."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test.utils import CaptureQueriesContext

from tests.factories import SHANGHAI, make_customer
from zhike.classification.models import Override, Placement

GIVEN = {"class_key": "value.low", "reason": "清理旧名单", "until": "usual"}


def given(count, **more):
    return {**GIVEN, "count": count, "key": str(uuid4()), **more}


@pytest.fixture
def five(people, rules):
    return [
        make_customer(f"客户{number}", owner=people.alice, city="上海" if number < 3 else "杭州") for number in range(5)
    ]


def path(*customers, query=""):
    return "/customers/override/?" + "&".join([*(f"customer={c.pk}" for c in customers), *([query] if query else [])])


def value(customer):
    return Placement.objects.get(customer=customer, dimension="value").class_key


def test_the_list_offers_to_pick_rows_and_carries_its_filter_along(alice, five):
    page = alice.get("/customers/?city=上海&sort=-name").text
    assert page.count("data-pick ") == 3
    assert 'formaction="/customers/override/"' in page
    assert '<input type="hidden" name="city" value="上海">' in page
    assert '<input type="hidden" name="sort" value="-name">' in page
    assert "全选 3 位" not in page  # all of them are on this page


def test_those_picked_are_named_with_their_classes_and_then_changed(alice, five):
    from zhike.base.clock import today

    page = alice.get(path(five[0], five[4])).text
    assert "人工指定：2 位客户" in page
    assert "客户0" in page
    assert "客户1" not in page

    response = alice.post(path(five[0], five[4], query="city=上海"), given(2), follow=True)
    assert response.redirect_chain == [("/customers/?city=%E4%B8%8A%E6%B5%B7", 302)]
    until = today(SHANGHAI) + timedelta(days=90)
    assert f"2 位客户的客户价值已指定为低价值，到 {until.isoformat()}" in response.text
    assert [value(customer) for customer in five] == ["low", "regular", "regular", "regular", "low"]
    assert set(Override.objects.values_list("reason", "expires_on", "by__name")) == {("清理旧名单", until, "Alice")}


def test_all_that_the_filter_keeps_are_changed_whatever_page_they_are_on(alice, five, monkeypatch):
    monkeypatch.setattr("zhike.web.customers.views.PAGE_SIZE", 2)
    assert "全选 3 位" in alice.get("/customers/?city=上海").text
    response = alice.post("/customers/override/?city=上海&every=1", given(3, until="never"), follow=True)
    assert "3 位客户的客户价值已指定为低价值<" in response.text
    assert [value(customer) for customer in five] == ["low", "low", "low", "regular", "regular"]


def test_above_two_hundred_it_has_to_be_confirmed(alice, five, monkeypatch):
    for module in ("forms", "views"):
        monkeypatch.setattr(f"zhike.web.bulk.{module}.UNASKED", 4)
    assert "我确认要一次改这么多客户" not in alice.get(path(*five[:4])).text
    assert "我确认要一次改这么多客户" in alice.get(path(*five)).text
    response = alice.post(path(*five), given(5))
    assert response.status_code == 422
    assert "超过 200 位，勾上这一项再做。" in response.text
    assert not Override.objects.exists()
    assert alice.post(path(*five), given(5, confirmed="on")).status_code == 302
    assert Override.objects.count() == 5


def test_whoever_joined_meanwhile_is_not_changed_unseen(alice, five, people):
    make_customer("新来的", owner=people.alice, city="上海")
    response = alice.post("/customers/override/?city=上海&every=1", given(3))
    assert response.status_code == 409
    assert "符合条件的现在是 4 位，看清楚再做" in response.text
    assert not Override.objects.exists()
    assert 'name="count" value="4"' in response.text


@pytest.mark.parametrize("query", ["", "customer=", "customer=x", "customer=0", "customer=99999999999999999999"])
def test_nobody_picked_is_said(alice, five, query):
    response = alice.get(f"/customers/override/?{query}")
    assert response.status_code == 422
    assert "先在客户列表里勾选客户" in response.text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"reason": ""}, "写一句理由"),
        ({"class_key": ""}, "选一个类别。"),
        ({"count": ""}, "这一页已经过时"),
        ({"until": "date", "expires_on": "2020-01-01"}, "到期日要在今天之后"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_changes(alice, five, wrong, words):
    response = alice.post(path(*five), given(5) | wrong)
    assert response.status_code == 422
    assert words in response.text
    assert not Override.objects.exists()


def test_a_stranger_reaches_nobody(people, five, signed_in):
    charlie = signed_in(people.charlie)
    own = make_customer("自己的", owner=people.charlie)
    assert charlie.post(path(*five), given(5)).status_code == 422
    assert charlie.post(path(*five, own), given(1)).status_code == 302
    assert list(Override.objects.values_list("customer", flat=True)) == [own.pk]


def test_the_number_of_queries_does_not_grow_with_those_picked(alice, five, django_assert_num_queries):
    from django.db import connection

    alice.get(path(five[0]))
    with CaptureQueriesContext(connection) as few:
        alice.get(path(five[0]))
    with django_assert_num_queries(len(few)):
        alice.get(path(*five))
