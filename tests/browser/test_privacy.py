"""Personal data in Chromium: a consent given and withdrawn, a masked number revealed, a customer forgotten."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.entering import come_in


def sign_in(page, email):
    return come_in(page, email, path="")


@pytest.fixture
def person(shop):
    from tests.factories import make_customer, make_user
    from zhike.accounts.models import Role, User

    alice = User.objects.get(email="lin@example.com")
    make_user("管理员", email="ada@example.com", role=Role.ADMIN)
    make_user("审计员", email="audra@example.com", role=Role.AUDITOR)
    return make_customer("王小明", owner=alice, kind="person", phone="138 0013 8000").pk


def test_a_consent_is_given_and_withdrawn(page, person, look):
    sign_in(page, "lin@example.com").goto(f"/customers/{person}/")
    page.get_by_role("link", name="个人信息").click()
    form = page.get_by_role("form", name="邮件营销")
    form.get_by_label("凭据").fill("官网注册表")
    form.get_by_role("button", name="记下").click()
    expect(page.get_by_role("status")).to_contain_text("授权已记下")
    consents = page.locator("#consents")
    expect(consents).to_contain_text("有效")
    expect(consents).to_contain_text("官网注册表")
    look("given")
    form.get_by_role("button", name="记下").click()  # what is given is offered to be withdrawn
    expect(consents).to_contain_text("已撤回")
    expect(consents).to_contain_text("以前不要再问")


def test_whoever_refuses_has_no_class_and_may_have_them_again(page, person, look):
    sign_in(page, "lin@example.com").goto(f"/customers/{person}/privacy/")
    page.get_by_role("button", name="不再自动分类").click()
    expect(page.get_by_role("status")).to_contain_text("不再自动分类")
    page.goto(f"/customers/{person}/")
    expect(page.locator(".zk-note")).to_contain_text("拒绝自动分类")
    expect(page.get_by_role("link", name="看依据")).to_have_count(0)
    look("refused")
    page.goto(f"/customers/{person}/privacy/")
    page.get_by_role("button", name="恢复自动分类").click()
    expect(page.get_by_role("status")).to_contain_text("恢复自动分类")
    page.goto(f"/customers/{person}/")
    expect(page.get_by_role("link", name="看依据")).not_to_have_count(0)


def test_a_masked_number_is_revealed_for_a_reason_once(page, person, look):
    sign_in(page, "audra@example.com").goto(f"/customers/{person}/")
    expect(page.get_by_text("138****8000").first).to_be_visible()
    page.get_by_role("link", name="查看电话原文").click()
    page.get_by_label("为什么要看").select_option("audit")
    page.get_by_role("button", name="显示").click()
    expect(page.locator("#revealed")).to_have_text("+8613800138000")
    look("revealed")
    page.get_by_role("link", name="返回").click()
    expect(page.get_by_text("138****8000").first).to_be_visible()
    page.goto("/settings/audit/?action=field.revealed")
    expect(page.get_by_role("table")).to_contain_text("查看原文")
    look("audit")


def test_a_customer_is_forgotten_after_their_name_is_typed(page, person, look, context):
    sign_in(page, "ada@example.com").goto(f"/customers/{person}/privacy/")
    page.get_by_role("link", name="抹去").click()
    expect(page.get_by_role("table")).to_contain_text("客户资料")
    look("goes")
    page.get_by_label("客户名称").fill("王小明")
    page.get_by_role("button", name="抹去这位客户").click()
    expect(page.get_by_role("status")).to_contain_text("已经抹去")
    expect(page.get_by_text("王小明")).to_have_count(0)
    other = context.new_page()  # whose console may complain of the page that is gone
    assert other.goto(f"/customers/{person}/").status == 404


@pytest.mark.parametrize(("width", "scheme", "language"), [(1440, "light", "zh-hans"), (390, "dark", "en")])
def test_the_inventory_and_the_assessment_fit_the_screen(page, person, look, width, scheme, language):
    from zhike.accounts.models import User
    from zhike.privacy.models import Assessment

    Assessment.objects.all().delete()
    User.objects.filter(email="ada@example.com").update(language=language, theme=scheme)
    sign_in(page, "ada@example.com")
    page.set_viewport_size({"width": width, "height": 860})
    for name, path in [
        ("home", "/"),
        ("inventory", "/settings/privacy/inventory/"),
        ("assessment", "/settings/privacy/assessment/"),
        ("customer", f"/customers/{person}/"),
        ("privacy", f"/customers/{person}/privacy/"),
    ]:
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        look(f"{name}-{width}")
    page.emulate_media(media="print")
    page.goto("/settings/privacy/inventory/")
    look(f"printed-{width}")
