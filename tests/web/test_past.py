"""Pages of a past day: what was told then, what is known now, and nothing to change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.factories import SHANGHAI, make_customer, make_event
from tests.scenes import rules_in_force

# 10:00 in Shanghai.
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
BOUGHT = date(2026, 6, 10)


@pytest.fixture
def hotel(settings, people, rules):
    """A customer of Alice's since May, who bought for ¥240,000 on 10 June."""
    from zhike.accounts.actions import set_company
    from zhike.timeline.actions import record

    settings.ZHIKE_NOW = datetime(2026, 5, 1, 2, tzinfo=UTC)
    set_company(by=None, timezone="Asia/Shanghai")
    rules_in_force()
    found = make_customer("上海梧桐里酒店管理", owner=people.alice, city="上海")
    settings.ZHIKE_NOW = datetime(2026, 6, 10, 2, tzinfo=UTC)
    record(found, "order.placed", by=None, amount=24_000_000)
    settings.ZHIKE_NOW = NOW
    return found


def classes(page):
    return {one.chip.dimension: one.chip.label for one in page.context["past"]}


def test_the_page_shows_classes_figures_and_timeline_of_the_day(alice, hotel):
    make_event(hotel, "call.made", date(2026, 7, 1), data={"text": "后来的事"})
    before, after = (alice.get(f"/customers/{hotel.pk}/?as_of={day}") for day in ("2026-06-09", "2026-06-10"))

    assert (classes(before)["客户状态"], classes(after)["客户状态"]) == ("潜在", "成交")
    assert (classes(before)["客户价值"], classes(after)["客户价值"]) == ("未判定", "高价值")
    assert [figure.label for figure in before.context["figures"]] == []
    assert next((figure.label, figure.exact) for figure in after.context["figures"]) == ("成交额", "¥240,000")
    assert "后来的事" not in after.text
    assert "后来的事" in alice.get(f"/customers/{hotel.pk}/?as_of=2026-07-01").text
    assert [one.was_told for one in after.context["past"]] == [True] * 6


def test_it_says_which_day_it_shows_and_the_way_back(alice, hotel):
    page = alice.get(f"/customers/{hotel.pk}/?as_of=2026-06-10").text
    assert "<b>2026-06-10 的情况</b>" in page
    assert f'<a class="btn btn-sm" href="/customers/{hotel.pk}/">回到现在</a>' in page
    assert 'name="as_of"' in alice.get(f"/customers/{hotel.pk}/").text


def test_nothing_can_be_written_down_in_the_past(alice, hotel):
    page = alice.get(f"/customers/{hotel.pk}/?as_of=2026-06-10").text
    assert 'id="log"' not in page
    assert "/edit/" not in page
    assert "contacts/new/" not in page
    assert 'method="post" action="/customers/' not in page


def test_what_came_late_is_shown_beside_what_was_told(alice, hotel):
    make_event(hotel, "order.placed", date(2026, 5, 20), amount=30_000_000)
    page = alice.get(f"/customers/{hotel.pk}/?as_of=2026-05-25")
    value = next(one for one in page.context["past"] if one.dimension == "value")
    assert (value.chip.label, value.now.label) == ("普通", "高价值")
    assert "现在算来是" in page.text
    why = alice.get(f"/customers/{hotel.pk}/why/value/?as_of=2026-05-25").text
    assert "那天显示的是" in why
    assert "为什么是高价值？" in why
    assert "¥300,000" in why


def test_the_reasons_are_those_of_the_day(alice, hotel):
    make_event(hotel, "order.placed", date(2026, 7, 1), amount=70_000_000)
    why = alice.get(f"/customers/{hotel.pk}/why/value/?as_of=2026-06-12").text
    assert "¥240,000" in why
    assert "¥940,000" not in why
    assert "2026-06-10 起，已连续 2 天" in why
    assert "什么会改变这个判断" not in why
    assert alice.get(f"/customers/{hotel.pk}/why/nonsense/?as_of=2026-06-12").status_code == 404


def test_before_the_first_rules_it_says_by_which_it_judges(alice, people, hotel):
    old = make_customer("老客户", owner=people.alice, created_on=date(2025, 1, 1))
    page = alice.get(f"/customers/{old.pk}/?as_of=2025-06-01")
    assert "当时还没有判定" in page.text
    assert "那天还没有规则，按最早的 v1 判断。" in alice.get(f"/customers/{old.pk}/why/status/?as_of=2025-06-01").text


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2026-04-30", "2026-04-30 还没有这位客户，档案从 2026-05-01 开始。"),
        ("2026-11-21", "2026-11-21 还没有到，请选一个过去的日子。"),
        ("yesterday", "as_of 要写成 2026-05-01 这样的日期"),
        ("0001-01-01", "as_of 要写成 2026-05-01 这样的日期"),
        ("2026-02-30", "as_of 要写成 2026-05-01 这样的日期"),
    ],
)
def test_a_day_of_which_nothing_can_be_told_is_refused_in_words(alice, hotel, day, sentence):
    for path in (f"/customers/{hotel.pk}/", f"/customers/{hotel.pk}/why/value/"):
        response = alice.get(path, {"as_of": day})
        assert response.status_code == 400
        assert sentence in response.text


