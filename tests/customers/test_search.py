"""Customers are found by any part of their name, in characters, pinyin or initials, and by telephone."""

from __future__ import annotations

import pytest

from tests.factories import make_customer, make_people
from zhike.customers.models import Customer
from zhike.customers.names import grams, sort_key, terms
from zhike.customers.queries import customers, find_customer, search

pytestmark = pytest.mark.django_db


@pytest.fixture
def shops():
    make_customer("上海梧桐里酒店管理有限公司", key="K-100", phone="138 1234 5678", email="hi@wutongli.cn")
    make_customer("文通路健身")
    make_customer("吴天磊", phone="021-62345678")
    make_customer("Acme Ltd 北京")
    make_customer("100% 果汁_店")


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("梧桐里", ["上海梧桐里酒店管理有限公司"]),
        ("桐", ["上海梧桐里酒店管理有限公司"]),
        ("梧桐 酒店", ["上海梧桐里酒店管理有限公司"]),
        ("桐梧", []),
        ("wutong", ["上海梧桐里酒店管理有限公司"]),
        ("utongl", ["上海梧桐里酒店管理有限公司"]),
        ("wtl", ["文通路健身", "上海梧桐里酒店管理有限公司", "吴天磊"]),
        ("WTL", ["文通路健身", "上海梧桐里酒店管理有限公司", "吴天磊"]),
        ("13812345678", ["上海梧桐里酒店管理有限公司"]),
        ("138-1234", ["上海梧桐里酒店管理有限公司"]),
        ("5678", ["上海梧桐里酒店管理有限公司", "吴天磊"]),
        ("021 6234", []),
        ("62345678", ["吴天磊"]),
        ("acme", ["Acme Ltd 北京"]),
        ("ＡＣＭＥ ltd", ["Acme Ltd 北京"]),
        ("beijing", ["Acme Ltd 北京"]),
        ("k-100", ["上海梧桐里酒店管理有限公司"]),
        ("wutongli.cn", ["上海梧桐里酒店管理有限公司"]),
        ("100%", ["100% 果汁_店"]),
        ("汁_", ["100% 果汁_店"]),
        ("%", ["100% 果汁_店"]),
        ("v", []),
        ("zzz", []),
        ("\x00", None),
        ("", None),
        ("   ", None),
    ],
)
def test_search(shops, query, names):
    found = [customer.name for customer in search(Customer.objects.all(), query)]

    expected = list(Customer.objects.values_list("name", flat=True)) if names is None else names
    assert sorted(found) == sorted(expected)


def test_search_keeps_to_what_the_person_may_see():
    people = make_people()
    make_customer("梧桐里", owner=people.alice)

    assert [c.name for c in search(customers(people.bob), "梧桐")] == ["梧桐里"]
    assert not search(customers(people.charlie), "梧桐").exists()


def test_names_sort_by_pinyin():
    names = ["张三", "阿明", "Beta", "李四", "安心", "北京", "重庆"]

    assert sorted(names, key=sort_key) == ["阿明", "安心", "北京", "Beta", "重庆", "李四", "张三"]
    assert len(sort_key("长" * 200)) <= 255


def test_grams_are_pairs_and_single_characters():
    assert grams("梧桐\nab") == ["ab", "桐", "梧", "梧桐"]


def test_long_queries_are_cut():
    assert len(terms("a " * 500)) == 8
    assert terms("+86 (138) 1234-5678") == ["8613812345678"]


@pytest.mark.parametrize(
    ("text", "count"), [("K-100", 1), ("吴天磊", 1), ("wtl", 3), ("nobody", 0), ("99999999999999999999", 0)]
)
def test_find_by_key_id_or_name(shops, text, count):
    assert len(find_customer(None, text)) == count


def test_find_by_id(shops):
    customer = Customer.objects.get(name="吴天磊")

    assert find_customer(None, str(customer.pk)) == [customer]
