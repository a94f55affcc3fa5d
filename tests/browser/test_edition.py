"""A new edition of the pack merged in Chromium: a choice made, its effect seen, and the class of a customer after it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.test_studio import carry_out, class_of, people, sign_in  # noqa: F401  a fixture
from tests.core.pack_sides import at_least, put
from tests.web.editions import change_here, ship

DEAR = put("when", at_least("revenue", 90_000_000, 365))
CHEAP = put("when", at_least("revenue", 1_000, 365))
EDITION = "/classes/packs/general/edition/"


def test_a_choice_is_counted_at_once_and_put_in_force(page, people, shop, look, monkeypatch):  # noqa: F811
    change_here(CHEAP, put("tone", "ochre", key="low"))
    ship(monkeypatch, DEAR, put("service.cadence_days", 7))
    sign_in(page)
    page.goto("/classes/packs/general/")
    page.get_by_role("link", name="看看新版").click()
    expect(page.get_by_role("group", name="客户价值 › 高价值 › 条件")).to_be_visible()
    expect(page.get_by_label("保留我们的")).to_be_checked()
    outcome = page.locator("#outcome")
    expect(outcome).to_contain_text("没有客户换类")
    look("ours")

    page.get_by_label("采用新版").check()
    expect(outcome).to_contain_text("1 位客户会换类")
    assert "word.dimensions.value.classes.high.when=theirs" in page.url
    look("theirs")
    assert class_of(shop["hotel"]) == "high"

    outcome.get_by_role("button", name="合并并启用").click()
    page.wait_for_url("**/publications/*/")
    carry_out()
    expect(page.get_by_role("heading", name="合并新版 通用 v2")).to_be_visible()
    expect(page.locator("#publication")).to_contain_text("已生效")
    look("done")
    assert class_of(shop["hotel"]) == "regular"
    page.goto("/classes/packs/")
    expect(page.get_by_text("使用中 v2")).to_be_visible()
    expect(page.get_by_role("link", name="看看新版")).to_have_count(0)


def test_without_javascript_the_choice_is_a_plain_form(chromium, live_server, people, shop, monkeypatch):  # noqa: F811
    change_here(CHEAP)
    ship(monkeypatch, DEAR)
    context = chromium.new_context(base_url=live_server.url, locale="zh-CN", java_script_enabled=False)
    page = context.new_page()
    sign_in(page)
    page.goto(EDITION)
    page.get_by_label("采用新版").check()
    page.get_by_role("button", name="按这样选，重新算").click()
    expect(page.locator("#outcome")).to_contain_text("1 位客户会换类")
    expect(page.get_by_label("采用新版")).to_be_checked()
    page.get_by_role("button", name="合并并启用").click()
    page.wait_for_url("**/publications/*/")
    context.close()
    carry_out()
    assert class_of(shop["hotel"]) == "regular"
