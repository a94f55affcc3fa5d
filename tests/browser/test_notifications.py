"""A notification reaches a page that is open; how one hears of things, on a desk and on a telephone."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.entering import come_in

SEEN_AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"


def test_an_open_page_hears_of_what_is_new(page, shop, look):
    from tests.notices.telling import tell
    from zhike.accounts.models import User
    from zhike.classification.models import Notification

    alice = User.objects.get(email="lin@example.com")
    Notification.objects.all().delete()
    page.clock.install()
    come_in(page, "lin@example.com", "/notifications/")
    bell = page.locator("[data-pulse]")
    expect(bell).to_have_attribute("aria-label", "通知")
    expect(page.get_by_text("还没有通知")).to_be_visible()
    with page.expect_response("**/notifications/pulse/") as first:
        page.clock.run_for(30_000)
    assert first.value.status == 200
    page.wait_for_timeout(300)  # the page sets its next alarm once it has read the answer
    with page.expect_response("**/notifications/pulse/") as again:
        page.clock.run_for(30_000)
    assert again.value.status == 304

    page.wait_for_timeout(300)
    tell(alice, "mentioned", customer_id=shop["hotel"], text="周敏：明天他们要报价")
    page.clock.run_for(30_000)
    expect(bell).to_have_attribute("aria-label", "通知，有未读")
    expect(page.get_by_role("status")).to_contain_text("上海梧桐里酒店管理 · 提到了你：周敏：明天他们要报价")
    expect(page.locator("[data-pulse-list]")).to_contain_text("周敏：明天他们要报价")
    look("told")
    Notification.objects.update(read_at="2026-12-01T00:00Z")  # read elsewhere
    page.evaluate(SEEN_AGAIN)
    page.clock.run_for(6_000)
    expect(bell).to_have_attribute("aria-label", "通知")


def test_one_chooses_ways_and_hours_and_adds_a_bot(page, shop, look, monkeypatch):
    from tests.notices.telling import HOOK
    from zhike.notices.actions import channels as doing
    from zhike.notices.models import Channel, Preference, Rhythm

    monkeypatch.setattr(doing, "post", lambda _message: b'{"errcode": 310000, "errmsg": "sign not match"}')
    come_in(page, "lin@example.com", "/settings/notifications/")
    page.get_by_label("规则变化：页面").uncheck()
    page.get_by_role("button", name="保存").first.click()
    expect(page.get_by_role("status")).to_contain_text("通知设置已保存")
    page.get_by_label("几点发").fill("09:15")
    page.get_by_role("button", name="保存").nth(1).click()
    expect(page.get_by_role("status")).to_contain_text("通知设置已保存")
    assert (Preference.objects.get().kind, Rhythm.objects.get().digest_at.isoformat()) == ("rules", "09:15:00")
    look("settings-1440")
    page.locator("html").evaluate("html => { html.dataset.bsTheme = 'dark'; }")
    look("settings-dark")
    page.get_by_role("link", name="加一个").click()
    look("bot-new")
    page.get_by_label("哪一家").select_option(label="钉钉")
    page.get_by_label("名称").fill("华东销售群")
    page.get_by_label("机器人的地址").fill(HOOK)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", name="华东销售群")).to_be_visible()
    page.get_by_role("button", name="发测试消息").click()
    expect(page.get_by_role("alert")).to_contain_text("没发出去：310000 sign not match")
    look("bot")
    page.set_viewport_size({"width": 390, "height": 844})
    for path, name in [
        ("/settings/notifications/", "settings-390"),
        ("/settings/bots/", "bots-390"),
        (f"/settings/bots/{Channel.objects.get().pk}/", "bot-390"),
    ]:
        page.goto(path)
        look(name)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        expect(page.get_by_role("link", name=re.compile("^设置|群机器人")).first).to_be_attached()
