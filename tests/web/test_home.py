from __future__ import annotations

from datetime import timedelta

import pytest
from django.test.utils import CaptureQueriesContext

from tests.factories import SHANGHAI, make_customer, make_event


@pytest.fixture
def today():
    from zhike.base.clock import today

    return today(SHANGHAI)


def tasks(response) -> dict[str, list[str]]:
    return {group.key: [task.customer.name for task in group.tasks] for group in response.context["groups"]}


def test_a_planned_day_decides_and_says_so(alice, people, rules, today):
    for name, days in [("甲", -2), ("乙", 0), ("丙", 5), ("丁", 30)]:
        make_customer(name, owner=people.alice, next_contact_on=today + timedelta(days=days))
    response = alice.get("/")
    assert tasks(response) == {"overdue": ["甲"], "today": ["乙"], "coming": ["丙"]}
    assert "约好联系：" in response.text
    assert "逾期 2 天" in response.text


def test_the_cadence_of_the_class_decides_without_a_plan(alice, hotel, today):
    make_event(hotel, "order.placed", today - timedelta(days=100), amount=100)  # no new customer any more
    make_event(hotel, "call.made", today - timedelta(days=16))
    response = alice.get("/")
    (task,) = response.context["groups"][0].tasks
    assert (task.class_label, task.cadence, task.silent_days, task.overdue_days) == ("高价值", 14, 16, 2)
    assert "高价值：每 14 天联系一次，已 16 天" in response.text


def test_someone_never_contacted_counts_from_the_first_day(alice, people, rules, today):
    make_customer("新客", owner=people.alice, created_on=today - timedelta(days=20))
    assert "建档 20 天还没联系过" in alice.get("/").text


def test_class_changes_show_old_new_and_evidence(alice, hotel):
    response = alice.get("/")
    changes = {(c.dimension, c.before.label, c.after.label) for c in response.context["changes"]}
    assert ("value", "普通", "高价值") in changes
    assert "近 365 天成交额 ¥240,000" in response.text


def test_figures_are_those_of_the_month(alice, hotel, people, today):
    hotel.refresh_from_db()
    figures = {figure.label: figure.value for figure in alice.get("/").context["figures"]}
    in_month = (today - timedelta(days=10)).month == today.month
    assert figures["本月成交额"] == ("¥240,000" if in_month else "0")
    assert figures["本月新客户"] == "1"


def test_a_voided_order_is_no_revenue(alice, people, rules, today):
    from zhike.timeline.actions import void

    customer = make_customer("甲", owner=people.alice)
    void(make_event(customer, "order.placed", today, amount=100), by=None)
    figures = {figure.label: figure.value for figure in alice.get("/").context["figures"]}
    assert (figures["本月成交额"], figures["本月订单"]) == ("0", "0")


def test_a_quiet_week_offers_the_list(alice):
    page = alice.get("/").text
    assert "这 7 天没有要联系的客户" in page
    assert "近 7 天没有客户换类别" in page


def test_others_customers_are_not_shown(people, hotel, rules, signed_in):
    assert "梧桐里" not in signed_in(people.charlie).get("/").text


def test_a_manager_with_customers_sees_their_own_first(people, hotel, rules, signed_in, today):
    make_customer("主管的客户", owner=people.bob, next_contact_on=today)
    bob = signed_in(people.bob)
    assert "梧桐里" not in bob.get("/").text
    assert "梧桐里" in bob.get("/?of=all").text


def test_the_number_of_queries_does_not_grow(alice, people, hotel, today, django_assert_num_queries):
    from django.db import connection

    make_customer("甲", owner=people.alice, next_contact_on=today)
    with CaptureQueriesContext(connection) as few:
        alice.get("/")
    for number in range(6):
        customer = make_customer(f"客户{number}", owner=people.alice, next_contact_on=today)
        make_event(customer, "order.placed", amount=30_000_000)
    with django_assert_num_queries(len(few)):
        alice.get("/")


def test_it_rejects_post(alice):
    assert alice.post("/").status_code == 405
