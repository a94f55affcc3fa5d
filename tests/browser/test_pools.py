"""A customer is claimed on a telephone; a rule that takes customers back is built and tried."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.entering import come_in


@pytest.fixture
def pool(shop):
    from tests.factories import make_customer, make_event, make_user
    from tests.pools.pooling import make_pool, put_in
    from zhike.accounts.models import User
    from zhike.customers.models import Customer

    ada = make_user("陈嘉怡", email="chen@example.com", role="admin")
    alice = User.objects.get(email="lin@example.com")
    pool = make_pool(ada, "华东公海", users=[alice], quota=3, rank_by="value", limits={("value", "high"): 30})
    lost = make_customer("宁波海岸线民宿", kind="company", city="宁波", region="华东", phone="13812345678")
    make_event(lost, "order.placed", amount=24_000_000)
    put_in(
        pool, lost, *[make_customer(f"苏州锦观物业{n}", kind="company", city="苏州", region="华东") for n in range(12)]
    )
    put_in(pool, Customer.objects.get(pk=shop["sleeper"]))
    return pool


def test_a_customer_is_claimed_on_a_telephone(page, pool, look):
    come_in(page, "lin@example.com")
    page.goto(f"/pools/{pool.pk}/")
    look("list-1440")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/pools/{pool.pk}/")
    look("list-390")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name=re.compile("宁波海岸线民宿")).click()
    expect(page.get_by_text("138 **** 5678")).to_be_visible()
    look("card-390")
    page.get_by_role("button", name="领取").click()
    expect(page.get_by_role("status").last).to_contain_text("领取了，这位客户现在由你负责")
    page.locator("[hx-get$='/owners/']").scroll_into_view_if_needed()
    expect(page.locator("#owners")).to_contain_text("从公海领取")
    look("record-390")


def test_a_rule_is_built_and_tried(page, pool, look):
    from zhike.classification.actions.publications import fill_kept_metrics
    from zhike.pools.models import Rule

    come_in(page, "chen@example.com")
    page.goto("/pools/rules/new/")
    page.get_by_label("名称").fill("高价值 30 天")
    condition = page.locator("[data-when]").first
    condition.get_by_role("button", name="加条件").last.click()
    page.get_by_role("combobox", name="找字段").fill("cs")
    page.get_by_role("option", name="城市", exact=True).click()
    condition.get_by_label("加一项").fill("北京")
    condition.get_by_label("加一项").press("Enter")
    expect(condition.locator(".zk-cb-read")).to_contain_text("城市是北京")
    look("built")
    page.get_by_role("button", name="保存，先看会收回谁").click()
    expect(page.get_by_role("heading", name="高价值 30 天")).to_be_visible()
    saved = Rule.objects.get()
    assert (saved.days, saved.warn_days, saved.is_paused) == (30, 7, True)
    fill_kept_metrics()
    page.reload()
    expect(page.locator("#trial")).to_contain_text("位已经满 30 天")
    look("tried")
