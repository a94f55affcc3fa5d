"""What a person sees when the server does not answer as it should."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.factories import PASSWORD
from zhike.timeline.models import Event


@pytest.fixture
def record(context, waiting):
    """The page of a customer, in a tab whose console may complain."""
    page = context.new_page()
    page.goto(f"/sign-in/?next=/customers/{waiting['sleeper']}/")
    page.get_by_label("邮箱").fill("lin@example.com")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_label("记录内容")).to_be_visible()
    return page


def log(page, text):
    page.get_by_label("记录内容").fill(text)
    page.keyboard.press("Control+Enter")


def test_without_a_connection_a_log_is_kept_and_sent_once_with_the_next_page(record):
    record.route("**/log/", lambda route: route.abort())
    log(record, "聊了报价")
    expect(record.get_by_role("status")).to_contain_text("存在这台设备上")
    expect(record.get_by_label("记录内容")).to_have_value("")
    record.unroute("**/log/")
    record.reload()
    expect(record.get_by_role("status")).to_contain_text("补记了 1 条记录")
    record.reload()
    expect(record.locator("#timeline")).to_contain_text("聊了报价")
    assert Event.objects.filter(kind="call.made", data__text="聊了报价").count() == 1


def test_figures_that_did_not_come_are_asked_for_again(record):
    record.route("**/figures/", lambda route: route.abort())
    record.goto("/")
    expect(record.get_by_role("alert")).to_contain_text("没连上服务器")
    record.unroute("**/figures/")
    record.get_by_role("button", name="重试").click()
    expect(record.get_by_label("本月")).to_contain_text("较上月同期")


def test_an_error_of_a_proxy_does_not_replace_the_page(record):
    record.route("**/log/", lambda route: route.fulfill(status=502, body="<html><h1>Bad gateway</h1></html>"))
    log(record, "聊了报价")
    expect(record.get_by_role("alert")).to_contain_text("服务器出错了")
    expect(record.get_by_label("记录内容")).to_have_value("聊了报价")


def test_bad_input_is_said_beside_the_text(record):
    record.get_by_label("下次联系").fill("2020-01-01")
    log(record, "聊了报价")
    expect(record.get_by_role("alert")).to_contain_text("下次联系不能早于今天。")
    expect(record.get_by_label("记录内容")).to_have_value("聊了报价")


def test_whoever_was_signed_out_comes_to_the_sign_in_page(record):
    record.context.clear_cookies()
    # Whatever the page asks for first: what it loads by itself as it comes into view, or what is clicked.
    record.evaluate("document.querySelector('a[href*=\"group=contact\"]')?.click()")
    expect(record.get_by_role("heading", name="登录")).to_be_visible()


def test_an_unknown_page_says_so_and_leads_back(record):
    record.goto("/customers/999999/")
    expect(record.get_by_role("heading", level=1)).to_have_text("没有找到")
    record.get_by_role("link", name="回工作台").click()
    expect(record.get_by_role("heading", name="我的跟进")).to_be_visible()


def test_a_decision_without_a_connection_is_tried_again_as_it_was_meant(record):
    record.goto("/reviews/")
    record.route("**/reviews/*/", lambda route: route.abort())
    row = record.locator("[data-row]", has_text="南京栖云酒店")
    row.get_by_role("button", name="保持").click()
    expect(record.get_by_role("alert")).to_contain_text("没连上服务器")
    expect(row).to_have_count(1)
    record.unroute("**/reviews/*/")
    record.get_by_role("button", name="重试").click()
    expect(record.get_by_role("status")).to_contain_text("南京栖云酒店的活跃度保持活跃")
    expect(row).to_have_count(0)
