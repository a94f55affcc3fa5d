"""Without a connection a phone still has a page on which a log is written, and what it says arrives once."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.entering import come_in

TELEPHONE = {"width": 390, "height": 844}


@pytest.fixture
def phone(chromium, live_server):
    """A telephone whose pages may keep something for when there is no connection."""
    context = chromium.new_context(
        base_url=live_server.url, locale="zh-CN", timezone_id="Asia/Shanghai", viewport=TELEPHONE
    )
    context.set_default_timeout(10_000)
    yield context
    context.close()


def ready(page):
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")


def test_a_page_that_cannot_come_lets_one_write_a_log_that_is_sent_once(phone, shop):
    from zhike.timeline.models import Event

    page = phone.new_page()
    come_in(page, path=f"/customers/{shop['hotel']}/")
    ready(page)
    phone.set_offline(True)
    page.goto("/tasks/")
    expect(page.get_by_role("heading", name="没有网络")).to_be_visible()
    whom = page.get_by_label("和谁")
    assert [option.inner_text() for option in whom.locator("option").all()] == ["上海梧桐里酒店管理"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="先记在这台设备上").click()  # nothing is written: it stays
    expect(page.get_by_role("status")).to_be_hidden()
    page.get_by_label("方式").select_option("拜访")
    page.get_by_label("记录内容").fill("地下机房，看了两台旧设备")
    page.get_by_label("结果").select_option("有进展")
    page.get_by_role("button", name="先记在这台设备上").click()
    expect(page.get_by_role("status")).to_have_text("还有 1 条没有发出去：上海梧桐里酒店管理")
    page.reload()
    expect(page.get_by_role("status")).to_have_text(re.compile("还有 1 条没有发出去"))
    assert not Event.objects.filter(customer=shop["hotel"], kind="visit.made").exists()

    phone.set_offline(False)
    page.goto("/tasks/")
    expect(page.get_by_role("heading", name="任务", exact=True)).to_be_visible()
    expect(page.get_by_role("status").last).to_contain_text("补记了 1 条记录")
    page.reload()
    (event,) = Event.objects.filter(customer=shop["hotel"], kind="visit.made")
    assert (event.data["text"], event.data["result"]) == ("地下机房，看了两台旧设备", "有进展")
    assert page.evaluate("localStorage.getItem('unsent-logs')") == "[]"


def test_who_signs_out_leaves_no_name_on_the_device(phone, shop):
    page = phone.new_page()
    come_in(page, path=f"/customers/{shop['hotel']}/")
    ready(page)
    assert "梧桐里" in page.evaluate("localStorage.getItem('known-customers')")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/sign-in/**")
    assert page.evaluate("localStorage.getItem('known-customers')") is None
    phone.set_offline(True)
    page.goto("/")
    expect(page.get_by_text("这台设备上还没有打开过客户")).to_be_visible()
    expect(page.get_by_label("记录内容")).to_be_hidden()
