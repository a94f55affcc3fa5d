"""Two records of one customer in Chromium: picked in the list, held side by side, merged, and parted from the toast."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.factories import PASSWORD


def test_two_records_become_one_and_two_again(page, shop, look):
    from tests.factories import make_customer
    from zhike.accounts.models import User

    lin = User.objects.get(email="lin@example.com")
    other = make_customer(
        "上海梧桐里酒店", owner=lin, key="KH-2291", phone="13600136001", kind="company", tags=["展会"]
    )
    page.goto("/")
    page.get_by_label("邮箱").fill("lin@example.com")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("好，晓雯$"))

    page.goto("/customers/")
    for name in ("上海梧桐里酒店管理", "上海梧桐里酒店"):
        page.get_by_label(f"选择 {name}", exact=True).check()
    look("picked")
    page.get_by_role("button", name="合并", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("合并客户")
    names = page.get_by_role("group", name="名称")
    names.get_by_label("上海梧桐里酒店管理").check()
    look("side-by-side")
    page.get_by_role("button", name=re.compile("^合并")).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("上海梧桐里酒店管理")
    toast = page.get_by_role("status").filter(has_text="2 条记录已合并为")
    expect(toast).to_be_visible()
    expect(page.get_by_text("上海梧桐里酒店 已合并到这里")).to_be_visible()
    look("merged")
    toast.get_by_role("button", name="撤销").click()
    expect(page.get_by_text("合并已撤销，记录都恢复了原样")).to_be_visible()
    page.goto(f"/customers/{other.pk}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("上海梧桐里酒店")
