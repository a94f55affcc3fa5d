"""Coming in and handing over in Chromium: an invitation, the second factor, a passkey, sessions, a leaver."""

from __future__ import annotations

import re

import pyotp
import pytest
from playwright.sync_api import expect

from tests.factories import PASSWORD

NEW = "seven quiet herons"


@pytest.fixture
def ada(shop):
    from tests.factories import make_user

    return make_user("陈嘉怡", email="chen@example.com", role="admin")


@pytest.fixture
def someone(chromium, live_server):
    """Open a page of a telephone on which nobody is signed in."""
    opened = []

    def open_page():
        context = chromium.new_context(base_url=live_server.url, locale="zh-CN", viewport={"width": 390, "height": 844})
        context.set_default_timeout(10_000)
        opened.append(context)
        return context.new_page()

    yield open_page
    for context in opened:
        context.close()


def sign_in(page, email, password=PASSWORD):
    page.goto("/sign-in/")
    page.get_by_label("邮箱").fill(email)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录", exact=True).click()


def test_invited_joined_guarded_and_signed_in_with_a_code(page, ada, someone, look):
    sign_in(page, "chen@example.com")
    page.get_by_role("link", name="设置").first.click()
    page.get_by_role("link", name="成员").click()
    page.get_by_text("邀请成员").click()
    page.get_by_label("邮箱").fill("sun@example.com")
    page.get_by_label("姓名", exact=True).fill("孙悦")
    look("invite")
    page.get_by_role("button", name="邀请", exact=True).click()
    link = page.get_by_label("链接", exact=True).input_value()
    look("link")

    guest = someone()
    guest.goto(link)
    expect(guest.get_by_role("heading", name="欢迎加入")).to_be_visible()
    assert guest.url.endswith("/join/")
    guest.get_by_label("密码").fill(NEW)
    guest.get_by_role("button", name="开始使用").click()
    expect(guest.get_by_role("heading", level=1)).to_have_text(re.compile("好，孙悦$"))

    guest.goto("/settings/security/app/")
    secret = guest.locator(".zk-secret").inner_text().replace(" ", "")
    assert guest.evaluate("document.documentElement.scrollWidth <= innerWidth")
    guest.get_by_label("验证码").fill(pyotp.TOTP(secret).now())
    guest.get_by_role("button", name="启用").click()
    expect(guest.locator(".zk-codes li")).to_have_count(10)
    code = guest.locator(".zk-codes li").first.inner_text()
    guest.get_by_role("link", name="收好了").click()
    expect(guest.get_by_text("还剩 10 个")).to_be_visible()

    phone = someone()
    sign_in(phone, "sun@example.com", NEW)
    expect(phone.get_by_role("heading", name="第二步验证")).to_be_visible()
    phone.get_by_label("验证码").fill("000000")
    phone.get_by_role("button", name="登录", exact=True).click()
    expect(phone.get_by_role("alert")).to_contain_text("验证码不对")
    phone.get_by_label("验证码").fill(code)
    phone.get_by_role("button", name="登录", exact=True).click()
    expect(phone.get_by_role("heading", level=1)).to_have_text(re.compile("好，孙悦$"))

    page.goto("/settings/people/")
    expect(page.get_by_role("row", name=re.compile("孙悦"))).to_contain_text("有")


@pytest.fixture
def device(page, context):
    """A device that keeps passkeys and whose owner is always there."""
    client = context.new_cdp_session(page)
    client.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    client.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return client


def test_a_passkey_is_made_and_opens_the_door(page, ada, device, look):
    sign_in(page, "chen@example.com")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("好，嘉怡$"))
    page.goto("/settings/security/")
    page.get_by_label("给它起个名字").fill("办公室电脑")
    page.get_by_role("button", name="登记这台设备").click()
    expect(page.locator(".zk-codes li")).to_have_count(10)
    look("codes")
    page.get_by_role("link", name="收好了").click()
    expect(page.get_by_text("办公室电脑")).to_be_visible()
    look("security")

    page.get_by_role("button", name="退出登录").first.click()
    page.get_by_role("button", name="用通行密钥登录").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("好，嘉怡$"))

    page.get_by_role("button", name="退出登录").first.click()
    sign_in(page, "chen@example.com")
    expect(page.get_by_role("heading", name="第二步验证")).to_be_visible()
    look("second")
    page.get_by_role("button", name="用通行密钥登录").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("好，嘉怡$"))


def test_another_sign_in_is_seen_and_ended(page, ada, someone, look):
    sign_in(page, "chen@example.com")
    other = someone()
    sign_in(other, "chen@example.com")
    expect(other.get_by_role("heading", level=1)).to_have_text(re.compile("好，嘉怡$"))
    page.goto("/settings/security/")
    sessions = page.get_by_role("region", name="登录着的地方").get_by_role("listitem")
    expect(sessions).to_have_count(2)
    look("sessions")
    sessions.filter(has_not_text="就是这里").get_by_role("button").click()
    expect(page.get_by_role("status")).to_contain_text("那里的登录已结束")
    expect(sessions).to_have_count(1)
    other.reload()
    expect(other.get_by_role("heading", name="登录")).to_be_visible()


def test_a_leaver_is_deactivated_and_everything_handed_over(page, ada, shop, look):
    from tests.factories import make_user
    from zhike.customers.models import Customer

    make_user("王磊", email="wang@example.com")
    make_user("李婷", email="li@example.com")
    sign_in(page, "chen@example.com")
    page.goto("/settings/people/")
    page.get_by_role("link", name="林晓雯").click()
    page.get_by_role("button", name="停用账号").click()
    expect(page.get_by_role("status")).to_contain_text("林晓雯 已停用，登录都已结束")
    expect(page.get_by_role("heading", level=1)).to_have_text("交接 林晓雯 的客户")

    page.get_by_role("button", name="加一行").click()
    first, last = page.locator(".zk-giving > li").first, page.locator(".zk-giving > li").last
    first.get_by_label("哪些客户").select_option(label="高价值")
    first.get_by_label("王磊").check()
    last.get_by_label("王磊").check()
    last.get_by_label("李婷").check()
    page.get_by_role("button", name="先数一数").click()
    expect(page.locator(".zk-giving-sum")).to_contain_text(re.compile("王磊 2 位"))
    look("counted")
    assert Customer.objects.filter(owner__name="林晓雯").count() == 3
    page.get_by_role("button", name="交接 3 位").click()
    expect(page.get_by_role("status").last).to_contain_text("3 位客户已交接")
    look("done")
    assert Customer.objects.get(pk=shop["hotel"]).owner.name == "王磊"
    assert Customer.objects.filter(owner__name="李婷").count() == 1
    page.goto(f"/customers/{shop['hotel']}/")
    expect(page.locator(".zk-tl")).to_contain_text("更换负责人")


@pytest.mark.parametrize("width", [320, 390, 768])
def test_small_screens_never_scroll_sideways(page, ada, shop, width):
    from zhike.accounts.models import User

    sign_in(page, "chen@example.com")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("好，嘉怡$"))
    page.set_viewport_size({"width": width, "height": 844})
    pk = User.objects.get(name="林晓雯").pk
    for path in ("settings/", "settings/security/", "settings/security/app/", "settings/people/"):
        page.goto(f"/{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    for path in ("", "hand-over/"):
        page.goto(f"/settings/people/{pk}/{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
