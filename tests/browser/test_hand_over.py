"""A line of a hand-over that goes by any condition, built where it stands; and a team taken away, on a telephone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.entering import come_in


@pytest.fixture
def ada(page, shop):
    from tests.factories import make_user

    make_user("陈嘉怡", email="chen@example.com", role="admin")
    make_user("王磊", email="wang@example.com")
    come_in(page, "chen@example.com")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("好，嘉怡$"))
    return page


@pytest.mark.parametrize("width", [1440, 390])
def test_customers_are_handed_over_by_a_condition_that_was_built(ada, width, look):
    from zhike.accounts.models import User
    from zhike.customers.models import Customer

    ada.set_viewport_size({"width": width, "height": 860})
    ada.goto(f"/settings/people/{User.objects.get(name='林晓雯').pk}/hand-over/")
    line = ada.locator(".zk-giving > li").first
    expect(line.locator("[data-when]")).to_be_hidden()
    line.get_by_label("哪些客户").select_option("condition")
    line.get_by_role("button", name="加条件").last.click()
    ada.get_by_role("combobox", name="找字段").fill("cs")
    ada.get_by_role("option", name="城市", exact=True).click()
    for city in ("上海", "北京"):
        line.get_by_label("加一项").fill(city)
        line.get_by_label("加一项").press("Enter")
    expect(line.locator(".zk-cb-read")).to_contain_text("城市是上海或北京")
    line.get_by_label("王磊").check()
    look(f"built-{width}")
    ada.get_by_role("button", name="先数一数").click()
    expect(ada.locator(".zk-giving-sum")).to_contain_text(re.compile("王磊 2 位"))
    # What was counted is still there to be read and changed.
    expect(ada.locator(".zk-giving > li").first.locator(".zk-cb-read")).to_contain_text("城市是上海或北京")
    assert ada.evaluate("document.documentElement.scrollWidth <= innerWidth")
    ada.get_by_role("button", name="交接 2 位").click()
    expect(ada.get_by_role("status").last).to_contain_text("2 位客户已交接")
    assert sorted(Customer.objects.filter(owner__name="王磊").values_list("city", flat=True)) == ["上海", "北京"]


def test_a_team_is_taken_away_once_another_takes_over(ada, look):
    from tests.factories import make_team
    from zhike.accounts.models import Team

    make_team("华北直销组")
    ada.set_viewport_size({"width": 390, "height": 860})
    ada.goto("/settings/teams/")
    ada.get_by_role("link", name="华东直销组").click()
    ada.get_by_role("link", name="移除团队").click()
    expect(ada.locator("form.zk-narrow")).to_contain_text("1 个人")
    ada.get_by_label("交给").select_option(label="华北直销组")
    look("named")
    assert ada.evaluate("document.documentElement.scrollWidth <= innerWidth")
    ada.get_by_role("button", name="移除团队").click()
    expect(ada.get_by_role("status").last).to_contain_text("华东直销组 已移除")
    assert list(Team.objects.values_list("name", flat=True)) == ["华北直销组"]
