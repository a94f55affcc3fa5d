from __future__ import annotations

from datetime import timedelta

import pytest
from django.test.utils import CaptureQueriesContext

from tests.factories import SHANGHAI, make_customer, make_event


@pytest.fixture
def today():
    from zhike.base.clock import today

    return today(SHANGHAI)


def test_it_shows_facts_classes_figures_and_timeline(alice, hotel):
    page = alice.get(f"/customers/{hotel.pk}/").text
    for seen in ("上海梧桐里酒店管理", "华东 · 上海", "高价值", "¥240,000", "下单", "建档", "联系人"):
        assert seen in page


@pytest.mark.parametrize("path", ["", "edit/", "why/value/", "contacts/new/"])
def test_a_stranger_gets_404(people, rules, hotel, signed_in, path):
    assert signed_in(people.charlie).get(f"/customers/{hotel.pk}/{path}").status_code == 404


@pytest.mark.parametrize("path", ["/customers/999999/", "/customers/999999/why/value/", "/customers/0/"])
def test_nobody_is_404(alice, path):
    response = alice.get(path)
    assert response.status_code == 404
    assert "没有找到" in response.text


def test_the_timeline_shows_one_group(alice, hotel):
    make_event(hotel, "call.made", data={"text": "聊了报价"})
    page = alice.get(f"/customers/{hotel.pk}/?group=contact")
    assert [entry.title for day in page.context["timeline"].days for entry in day.entries] == ["去电"]


@pytest.mark.parametrize(("query", "status"), [("group=nonsense", 400), ("before=abc", 404), ("before=999999", 404)])
def test_what_cannot_be_read_is_refused(alice, hotel, query, status):
    assert alice.get(f"/customers/{hotel.pk}/?{query}").status_code == status


def test_older_entries_follow_without_gap_or_repeat(alice, hotel, today, monkeypatch):
    monkeypatch.setattr("zhike.web.customer.timeline.PAGE_SIZE", 4)
    for ago in range(1, 8):
        make_event(hotel, "call.made", today - timedelta(days=ago), data={"text": f"第 {ago} 次"})
    path = f"/customers/{hotel.pk}/?group=contact"
    first = alice.get(path).context["timeline"]
    second = alice.get(f"{path}&before={first.older}").context["timeline"]
    texts = [entry.text for stretch in (first, second) for day in stretch.days for entry in day.entries]
    assert texts == [f"第 {ago} 次" for ago in range(1, 8)]
    assert (first.older_count, second.older) == (3, None)


def test_htmx_gets_the_timeline_or_its_next_days(alice, hotel):
    headers = {"HX-Request": "true", "HX-Request-Type": "partial"}
    assert (
        alice.get(f"/customers/{hotel.pk}/", headers=headers)
        .text.strip()
        .startswith('<section class="card" id="timeline"')
    )


def test_pages_read_in_a_row_are_one_entry(alice, hotel, today):
    for title in ("首页", "商用净水机", "报价"):
        make_event(hotel, "page.viewed", data={"title": title, "seconds": 100})
    entry = alice.get(f"/customers/{hotel.pk}/?group=signal").context["timeline"].days[0].entries[0]
    assert (entry.title, entry.trail) == ("浏览 3 个页面", ["首页", "商用净水机", "报价"])
    assert list(entry.facts) == ["停留 5 分 0 秒"]


def test_a_voided_entry_stays_and_says_so(alice, hotel):
    from zhike.timeline.actions import void

    void(make_event(hotel, "call.made"), by=None, reason="记错了")
    assert "（已撤销）" in alice.get(f"/customers/{hotel.pk}/").text


def test_a_class_that_was_worked_out_anew_says_why(alice, hotel, today):
    from zhike.timeline.actions import void

    def causes():
        days = alice.get(f"/customers/{hotel.pk}/?group=class").context["timeline"].days
        return [entry.cause for day in days for entry in day.entries if entry.dimension == "value"]

    ordered = (today - timedelta(days=10)).isoformat()
    assert causes() == [f"因 {ordered} 补记的下单重算"]
    void(hotel.events.get(kind="order.placed"), by=None)
    assert causes() == [f"因撤销 {ordered} 的下单重算", f"因 {ordered} 补记的下单重算"]


def entries(response):
    return [entry for day in response.context["timeline"].days for entry in day.entries]


