"""A salesperson's day in Chromium: sign in, find someone, read why, write down a call, switch the language."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.entering import come_in
from tests.factories import PASSWORD


@pytest.fixture
def alice(page, shop):
    """A page on which 林晓雯 has signed in."""
    return come_in(page)


def has_no_sideways_scroll(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_signing_in_leads_to_whom_to_contact_next(page, shop, look):
    page.goto("/")
    page.get_by_label("邮箱").fill("lin@example.com")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("好，晓雯$"))
    expect(page.get_by_text("约好联系：今天")).to_be_visible()
    expect(page.get_by_role("heading", name="类别变化", exact=True)).to_be_visible()
    expect(page.get_by_label("本月")).to_contain_text("较上月同期")
    look("home")


def test_search_finds_by_initials_while_typing(alice, look):
    alice.keyboard.press("g")
    alice.keyboard.press("c")
    expect(alice.locator("[data-row]")).to_have_count(3)
    alice.keyboard.press("/")
    alice.keyboard.type("wtl")
    expect(alice.locator("[data-row]")).to_have_count(2)
    expect(alice).to_have_url(re.compile(r"q=wtl"))
    alice.keyboard.type("s")
    expect(alice.locator("[data-row]")).to_have_count(1)
    expect(alice.locator("[data-row]")).to_contain_text("杭州文通路书店")
    look("search")


def test_the_filter_menu_keeps_a_class(alice):
    alice.goto("/customers/")
    alice.keyboard.press("f")
    panel = alice.get_by_role("dialog", name="筛选客户")
    panel.get_by_text("高价值", exact=True).click()
    panel.get_by_role("button", name="筛选").click()
    expect(alice.locator("[data-row]")).to_have_count(1)
    alice.get_by_label("去掉条件：客户价值").click()
    expect(alice.locator("[data-row]")).to_have_count(3)


def test_the_list_is_walked_by_keys(alice, shop):
    alice.goto("/customers/")
    for key in "jjjk":  # three rows: the third key stays on the last
        alice.keyboard.press(key)
    expect(alice.locator("tr.is-active")).to_contain_text("杭州文通路书店")
    alice.keyboard.press("Enter")
    expect(alice.get_by_role("heading", level=1)).to_have_text("杭州文通路书店")
    alice.keyboard.press("j")
    expect(alice.get_by_role("heading", level=1)).to_have_text("上海梧桐里酒店管理")


def test_going_back_to_the_list_finds_the_place_again(alice):
    alice.set_viewport_size({"width": 1440, "height": 230})
    alice.goto("/customers/")
    rows = alice.locator(".zk-list > .zk-scroll")
    assert rows.evaluate("rows => { rows.scrollTop = 9; return rows.scrollTop; }") == 9
    alice.get_by_role("link", name="杭州文通路书店").click()
    expect(alice.get_by_label("记录内容")).to_be_visible()
    alice.go_back()
    expect(alice.locator("[data-row]")).to_have_count(3)
    assert rows.evaluate("rows => rows.scrollTop") == 9


def test_why_opens_beside_the_class_and_gives_the_focus_back(alice, shop, look):
    alice.goto(f"/customers/{shop['hotel']}/")
    opener = alice.get_by_role("link", name="客户价值：高价值，看依据")
    opener.click()
    panel = alice.get_by_role("dialog")
    expect(panel).to_contain_text("近 365 天成交额 ≥ ¥200,000")
    expect(panel).to_contain_text("¥240,010")
    expect(panel).to_contain_text("什么会改变这个判断")
    look("why")
    alice.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(opener).to_be_focused()
    alice.keyboard.press("i")
    expect(alice.get_by_role("dialog")).to_contain_text("客户状态")


def test_a_logged_call_changes_the_class_at_once(alice, shop, look):
    alice.goto(f"/customers/{shop['sleeper']}/")
    expect(alice.get_by_role("link", name="活跃度：沉睡，看依据")).to_be_visible()
    alice.keyboard.press("l")
    alice.keyboard.type("聊了明年的书架，下周寄样")
    alice.keyboard.press("Control+Enter")
    toast = alice.get_by_role("status")
    expect(toast).to_contain_text("已记录")
    expect(toast).to_contain_text("活跃")
    expect(alice.get_by_role("link", name="活跃度：活跃，看依据")).to_be_visible()
    expect(alice.locator(".zk-tl")).to_contain_text("聊了明年的书架，下周寄样")
    expect(alice.get_by_label("记录内容")).to_have_value("")
    look("logged")


def test_a_customer_is_made_once_by_a_double_click_and_after_going_back(alice, shop, look):
    alice.goto("/customers/new/")
    alice.get_by_label("名称").fill("苏州平江路茶馆")
    key = alice.locator("form input[name=key]").first.input_value()
    alice.get_by_role("button", name="保存").dblclick()
    expect(alice.get_by_role("heading", level=1)).to_have_text("苏州平江路茶馆")
    made = alice.url
    alice.go_back()
    expect(alice.get_by_label("名称")).to_have_value("苏州平江路茶馆")
    # A browser that is short of memory draws the page anew: this is about the one that shows it as it was.
    alice.locator("form input[name=key]").first.evaluate("(field, key) => { field.value = key }", key)
    alice.get_by_role("button", name="保存").click()
    expect(alice).to_have_url(made)
    expect(alice.get_by_role("status")).to_contain_text("苏州平江路茶馆 刚才已经建档")
    look("made-once")
    alice.goto("/customers/new/")
    alice.get_by_label("名称").fill("宁波海曙书店")
    alice.get_by_role("button", name="保存").click()
    expect(alice.get_by_role("heading", level=1)).to_have_text("宁波海曙书店")
    assert alice.url != made


def test_keys_rest_while_a_pinyin_is_composed(alice):
    alice.goto("/customers/")
    alice.locator("body").dispatch_event("keydown", {"key": "c", "isComposing": True, "bubbles": True})
    expect(alice).to_have_url(re.compile(r"/customers/$"))
    alice.keyboard.press("c")
    expect(alice).to_have_url(re.compile(r"/customers/new/$"))


def test_the_shortcuts_are_one_key_away(alice):
    alice.keyboard.press("?")
    expect(alice.get_by_role("dialog", name="快捷键")).to_be_visible()
    alice.keyboard.press("Escape")
    expect(alice.get_by_role("dialog", name="快捷键")).to_be_hidden()


def test_the_language_changes_everywhere(alice, look):
    alice.goto("/settings/")
    alice.get_by_text("English", exact=True).click()
    alice.get_by_text("深色", exact=True).click()
    alice.get_by_role("button", name="保存").click()
    expect(alice.get_by_role("status")).to_contain_text("Settings saved")
    expect(alice.locator("html")).to_have_attribute("data-bs-theme", "dark")
    alice.goto("/customers/")
    expect(alice.get_by_role("columnheader", name="Value")).to_be_visible()
    expect(alice.get_by_role("gridcell", name="High value", exact=True)).to_be_visible()
    look("english")


@pytest.mark.parametrize("width", [320, 390, 768])
def test_small_screens_never_scroll_sideways(alice, shop, look, width):
    alice.set_viewport_size({"width": width, "height": 844})
    for path in ("/", "/customers/", f"/customers/{shop['hotel']}/", "/classes/", "/customers/new/", "/settings/"):
        alice.goto(path)
        assert has_no_sideways_scroll(alice), path
    alice.goto(f"/customers/{shop['hotel']}/")
    alice.get_by_role("link", name="客户价值：高价值，看依据").click()
    expect(alice.get_by_role("dialog")).to_be_visible()
    assert has_no_sideways_scroll(alice)
    look(f"phone-{width}")


def test_everything_works_without_javascript(chromium, live_server, shop):
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto("/sign-in/")
    page.get_by_label("邮箱").fill("lin@example.com")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.get_by_role("link", name="看本月的数字").click()
    expect(page.get_by_label("本月")).to_contain_text("较上月同期")
    page.goto("/customers/?q=wtl")
    expect(page.locator("[data-row]")).to_have_count(2)
    page.goto(f"/customers/{shop['sleeper']}/")
    page.get_by_role("link", name="活跃度：沉睡，看依据").click()
    expect(page.get_by_role("dialog")).to_contain_text("为什么是沉睡？")
    page.goto(f"/customers/{shop['sleeper']}/")
    page.get_by_label("记录内容").fill("留了话")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status")).to_contain_text("已记录")
    context.close()