def test_today_is_no_past(alice, hotel):
    page = alice.get(f"/customers/{hotel.pk}/?as_of=2026-11-20")
    assert "log" in page.context
    assert "的情况</b>" not in page.text


def test_a_stranger_gets_404(people, hotel, signed_in):
    client = signed_in(people.charlie)
    assert client.get(f"/customers/{hotel.pk}/?as_of=2026-06-10").status_code == 404
    assert client.get(f"/customers/{hotel.pk}/why/value/?as_of=2026-06-10").status_code == 404


def names(response):
    return [row.customer.name for row in response.context["rows"]]


@pytest.fixture
def later(people, hotel):
    return make_customer("北京禾光咖啡", owner=people.alice, created_on=date(2026, 9, 1))


def test_the_list_of_a_past_day_has_its_customers_and_classes(alice, hotel, later):
    page = alice.get("/customers/?as_of=2026-06-09")
    assert names(page) == ["上海梧桐里酒店管理"]
    chips = dict(
        zip([head.column.label for head in page.context["heads"][1:7]], page.context["rows"][0].chips, strict=True)
    )
    assert (chips["客户状态"].label, chips["客户价值"].label) == ("潜在", "普通")
    assert page.context["rows"][0].revenue == 0
    assert alice.get("/customers/?as_of=2026-06-10").context["rows"][0].revenue == 24_000_000
    assert f'href="/customers/{hotel.pk}/?as_of=2026-06-09"' in page.text
    assert "2026-06-09 的情况" in page.text
    assert names(alice.get("/customers/?as_of=2026-09-01")) == ["北京禾光咖啡", "上海梧桐里酒店管理"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("as_of=2026-06-09&class.value=regular", ["上海梧桐里酒店管理"]),
        ("as_of=2026-06-09&class.value=high", []),
        ("as_of=2026-06-10&class.value=high", ["上海梧桐里酒店管理"]),
        ("as_of=2026-06-10&class.value=-", []),
        ("as_of=2026-09-02&class.value=-", ["北京禾光咖啡"]),
        ("was_on=2026-06-09&was.value=regular&class.value=high", ["上海梧桐里酒店管理"]),
        ("was_on=2026-06-09&was.value=-", ["北京禾光咖啡"]),
        ("as_of=2026-10-01&was_on=2026-06-09&was.value=regular&class.value=high", ["上海梧桐里酒店管理"]),
    ],
)
def test_it_is_filtered_by_what_was_told(alice, hotel, later, query, expected):
    assert names(alice.get(f"/customers/?{query}")) == expected


def test_conditions_of_a_past_day_say_so_and_can_be_taken_away(alice, hotel):
    page = alice.get("/customers/?was_on=2026-06-09&was.value=regular&class.value=high")
    assert "2026-06-09 的客户价值" in page.text
    menu = alice.get("/customers/filter/?was_on=2026-06-09&was.value=regular&as_of=2026-07-01&q=w").text
    for kept in ('name="was_on" value="2026-06-09"', 'name="was.value" value="regular"', 'name="as_of"', 'name="q"'):
        assert kept in menu


@pytest.mark.parametrize(
    "query",
    [
        "as_of=x",
        "as_of=2030-01-01",
        "was.value=high",
        "was_on=2026-06-09&was.nonsense=high",
        "as_of=2026-06-09&class.value=Ü",
    ],
)
def test_what_cannot_be_read_is_refused(alice, hotel, query):
    assert alice.get(f"/customers/?{query}").status_code == 400


def test_a_past_day_is_sorted_by_name_alone(alice, hotel, later):
    page = alice.get("/customers/?as_of=2026-10-01&sort=-revenue")
    assert [head.column.label for head in page.context["heads"] if head.link] == ["客户"]
    assert names(page) == ["北京禾光咖啡", "上海梧桐里酒店管理"]
    assert names(alice.get("/customers/?as_of=2026-10-01&sort=-name")) == ["上海梧桐里酒店管理", "北京禾光咖啡"]


def test_the_number_of_queries_does_not_grow_with_customers(alice, people, hotel, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        alice.get("/customers/?as_of=2026-06-10")
    for number in range(6):
        make_event(
            make_customer(f"客户{number}", owner=people.alice, created_on=date(2026, 5, 2)),
            "order.placed",
            TODAY - timedelta(days=30),
            amount=24_000_000,
        )
    with django_assert_num_queries(len(few)):
        assert len(names(alice.get("/customers/?as_of=2026-06-10"))) == 7


def test_the_day_is_the_companys(alice, hotel, settings):
    settings.ZHIKE_NOW = datetime(2026, 6, 10, 17, tzinfo=UTC)  # the 11th in Shanghai
    assert settings.ZHIKE_NOW.astimezone(SHANGHAI).date() == date(2026, 6, 11)
    assert alice.get(f"/customers/{hotel.pk}/?as_of=2026-06-11").context.get("past") is None
    assert classes(alice.get(f"/customers/{hotel.pk}/?as_of=2026-06-10"))["客户状态"] == "成交"
