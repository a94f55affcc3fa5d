"""Own fields in Chromium: ordered by drag and keys, filled in, and two people who change one record at once."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.entering import come_in


@pytest.fixture
def fields(shop):
    """A customer of 林晓雯's with an amount, a colleague and another customer; 周敏 leads her team."""
    from tests.factories import make_user
    from zhike.accounts.models import Role, User
    from zhike.core.text import Text
    from zhike.customers.actions.fields import add_field, add_section
    from zhike.customers.fields import KINDS_BY_KEY

    team = User.objects.get(email="lin@example.com").team
    make_user("周敏", email="zhou@example.com", role=Role.MANAGER, team=team)
    heading = add_section(label=Text("采购", "Buying"), by=None)
    for kind, zh, en in (
        ("money", "年采购额", "spend"),
        ("person", "顾问", "consultant"),
        ("customer", "母公司", "parent"),
    ):
        add_field(field_kind=KINDS_BY_KEY[kind], by=None, label=Text(zh, en), section=heading)
    return shop


def sign_in(page: Page, email: str) -> Page:
    come_in(page, email)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("好，"))
    return page


def save(page: Page) -> None:
    page.locator(".zk-record-form").get_by_role("button", name="保存").click()


def test_two_people_change_one_record_and_the_second_chooses(chromium, live_server, page, fields, look):
    from zhike.customers.models import Customer

    lin = sign_in(page, "lin@example.com")
    with chromium.new_context(base_url=live_server.url, locale="zh-CN", timezone_id="Asia/Shanghai") as other:
        zhou = sign_in(other.new_page(), "zhou@example.com")
        for person in (lin, zhou):
            person.goto(f"/customers/{fields['hotel']}/edit/")
        zhou.get_by_label("城市").fill("杭州")
        zhou.get_by_label("行业").fill("餐饮")
        zhou.get_by_label("年采购额").fill("30 万")
        save(zhou)
        expect(zhou).to_have_url(re.compile(rf"/customers/{fields['hotel']}/$"))

    asking = lin.context.new_page()  # whose console may complain of the refusal
    asking.goto(f"/customers/{fields['hotel']}/edit/")
    page_version = lin.locator("input[name=version]").input_value()
    asking.locator("input[name=version]").evaluate("(input, version) => { input.value = version; }", page_version)
    for label, text in (("城市", "苏州"), ("行业", ""), ("年采购额", "25 万"), ("来源", "展会")):
        asking.get_by_label(label).fill(text)
    save(asking)

    question = asking.get_by_role("region", name="哪些不同")
    expect(question.locator("legend")).to_have_text([re.compile("城市"), re.compile("年采购额")])
    expect(question).to_contain_text("周敏")
    expect(question).to_contain_text("¥300,000")
    expect(question).to_contain_text("¥250,000")
    expect(asking.get_by_label("城市")).to_have_value("苏州")
    question.get_by_role("group", name=re.compile("城市")).get_by_label(re.compile("周敏")).check()
    question.get_by_role("group", name=re.compile("年采购额")).get_by_label(re.compile("我改为")).check()
    look("question")
    save(asking)
    expect(asking).to_have_url(re.compile(rf"/customers/{fields['hotel']}/$"))

    found = Customer.objects.get(pk=fields["hotel"])
    assert (found.city, found.industry, found.source, found.custom) == ("杭州", "餐饮", "展会", {"spend": 25_000_000})
    asking.get_by_role("link", name="修改记录").first.click()
    expect(asking.locator(".zk-history")).to_contain_text("¥300,000")
    expect(asking.locator(".zk-history")).to_contain_text("¥250,000")


def test_colleagues_and_customers_are_found_while_typing(page, fields):
    from zhike.accounts.models import User
    from zhike.customers.models import Customer

    lin = sign_in(page, "lin@example.com")
    lin.goto(f"/customers/{fields['hotel']}/edit/")
    lin.get_by_label("顾问").press_sequentially("zm")
    expect(lin.get_by_role("option", name=re.compile("周敏"))).to_be_visible()
    lin.keyboard.press("ArrowDown")
    lin.keyboard.press("Enter")
    expect(lin.get_by_label("顾问")).to_have_value("周敏")
    lin.get_by_label("母公司").press_sequentially("wtl")
    lin.get_by_role("option", name=re.compile("文通路书店")).click()
    save(lin)
    expect(lin.locator(".zk-details")).to_contain_text("周敏")

    zhou = User.objects.get(email="zhou@example.com")
    assert Customer.objects.get(pk=fields["hotel"]).custom == {
        "consultant": zhou.email,
        "parent": str(fields["sleeper"]),
    }


def test_fields_are_moved_by_keys_and_dragged_to_another_heading(page, fields):
    from zhike.customers.fields import active_fields

    zhou = sign_in(page, "zhou@example.com")
    zhou.goto("/settings/fields/")
    link = zhou.get_by_role("link", name=re.compile("母公司"))
    link.focus()
    with zhou.expect_response("**/settings/fields/order/"):
        zhou.keyboard.press("Alt+ArrowUp")
    expect(link).to_be_focused()
    assert [field.key for field in active_fields()] == ["spend", "parent", "consultant"]
    grip = zhou.locator("[data-key-of-field=spend] .zk-grip")
    with zhou.expect_response("**/settings/fields/order/"):
        grip.drag_to(zhou.locator("[data-section='']"))
    zhou.reload()
    assert {field.key: field.section_id is None for field in active_fields()} == {
        "spend": True,
        "parent": False,
        "consultant": False,
    }
