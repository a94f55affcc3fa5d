"""What is kept of a customer beside its fields, written down in Chromium: numbers, addresses, people, notes, files."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.entering import come_in


@pytest.fixture
def alice(page, shop):
    """A page on which 林晓雯 has signed in, whose manager is 王磊."""
    from tests.factories import make_user
    from zhike.accounts.models import User

    team = User.objects.get(email="lin@example.com").team
    make_user("王磊", email="wang@example.com", role="manager", team=team)
    make_user("吴天磊", email="wu@example.com", team=team)
    return come_in(page, path="")


def test_numbers_and_an_address_are_added(alice, shop, look):
    alice.goto(f"/customers/{shop['hotel']}/")
    alice.get_by_role("link", name="修改联系方式").click()
    values = alice.get_by_label("号码或地址")
    values.nth(0).fill("138 0013 8000")
    alice.get_by_role("button", name="再加一个").click()
    expect(values.last).to_be_focused()
    alice.get_by_label("方式", exact=True).last.select_option("wecom")
    values.last.fill("wutong")
    look("form")
    alice.get_by_role("button", name=re.compile("保存")).click()
    expect(alice.get_by_text("的联系方式已保存")).to_be_visible()
    card = alice.get_by_role("region", name="联系方式和地址")
    expect(card).to_contain_text("138 **** 8000")
    expect(card).to_contain_text("wutong")

    card.get_by_role("link", name="加一个地址").click()
    alice.get_by_label("省", exact=True).select_option(label="浙江省")
    expect(alice.get_by_label("市", exact=True)).to_contain_text("杭州市")
    alice.get_by_label("市", exact=True).select_option(label="杭州市")
    expect(alice.get_by_label("区县", exact=True)).to_contain_text("西湖区")
    alice.get_by_label("区县", exact=True).select_option(label="西湖区")
    alice.get_by_label("街道和门牌").fill("文三路 9 号")
    look("address")
    alice.get_by_role("button", name=re.compile("保存")).click()
    expect(card).to_contain_text("浙江省杭州市西湖区文三路 9 号")
    look("customer")


def test_a_colleague_is_spoken_to_by_pinyin_from_the_keyboard(alice, shop, look):
    from zhike.classification.models import Notification

    alice.goto(f"/customers/{shop['hotel']}/")
    alice.get_by_text("备注", exact=True).click()
    alice.keyboard.press("l")
    alice.keyboard.type("请 @w")
    options = alice.locator(".zk-mentions").get_by_role("option")
    expect(options).to_have_text([re.compile("^王磊"), re.compile("^吴天磊看不到这位客户")])
    look("offer")
    alice.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    alice.keyboard.press("ArrowUp")
    alice.keyboard.press("Enter")
    text = alice.get_by_label("记录内容")
    expect(text).to_have_value("请 @王磊 ")
    alice.keyboard.type("核一下成本")
    alice.keyboard.press("Control+Enter")
    expect(alice.locator(".zk-tl")).to_contain_text("请 @王磊 核一下成本")
    assert [row.user.name for row in Notification.objects.filter(kind="mentioned")] == ["王磊"]
    alice.get_by_role("link", name="修改或撤销备注").click()
    alice.get_by_label("备注").fill("算了")
    alice.get_by_role("button", name=re.compile("保存")).click()
    expect(alice.locator(".zk-tl")).to_contain_text("（已修改）")
    expect(alice.locator(".zk-tl")).not_to_contain_text("核一下成本")


def test_a_person_needs_no_size_and_a_company_no_birthday(alice, look):
    alice.goto("/customers/new/")
    expect(alice.get_by_label("规模")).to_be_visible()
    expect(alice.get_by_label("联系人姓名")).to_be_visible()
    expect(alice.get_by_label("生日")).to_be_hidden()
    look("company")
    alice.get_by_text("个人", exact=True).click()
    expect(alice.get_by_label("规模")).to_be_hidden()
    expect(alice.get_by_label("联系人姓名")).to_be_hidden()
    expect(alice.get_by_label("生日")).to_be_visible()


def test_a_group_a_file_and_a_star(alice, shop, look, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "files"
    file = tmp_path / "合同.pdf"
    file.write_bytes(b"%PDF-1.7")
    alice.goto(f"/customers/{shop['hotel']}/")
    alice.get_by_role("link", name="上级公司").click()
    alice.get_by_label("找一位客户").fill("wtl")
    alice.get_by_label(re.compile("杭州文通路书店")).check()
    alice.get_by_role("button", name=re.compile("保存")).click()
    card = alice.get_by_role("region", name="集团和关系")
    expect(card).to_contain_text("杭州文通路书店")
    alice.get_by_role("link", name="附件").click()
    alice.get_by_label("文件").set_input_files(file)
    alice.get_by_role("button", name="上传").click()
    expect(alice.get_by_role("link", name="合同.pdf")).to_be_visible()
    alice.get_by_role("button", name="收藏", exact=True).click()
    expect(alice.get_by_role("button", name="取消收藏")).to_be_visible()
    look("customer")
    alice.get_by_role("button", name="删除 合同.pdf").click()
    alice.get_by_role("button", name="撤销", exact=True).click()
    expect(alice.get_by_text("合同.pdf 已恢复")).to_be_visible()
    alice.goto("/customers/?starred=1")
    expect(alice.locator("[data-row]")).to_have_count(1)
    alice.set_viewport_size({"width": 390, "height": 844})
    for path in ("", "reaches/", "addresses/new/", "files/", "relations/new/", "parent/"):
        alice.goto(f"/customers/{shop['hotel']}/{path}")
        assert alice.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    look("phone")
