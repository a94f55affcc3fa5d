"""健康报告: the numbers as a page, the period in the address, and the lists behind the numbers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.classification.deciding import NOW, TODAY, pack
from tests.classification.scoring import LONG_AGO, happens, make_standing, set_by_hand
from tests.scenes import rules_in_force


@pytest.fixture(autouse=True)
def rules_of_value(people, settings):
    from zhike.accounts.actions import set_company

    settings.ZHIKE_NOW = NOW
    set_company(by=None, name="清源水科技", timezone="Asia/Shanghai", currency="CNY")
    rules_in_force(pack())


@pytest.fixture
def ada(people, signed_in):
    return signed_in(people.ada)


def page(client, query=""):
    return client.get(f"/classes/value/scorecard/{query}")


def test_it_shows_every_class_with_its_numbers_and_the_customers_behind_them(ada, people):
    for _ in range(3):
        make_standing(("high", LONG_AGO))
    customer = make_standing(("high", LONG_AGO), ("regular", TODAY, "person"))
    set_by_hand(customer, ("high", "regular"), TODAY, people.bob, reason="要停产了")
    happens(customer, "order.placed", TODAY, 123_400)

    found = page(ada)
    assert found.status_code == 200
    high = found.context["rows"][0]
    assert (high.chip.label, high.score.size, high.score.start, high.link) == (
        "高",
        3,
        4,
        "/customers/?class.value=high",
    )
    text = found.text
    assert '<a href="/customers/?class.value=high">3</a>' in text
    assert "25.0%" in text
    assert "¥1,234" in text
    assert f'<a class="zk-strong zk-clip zk-quiet" href="/customers/{customer.pk}/">' in text
    assert "要停产了" in text
    assert "只算你能看到的客户" not in text


def test_the_list_of_overrides_can_be_kept_to_one_class(ada, people):
    one = make_standing(("high", LONG_AGO))
    other = make_standing(("low", LONG_AGO))
    set_by_hand(one, ("high", "regular"), TODAY, people.bob)
    set_by_hand(other, ("low", "regular"), TODAY, people.bob)
    assert len(page(ada).context["made"]) == 2
    assert [o.customer for o, *_ in page(ada, "?of=low").context["made"]] == [other]
    assert page(ada, "?of=regular").context["made"] == []
    assert "这段时间没有从这一类改判的客户" in page(ada, "?of=regular").text
    assert len(page(ada, "?of=nonsense").context["made"]) == 2


def test_a_salesperson_counts_their_own_and_is_told_so(people, signed_in):
    make_standing(("high", LONG_AGO), owner=people.alice)
    make_standing(("high", LONG_AGO), owner=people.charlie)
    found = page(signed_in(people.alice))
    assert found.context["card"].size == 1
    assert "只算你能看到的客户" in found.text


@pytest.mark.parametrize(
    ("query", "first", "last", "label"),
    [
        ("", "2026-08-23", "2026-11-20", "近 90 天"),
        ("?days=30", "2026-10-22", "2026-11-20", "近 30 天"),
        ("?quarter=2026-Q3", "2026-07-01", "2026-09-30", "2026 年第 3 季度"),
        ("?quarter=2026-Q4", "2026-10-01", "2026-11-20", "2026 年第 4 季度"),
        ("?from=2026-02-01&to=2026-02-28", "2026-02-01", "2026-02-28", "2026-02-01 到 2026-02-28"),
    ],
)
def test_the_period_stands_in_the_address(ada, query, first, last, label):
    context = page(ada, query).context
    period = context["card"].period
    assert (str(period.first), str(period.last), context["chosen"].label) == (first, last, label)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("?days=0", "days：天数要在 1 和 3,660 之间"),
        ("?days=soon", "days：天数要在 1 和 3,660 之间"),
        ("?quarter=2026-Q5", "季度写成 2026-Q3 这样，2026-Q5 不行"),
        ("?quarter=2027-Q1", "2027-Q1 还没有开始"),
        ("?from=2026-02-30&to=2026-03-01", "from：日期写成 2026-07-01 这样，2026-02-30 不行"),
        ("?from=2026-02-01", "to：日期写成 2026-07-01 这样， 不行"),
        ("?from=1899-12-31&to=2026-03-01", "from：日期写成 2026-07-01 这样，1899-12-31 不行"),
        ("?from=2026-03-02&to=2026-03-01", "from：开始不能晚于结束"),
        ("?from=2026-03-02&to=2026-11-21", "to：结束不能晚于今天"),
        ("?from=2010-03-02&to=2026-11-20", "from：最长 3,660 天"),
    ],
)
def test_a_period_that_cannot_be_is_refused_in_words(ada, query, message):
    found = page(ada, query)
    assert found.status_code == 400
    assert message in found.text


def test_its_numbers_are_those_of_the_lists_behind_them(ada):
    make_standing(("high", LONG_AGO))
    make_standing(("high", LONG_AGO), ("regular", date(2026, 8, 5)), ("high", date(2026, 9, 5)))
    make_standing(("regular", date(2026, 7, 1)), ("high", TODAY))
    make_standing(("regular", date(2026, 6, 30)), ("low", date(2026, 10, 2)))
    make_standing(("low", LONG_AGO), created_on=date(2026, 7, 2))
    for query in ("?quarter=2026-Q3", "?days=30", "?from=2026-08-01&to=2026-08-31"):
        for row in page(ada, query).context["rows"]:
            assert ada.get(row.link).context["count"].value == row.score.size, (query, row.link)
            assert ada.get(row.start_link).context["count"].value == row.score.start, (query, row.start_link)


def test_the_order_of_the_classes_is_checked_in_the_open(ada):
    for n in range(30):
        low = make_standing(("low", LONG_AGO))
        make_standing(("regular", LONG_AGO))
        if n < 6:
            happens(low, "order.placed", TODAY, 100)
    text = page(ada).text
    assert "普通本该好过低，转化率却是 0.0% 对 20.0%，低 20.0 个百分点（30 位对 30 位）。" in text
    assert "期初不满 30 位，没有参加比较：" in text
    assert "人均成交额" in text


def test_what_is_to_be_done_stands_beside_its_class(ada, people):
    for _ in range(5):
        customer = make_standing(("high", LONG_AGO), ("regular", TODAY, "person"))
        set_by_hand(customer, ("high", "regular"), TODAY, people.bob, reason="毛利低")
    high, low, _ = page(ada).context["rows"]
    assert [line.text for line in high.advice] == [
        "有 5 位高被人改判，占 100.0%，多改成普通（5 位），理由最多的是「毛利低」（5 位）。看看规则漏了什么。"
    ]
    assert [line.kind for line in low.advice] == ["empty"]


def test_an_unknown_dimension_is_not_found(ada):
    assert ada.get("/classes/nothing/scorecard/").status_code == 404


def test_it_speaks_english(people, signed_in):
    people.ada.language = "en"
    people.ada.save()
    make_standing(("high", LONG_AGO))
    text = page(signed_in(people.ada)).text
    assert "Value: scorecard" in text
    assert "Flipped in 30 days" in text
    assert "Nobody is in Low, and nobody entered it in 90 days." in text


def test_it_asks_the_same_number_of_questions_for_more_customers(ada, people, django_assert_max_num_queries):
    def count():
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as queries:
            page(ada)
        return len(queries)

    def grow():
        customer = make_standing(("regular", LONG_AGO), ("high", TODAY - timedelta(days=3)), owner=people.alice)
        set_by_hand(customer, ("high", "low"), TODAY, people.alice)

    grow()
    page(ada)
    few = count()
    for _ in range(4):
        grow()
    assert count() == few


def test_the_classes_lead_to_it_and_to_the_quarter(ada):
    text = ada.get("/classes/value/").text
    assert 'href="/classes/value/scorecard/"' in text
    assert 'href="/classes/review/"' in text
