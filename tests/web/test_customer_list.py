from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test.utils import CaptureQueriesContext

from tests.factories import make_customer, make_event


def names(response) -> list[str]:
    return [row.customer.name for row in response.context["rows"]]


def test_it_shows_classes_revenue_and_owner(alice, hotel):
    page = alice.get("/customers/").text
    for seen in ("上海梧桐里酒店管理", "高价值", "成交", "¥240,000", "Alice", "1–1 / 1 位"):
        assert seen in page


def test_people_see_the_customers_that_are_theirs(people, rules, hotel, signed_in):
    assert names(signed_in(people.bob).get("/customers/")) == ["上海梧桐里酒店管理"]
    assert names(signed_in(people.ada).get("/customers/")) == ["上海梧桐里酒店管理"]
    assert names(signed_in(people.charlie).get("/customers/")) == []
    assert names(signed_in(people.charlie).get("/customers/?q=wtl")) == []


@pytest.mark.parametrize("text", ["梧桐", "酒店", "wutongli", "wtl", "13800138000", "8000", "138 0013", "WTL  酒店"])
def test_search_finds_part_of_name_pinyin_initials_and_phone(alice, hotel, people, text):
    make_customer("北京禾光咖啡", owner=people.alice)
    assert names(alice.get("/customers/", {"q": text})) == ["上海梧桐里酒店管理"]


@pytest.mark.parametrize(
    "query",
    [
        "class.value=high",
        "class.value=high&class.value=low",
        "city=上海",
        "region=华东",
        "kind=company",
        "owner={alice}",
        "tag=VIP",
    ],
)
def test_filters_keep_what_matches(alice, people, hotel, query):
    from zhike.customers.actions.customers import update_customer

    update_customer(customer=hotel, version=1, by=None, tags=["VIP"])
    make_customer("北京禾光咖啡", owner=people.alice, city="北京", region="华北", kind="person", tags=["普通"])
    found = names(alice.get(f"/customers/?{query.format(alice=people.alice.pk)}"))
    expected = ["上海梧桐里酒店管理"] if not query.startswith("owner") else ["北京禾光咖啡", "上海梧桐里酒店管理"]
    assert found == expected


