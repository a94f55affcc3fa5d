"""A customer is shared until a day, seen by whom it was shared with, and taken back, in Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.entering import come_in


@pytest.fixture
def sign_in(chromium, live_server):
    contexts = []

    def page_of(email: str):
        context = chromium.new_context(base_url=live_server.url, locale="zh-CN", timezone_id="Asia/Shanghai")
        contexts.append(context)
        page = context.new_page()
        return come_in(page, email)

    yield page_of
    for context in contexts:
        context.close()


def test_three_people_at_once_see_what_they_should_of_one_customer(shop, sign_in):
    from tests.factories import make_user

    make_user("王磊", email="wang@example.com")
    make_user("郑海", email="zheng@example.com", role="auditor")
    path = f"/customers/{shop['hotel']}/"
    lin, wang, zheng = (sign_in(f"{name}@example.com") for name in ("lin", "wang", "zheng"))
    assert wang.goto(path).status == 404

    lin.goto(path)
    lin.get_by_role("link", name="谁能看到").click()
    panel = lin.get_by_role("dialog")
    expect(panel).to_contain_text("负责人")
    expect(panel).to_contain_text("角色「审计」看得到全部客户")
    panel.get_by_label("共享给").select_option(label="王磊")
    panel.get_by_label("理由").fill("去过现场，一起报价")
    panel.get_by_role("button", name="共享").click()
    expect(lin.get_by_role("status")).to_contain_text("已共享")

    assert wang.goto(path).status == 200
    expect(wang.get_by_role("link", name="修改资料")).to_have_count(0)
    expect(wang.locator("#log")).to_have_count(0)
    assert zheng.goto(path).status == 200
    expect(zheng.locator("#log")).to_have_count(0)

    lin.get_by_role("link", name="谁能看到").click()
    expect(panel).to_contain_text("去过现场，一起报价")
    panel.get_by_role("button", name="结束").click()
    expect(lin.get_by_role("status")).to_contain_text("共享已结束")
    assert wang.goto(path).status == 404
