"""Search below its box, the commands and the map of the keys, in Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.entering import come_in
from tests.factories import PASSWORD

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def alice(page, shop):
    """A page on which 林晓雯 has signed in."""
    come_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("好，晓雯$"))
    return page


@pytest.fixture
def asked(page):
    """What was asked of the server for the box, in order."""
    found: list[str] = []
    page.on(
        "request",
        lambda request: found.append(request.url) if re.search(r"/(search|commands)/\?", request.url) else None,
    )
    return found


def test_a_customer_is_found_by_initials_and_opened_by_keys_alone(alice, look):
    alice.keyboard.press("/")
    box = alice.get_by_role("combobox", name="搜索客户")
    expect(box).to_be_focused()
    alice.keyboard.type("wtl")
    options = alice.get_by_role("option")
    expect(options).to_have_count(3)  # two customers and all results
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(options.nth(0).locator("mark")).to_have_text("文通路")
    expect(options.nth(1).locator("mark")).to_have_text("梧桐里")
    look("found")
    alice.keyboard.press("ArrowDown")
    alice.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == options.nth(1).get_attribute("id")
    alice.keyboard.press("Enter")
    expect(alice.get_by_role("heading", level=1)).to_have_text("上海梧桐里酒店管理")


def test_escape_closes_what_was_found_and_leaves_the_word(alice):
    alice.keyboard.press("/")
    alice.keyboard.type("wtl")
    expect(alice.get_by_role("listbox", name="搜索结果")).to_be_visible()
    alice.keyboard.press("Escape")
    expect(alice.get_by_role("listbox", name="搜索结果")).to_be_hidden()
    expect(alice.get_by_role("combobox", name="搜索客户")).to_have_value("wtl")


def test_enter_without_a_choice_leads_to_the_page_of_results(alice):
    alice.keyboard.press("/")
    alice.keyboard.type("梧桐")
    alice.keyboard.press("Enter")
    expect(alice).to_have_url(re.compile(r"/search/\?q="))
    expect(alice.get_by_role("heading", level=1)).to_have_text("搜索")
    alice.get_by_role("link", name="全部结果").click()
    expect(alice).to_have_url(re.compile(r"/customers/\?q="))
    expect(alice.locator("[data-row]")).to_have_count(1)


def test_nothing_found_offers_a_new_customer_of_that_name(alice):
    alice.keyboard.press("/")
    alice.keyboard.type("苏州平江路茶馆")
    alice.get_by_role("option", name="新建「苏州平江路茶馆」").click()
    expect(alice.get_by_label("名称")).to_have_value("苏州平江路茶馆")


def test_while_an_input_method_composes_nothing_is_asked_and_no_key_counts(alice, asked):
    alice.keyboard.press("/")
    cdp = alice.context.new_cdp_session(alice)
    for text in ("w", "wu", "wu t", "wu tong"):
        cdp.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
    alice.wait_for_timeout(400)
    assert asked == []
    expect(alice.get_by_role("listbox", name="搜索结果")).to_be_hidden()
    cdp.send("Input.insertText", {"text": "梧桐"})
    expect(alice.get_by_role("option").first).to_contain_text("上海梧桐里酒店管理")
    assert len(asked) == 1


def test_what_is_typed_fast_is_asked_once(alice, asked):
    alice.keyboard.press("/")
    alice.keyboard.type("wutongli", delay=20)
    expect(alice.get_by_role("option").first).to_contain_text("上海梧桐里酒店管理")
    assert len(asked) < 3
    assert asked[-1].endswith("q=wutongli")


def test_an_older_answer_never_replaces_a_newer_one(alice):
    slow: list[object] = []

    def hold(route):
        if route.request.url.endswith("q=w"):
            slow.append(route)
        else:
            route.continue_()

    alice.route(re.compile(r"/search/\?"), hold)
    alice.keyboard.press("/")
    alice.keyboard.type("w")
    alice.wait_for_timeout(300)
    assert len(slow) == 1
    alice.keyboard.type("enton")
    expect(alice.get_by_role("option").first).to_contain_text("杭州文通路书店")


def test_commands_open_by_keys_and_lead_everywhere(alice, shop, look):
    alice.goto(f"/customers/{shop['sleeper']}/")
    alice.keyboard.press("Control+k")
    palette = alice.get_by_role("dialog", name="命令")
    expect(palette).to_be_visible()
    box = palette.get_by_role("combobox")
    expect(box).to_be_focused()
    expect(palette.get_by_role("group", name="最近打开")).to_have_count(0)
    expect(palette.get_by_role("option", name=re.compile("^记录跟进"))).to_be_visible()
    look("commands")
    alice.keyboard.type("xjkh")
    expect(palette.get_by_role("option")).to_have_count(1)
    alice.keyboard.press("Enter")
    alice.wait_for_url(re.compile("/customers/new/$"))  # loaded, so that its keys answer
    alice.keyboard.press("Control+k")
    alice.keyboard.type("wutong")
    expect(palette.get_by_role("option").first).to_contain_text("上海梧桐里酒店管理")
    alice.keyboard.press("Enter")
    alice.wait_for_url(re.compile(f"/customers/{shop['hotel']}/$"))
    expect(alice.get_by_role("heading", level=1)).to_have_text("上海梧桐里酒店管理")
    alice.keyboard.press("Control+k")
    expect(palette.get_by_role("group", name="最近打开")).to_contain_text("杭州文通路书店")
    alice.keyboard.press("Escape")
    expect(palette).to_be_hidden()


def test_logging_from_the_commands_puts_the_cursor_in_the_log(alice, shop):
    alice.goto(f"/customers/{shop['hotel']}/")
    alice.keyboard.press("Control+k")
    alice.keyboard.type("jilu")
    alice.keyboard.press("Enter")
    expect(alice.get_by_label("记录内容")).to_be_focused()


def test_the_map_shows_what_the_page_has_and_nothing_else(alice, shop, look):
    alice.keyboard.press("?")
    keys = alice.get_by_role("dialog", name="快捷键")
    expect(keys).to_be_visible()
    expect(keys).to_contain_text("去工作台")
    expect(keys).to_contain_text("新建客户")
    expect(keys).not_to_contain_text("修改资料")
    alice.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    alice.goto(f"/customers/{shop['hotel']}/")
    alice.keyboard.press("?")
    for label in ("修改资料", "记录跟进", "为什么是这个类别"):
        expect(keys.locator("[data-keys-of=page]")).to_contain_text(label)
    look("map")
    alice.goto("/customers/")
    alice.keyboard.press("?")
    for label in ("预览", "加筛选条件", "在一行的格子之间走", "在格子里：就地修改，再按保存并到下一行"):
        expect(keys.locator("[data-keys-of=page]")).to_contain_text(label)
    expect(keys.get_by_text("加筛选条件")).to_have_count(1)
    look("map-of-the-list")
    alice.goto(f"/customers/{shop['hotel']}/")
    alice.keyboard.press("?")
    alice.keyboard.press("Escape")
    alice.keyboard.press("e")
    expect(alice).to_have_url(re.compile("/edit/$"))


def test_keys_that_are_turned_off_stay_quiet_and_combinations_work(alice):
    alice.goto("/settings/")
    alice.get_by_label("关", exact=True).check(force=True)
    alice.get_by_role("button", name="保存").click()
    expect(alice.locator("html")).to_have_attribute("data-single-keys", "off")
    for key in ("c", "/", "?", "g", "c"):
        alice.keyboard.press(key)
    expect(alice).to_have_url(re.compile("/settings/$"))
    expect(alice.get_by_role("combobox", name="搜索客户")).not_to_be_focused()
    alice.keyboard.press("Control+k")
    expect(alice.get_by_role("dialog", name="命令")).to_be_visible()


def test_a_phone_searches_below_the_bar(alice, look):
    alice.set_viewport_size(PHONE)
    alice.goto("/")
    alice.get_by_role("combobox", name="搜索客户").click()
    alice.keyboard.type("wtl")
    option = alice.get_by_role("option").first
    expect(option).to_be_visible()
    assert option.bounding_box()["height"] >= 40
    assert alice.evaluate("document.documentElement.scrollWidth <= innerWidth")
    look("phone")
    option.click()
    expect(alice.get_by_role("heading", level=1)).to_have_text("杭州文通路书店")


def test_without_scripts_both_are_pages(chromium, live_server, shop):
    context = chromium.new_context(base_url=live_server.url, locale="zh-CN", java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("邮箱").fill("lin@example.com")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.get_by_label("搜索客户").fill("wtl")
    page.get_by_label("搜索客户").press("Enter")
    page.locator("main").get_by_role("link", name=re.compile("杭州文通路书店")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("杭州文通路书店")
    page.get_by_role("navigation", name="主导航").get_by_role("link", name=re.compile("命令")).click()
    page.locator("main").get_by_role("link", name=re.compile("^新建客户")).click()
    expect(page.get_by_label("名称")).to_be_visible()
    context.close()