def test_a_class_set_by_hand_is_one_entry_with_who_why_and_until_when(alice, people, hotel, today):
    from zhike.classification.actions.overrides import lift_override, override_class

    until = today + timedelta(days=30)
    override_class(
        customer=hotel, dimension="value", class_key="regular", reason="一次性采购", by=people.bob, expires_on=until
    )
    entry = entries(alice.get(f"/customers/{hotel.pk}/"))[0]
    assert (entry.title, list(entry.facts)) == ("客户价值", ["人工指定", f"到 {until.isoformat()}"])
    assert (entry.before.label, entry.after.label, entry.after.source) == ("高价值", "普通", "manual")
    assert (entry.text, entry.who) == ("一次性采购", "Bob")

    lift_override(customer=hotel, dimension="value", by=people.alice)
    back, lifted, *_ = entries(alice.get(f"/customers/{hotel.pk}/"))
    assert (list(lifted.facts), lifted.after, lifted.who) == (["撤销人工指定的普通"], None, "Alice")
    assert (back.before.label, back.after.label, back.evidence) == ("普通", "高价值", "近 365 天成交额 ¥240,000")


def test_one_for_ever_says_so(alice, people, hotel):
    from zhike.classification.actions.overrides import override_class

    override_class(
        customer=hotel, dimension="value", class_key="high", reason="战略客户", by=people.bob, expires_on=None
    )
    assert list(entries(alice.get(f"/customers/{hotel.pk}/"))[0].facts) == ["人工指定", "长期"]


def test_html_in_what_people_write_stays_text(alice, people, rules):
    customer = make_customer("<b>粗体</b>", owner=people.alice, city="<i>")
    make_event(customer, "call.made", data={"text": "<script>alert(1)</script>"})
    page = alice.get(f"/customers/{customer.pk}/").text
    assert "<b>粗体" not in page
    assert "<script>alert" not in page


def test_why_names_conditions_values_and_what_would_change_it(alice, hotel, today):
    page = alice.get(f"/customers/{hotel.pk}/why/value/").text
    assert "为什么是高价值？" in page
    assert "近 365 天成交额" in page
    assert "≥ ¥200,000" in page
    assert "¥240,000" in page
    assert "近 365 天订单数" in page  # unmet, and shown
    assert "什么会改变这个判断" in page
    assert "规则 v1 判定" in page
    assert "今天起" in page


def test_why_of_the_default_names_the_classes_that_do_not_fit(alice, people, rules):
    customer = make_customer("新客", owner=people.alice)
    page = alice.get(f"/customers/{customer.pk}/why/status/").text
    assert "前面的类别都不符合，归入这一类。" in page
    assert "忠诚" in page


def test_why_says_when_nothing_is_known(alice, people, rules):
    customer = make_customer("新客", owner=people.alice)
    assert "为什么还没有判定？" in alice.get(f"/customers/{customer.pk}/why/value/").text


def test_why_of_a_dimension_that_does_not_exist_is_404(alice, hotel):
    assert alice.get(f"/customers/{hotel.pk}/why/nonsense/").status_code == 404


def test_htmx_gets_the_panel_alone(alice, hotel):
    headers = {"HX-Request": "true", "HX-Request-Type": "partial"}
    panel = alice.get(f"/customers/{hotel.pk}/why/value/", headers=headers).text.strip()
    assert panel.startswith('<div class="popover zk-why" data-panel role="dialog"')


def test_an_htmx_request_of_a_stranger_moves_the_whole_page(client, hotel):
    response = client.get(f"/customers/{hotel.pk}/why/value/", headers={"HX-Request": "true"})
    assert response.status_code == 204
    assert response["HX-Redirect"].startswith("/sign-in/?next=")


def test_the_number_of_queries_does_not_grow_with_events(alice, hotel, today, django_assert_num_queries):
    from django.db import connection

    make_event(hotel, "call.made")
    with CaptureQueriesContext(connection) as few:
        alice.get(f"/customers/{hotel.pk}/")
    for ago in range(1, 20):
        make_event(hotel, "visit.made", today - timedelta(days=ago))
    with django_assert_num_queries(len(few)):
        alice.get(f"/customers/{hotel.pk}/")


@pytest.mark.parametrize("path", ["", "why/value/"])
def test_it_rejects_post(alice, hotel, path):
    assert alice.post(f"/customers/{hotel.pk}/{path}").status_code == 405