def test_an_owner_of_nobody(people, rules, signed_in, hotel):
    make_customer("无主之客")
    assert names(signed_in(people.ada).get("/customers/?owner=none")) == ["无主之客"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("class.value=hihg", "是否指 high"),
        ("class.valeu=high", "是否指 class.value"),
        ("kind=robot", "没有 robot"),
        ("owner=abc", "没有 abc"),
        ("owner=99999999", "没有 99999999"),
        ("sort=nmae", "是否指 name"),
        ("at=nonsense", "这个页码读不懂"),
        ("at=WyJ4Il0", "这个页码读不懂"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(alice, hotel, query, words):
    response = alice.get(f"/customers/?{query}")
    assert response.status_code == 400
    assert words in response.text


@pytest.mark.parametrize("query", ["q=%00", "city=%00", "unknown=1", "q=" + "x" * 5000, "class.value="])
def test_what_means_nothing_is_no_condition(alice, hotel, query):
    assert alice.get(f"/customers/?{query}").status_code == 200


def test_an_empty_result_offers_the_condition_to_give_up(alice, hotel):
    page = alice.get("/customers/?city=上海&kind=person").text
    assert "没有客户同时满足这 2 个条件" in page
    assert "去掉「客户性质」有 1 位" in page
    assert "去掉「城市」" not in page


def test_no_customers_at_all_offers_to_add_one(alice):
    page = alice.get("/customers/").text
    assert "还没有客户" in page
    assert 'href="/customers/new/"' in page


def test_it_sorts_both_ways_with_missing_days_last(alice, people, rules):
    from datetime import date

    for name, day in [("甲", date(2026, 12, 1)), ("乙", None), ("丙", date(2026, 11, 30))]:
        make_customer(name, owner=people.alice, next_contact_on=day)
    assert names(alice.get("/customers/")) == ["丙", "甲", "乙"]  # bing jia yi
    assert names(alice.get("/customers/?sort=-name")) == ["乙", "甲", "丙"]
    assert names(alice.get("/customers/?sort=next")) == ["丙", "甲", "乙"]
    assert names(alice.get("/customers/?sort=-next")) == ["甲", "丙", "乙"]


def test_it_sorts_by_revenue(alice, people, rules):
    for name, amount in [("甲", 100), ("乙", 0), ("丙", 90)]:
        customer = make_customer(name, owner=people.alice)
        if amount:
            make_event(customer, "order.placed", amount=amount)
    assert names(alice.get("/customers/?sort=-revenue")) == ["甲", "丙", "乙"]
    assert names(alice.get("/customers/?sort=revenue")) == ["乙", "丙", "甲"]


def test_it_sorts_by_the_last_contact_with_those_first_whom_nobody_was_in_touch_with(alice, people, rules):
    for name, kind, days in [
        ("甲", "call.made", 3),
        ("乙", "", 0),
        ("丙", "survey.answered", 40),
        ("丁", "page.viewed", 1),
    ]:
        customer = make_customer(name, owner=people.alice)
        if kind:
            make_event(customer, kind, date(2026, 11, 20) - timedelta(days=days))
    page = alice.get("/customers/?sort=contacted")
    assert names(page) == ["乙", "丁", "丙", "甲"]
    assert names(alice.get("/customers/?sort=-contacted")) == ["甲", "丙", "丁", "乙"]
    assert 'href="?sort=-contacted"' in page.text


@pytest.mark.parametrize("sort", ["name", "-name", "next", "-next", "revenue", "-revenue", "contacted", "-contacted"])
def test_pages_show_every_customer_once_there_and_back(alice, people, rules, monkeypatch, sort):
    from datetime import date

    monkeypatch.setattr("zhike.web.customers.views.PAGE_SIZE", 3)
    for number in range(8):
        make_customer(f"客户{number}", owner=people.alice, next_contact_on=date(2026, 12, 1) if number % 3 else None)
    response = alice.get(f"/customers/?sort={sort}")
    pages = [names(response)]
    while response.context["page"].next:
        response = alice.get("/customers/" + response.context["next_page"])
        pages.append(names(response))
    assert [len(page) for page in pages] == [3, 3, 2]
    assert sorted(name for page in pages for name in page) == [f"客户{number}" for number in range(8)]
    back = [names(response)]
    while response.context["page"].previous:
        response = alice.get("/customers/" + response.context["previous_page"])
        back.append(names(response))
    assert back == pages[::-1]
    assert response.context["page"].first == 1


def test_a_count_that_takes_long_comes_after_the_page(alice, people, rules, monkeypatch):
    for number in range(3):
        make_customer(f"梧桐{number}", owner=people.alice, city="上海")
    monkeypatch.setattr("zhike.web.customers.views.PAGE_SIZE", 2)
    assert "1–2 / 3 位" in alice.get("/customers/?city=上海").text
    monkeypatch.setattr("zhike.base.paging.DEAR", 0.0)
    page = alice.get("/customers/?city=上海").text
    asked = 'data-count-at="/customers/count/?city=%E4%B8%8A%E6%B5%B7" data-again="数不出来，再试一次"'
    later = f'<span {asked} aria-live="polite">…</span>'
    assert f"1–2 / {later} 位" in page
    assert f"全选 {later} 位" in page
    assert alice.get("/customers/count/?city=上海").json() == {"count": "3"}


def test_htmx_gets_the_list_alone(alice, hotel):
    response = alice.get("/customers/", headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert response.text.lstrip().startswith('<div class="zk-list" id="list">')
    assert "HX-Request-Type" in response["Vary"]


def test_the_number_of_queries_does_not_grow_with_rows(alice, people, hotel, django_assert_num_queries):
    from django.db import connection

    alice.get("/customers/")
    with CaptureQueriesContext(connection) as few:
        alice.get("/customers/")
    for number in range(12):
        make_event(make_customer(f"客户{number}", owner=people.alice), "call.made")
    with django_assert_num_queries(len(few)):
        alice.get("/customers/")


def test_the_filter_menu_offers_classes_and_values(alice, hotel):
    page = alice.get("/customers/filter/?city=上海").text
    assert 'name="class.value" value="high"' in page
    assert '<option value="上海" selected>上海</option>' in page


def test_the_filter_menu_offers_nothing_of_others(people, rules, hotel, signed_in):
    assert "上海" not in signed_in(people.charlie).get("/customers/filter/").text


@pytest.mark.parametrize("path", ["/customers/", "/customers/filter/"])
def test_it_rejects_post(alice, path):
    assert alice.post(path).status_code == 405


def test_of_very_many_that_a_word_finds_some_are_listed_and_it_says_so(alice, people, monkeypatch):
    monkeypatch.setattr("zhike.web.customers.views.MOST_FOUND", 2)
    for name in ("丙茶", "甲茶", "乙茶"):
        make_customer(owner=people.alice, name=name)
    some, all_of_two = alice.get("/customers/", {"q": "茶"}), alice.get("/customers/", {"q": "甲茶"})

    assert (str(some.context["count"]), len(some.context["rows"]), some.context["is_part"]) == ("2+", 2, True)
    assert "先列出其中一千位" in some.text
    assert (str(all_of_two.context["count"]), all_of_two.context["is_part"]) == ("1", False)
    assert "先列出其中一千位" not in all_of_two.text
