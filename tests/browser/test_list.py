"""The list as a place to live in, in Chromium: a view built and pinned, cells, columns, the look aside, the board."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.entering import come_in


def sign_in(page):
    return come_in(page, path="/customers/")


@pytest.fixture
def alice(page, shop):
    return sign_in(page)


def has_no_sideways_scroll(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def add(page, typed, field):
    """Add a condition by its name, typed as people type it."""
    page.locator("[data-conditions]").get_by_role("button", name="加条件").last.click()
    page.get_by_role("combobox", name="找字段").fill(typed)
    page.get_by_role("option", name=field, exact=True).click()
    return page.locator(".zk-cb-row").last


@pytest.mark.parametrize("width", [1440, 390])
def test_a_view_is_built_without_help_and_found_pinned(alice, width, look):
    alice.set_viewport_size({"width": width, "height": 860})
    alice.get_by_role("link", name=re.compile("^条件")).click()
    panel = alice.get_by_role("dialog")
    panel.get_by_text("高价值", exact=True).click()
    panel.get_by_role("link", name="更多条件").click()
    expect(alice.locator(".zk-cb-row")).to_have_count(1)
    cities = add(alice, "cs", "城市")
    for city in ("北京", "上海"):
        cities.get_by_label("加一项").fill(city)
        cities.get_by_label("加一项").press("Enter")
    silent = add(alice, "zhudong", "距上次主动联系")
    silent.get_by_label("怎样比较").select_option("不低于")
    silent.get_by_label("值").fill("30")
    silent.get_by_role("button", name=re.compile("^含从未")).click()
    expect(alice.locator(".zk-cb-read")).to_contain_text("城市是北京或上海")
    expect(alice.get_by_role("button", name="看这些客户")).to_have_text("看这些客户 (1)")
    alice.get_by_text("保存为视图，下次一点就到").click()
    alice.get_by_label("视图名称").fill("京沪高价值且 30 天未联系")
    look(f"built-{width}")
    alice.get_by_role("button", name="保存视图").click()
    expect(alice.locator("[data-row]")).to_have_count(1)
    place = alice.get_by_role("group", name="我的视图") if width > 991 else alice.get_by_role("navigation", name="视图")
    expect(place.get_by_role("link", name="京沪高价值且 30 天未联系")).to_contain_text("1")
    expect(alice.get_by_role("group", name="筛选条件").locator(".zk-cond")).to_have_count(4)
    assert has_no_sideways_scroll(alice)
    look(f"pinned-{width}")


def test_a_cell_is_changed_where_it_stands(alice, shop):
    cells = alice.locator("td[data-edit=next]")
    cells.first.click()
    typed = alice.get_by_label("下次联系", exact=True)
    typed.fill("+3")
    expect(alice.locator("[data-said]")).to_contain_text("→")
    typed.press("Enter")
    expect(cells.first).not_to_have_text("未安排")
    expect(cells.nth(1).locator("input[name=value]")).to_be_focused()
    alice.keyboard.press("Escape")
    expect(cells.nth(1).locator("input")).to_have_count(0)
    expect(cells.nth(1)).to_be_focused()


def test_a_cell_that_is_refused_keeps_what_was_typed(context, shop):
    alice = sign_in(context.new_page())  # whose console may complain of the refusal
    cell = alice.locator("td[data-edit=next]").first
    cell.click()
    alice.get_by_label("下次联系", exact=True).fill("也许")
    with alice.expect_response(re.compile("/cell/")) as answered:
        alice.keyboard.press("Enter")
    assert answered.value.status == 422
    expect(alice.get_by_label("下次联系", exact=True)).to_have_value("也许")
    expect(cell.get_by_role("alert")).to_contain_text("看不懂这个日期")


def test_the_row_is_looked_at_beside_the_list(alice):
    alice.keyboard.press("j")
    alice.keyboard.press(" ")
    aside = alice.get_by_role("complementary", name="预览")
    expect(aside.get_by_role("heading", level=2)).to_have_text("陈思远")
    alice.keyboard.press("j")
    expect(aside.get_by_role("heading", level=2)).to_have_text("杭州文通路书店")
    alice.keyboard.press("Escape")
    expect(aside).to_be_hidden()
    alice.locator("tr", has_text="梧桐里").locator("td[data-why=value]").click()
    expect(aside).to_contain_text("客户价值：为什么是高价值？")


def test_columns_are_chosen_and_made_wider(alice):
    alice.get_by_role("link", name=re.compile("^列")).click()
    panel = alice.get_by_role("dialog", name="列")
    panel.get_by_label("查找字段或指标").fill("hy")
    panel.get_by_label("行业").check()
    panel.get_by_role("button", name="好").click()
    head = alice.locator("th[data-column=industry]")
    expect(head).to_be_visible()
    before = head.bounding_box()["width"]
    with alice.expect_response(re.compile("/columns/")) as kept:
        head.get_by_role("separator").focus()
        for _ in range(4):
            alice.keyboard.press("ArrowRight")
    assert kept.value.status == 204
    assert head.bounding_box()["width"] > before
    assert has_no_sideways_scroll(alice)


def test_a_card_is_moved_with_keys_and_asks_why(alice, look):
    alice.goto("/customers/?group=value&layout=board")
    alice.keyboard.press("ArrowRight")
    expect(alice.locator("[data-card]").first).to_be_focused()
    alice.keyboard.press("Shift+ArrowRight")
    dialog = alice.get_by_role("dialog")
    expect(dialog.get_by_role("radio", name="低价值")).to_be_checked()
    expect(alice.get_by_label("高价值", exact=True).locator("[data-card]")).to_have_count(1)
    dialog.get_by_label("理由（同事都看得到）").fill("合同没有续签")
    look("move")
    dialog.get_by_role("button", name="指定").click()
    expect(alice.get_by_role("status")).to_contain_text("已指定为低价值")
    expect(alice.get_by_label("低价值", exact=True).locator("[data-card]")).to_have_count(1)


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_wide_lists_scroll_inside_their_own_place(alice, width):
    from zhike.accounts.models import User

    User.objects.update(language="en")
    alice.set_viewport_size({"width": width, "height": 800})
    for address in ("", "?group=value", "?group=status&layout=board"):
        alice.goto(f"/customers/{address}")
        expect(alice.get_by_role("heading", level=1)).to_have_text("Customers")
        assert has_no_sideways_scroll(alice), address


def test_a_count_that_takes_long_comes_after_the_page_once_or_says_that_it_did_not(alice, shop, monkeypatch):
    monkeypatch.setattr("zhike.base.paging.DEAR", 0.0)
    monkeypatch.setattr("zhike.web.customers.views.PAGE_SIZE", 1)
    asked: list[str] = []
    alice.on("request", lambda request: asked.append(request.url) if "/customers/count/" in request.url else None)
    alice.route("**/customers/count/*", lambda route: route.fulfill(body="<p>busy</p>"))
    alice.goto("/customers/")
    again = alice.get_by_role("button", name="数不出来，再试一次")
    expect(again).to_be_visible()
    alice.unroute("**/customers/count/*")
    again.click()
    expect(alice.locator(".zk-foot")).to_contain_text("1–1 / 3 位")
    alice.get_by_role("link", name=re.compile("^列")).click()
    expect(alice.locator("[data-panel]")).to_be_visible()
    assert len(asked) == 2
