"""Rules built, dragged into their order, tried and carried out; the other pages of assignment beside them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PICTURES
from tests.browser.entering import come_in

LOOKS = [
    ("zh-hans", "light", 1440),
    ("en", "dark", 390),
    ("zh-hans", "dark", 1440),
    ("zh-hans", "light", 390),
    ("en", "light", 1440),
]


@pytest.fixture
def ada(page, shop):
    from tests.factories import make_customer, make_user

    make_user("陈嘉怡", email="chen@example.com", role="admin")
    make_user("王磊", email="wang@example.com")
    for n in range(3):
        make_customer(f"苏州散客{n}", city="苏州")
    come_in(page, "chen@example.com")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("好，嘉怡$"))
    return page


def test_rules_are_built_put_in_order_tried_and_carried_out(ada, look):
    from tests.assignment.ruling import can_take, make_rule
    from zhike.accounts.models import User
    from zhike.assignment.models import Rule
    from zhike.customers.models import Customer

    def seen(name, address):
        """Look at a page wide and narrow, light and dark, in both languages: nothing hangs out of it."""
        for language, theme, width in LOOKS if PICTURES else LOOKS[:2]:
            User.objects.filter(name="陈嘉怡").update(language=language, theme=theme)
            ada.set_viewport_size({"width": width, "height": 900})
            ada.goto(address)
            assert ada.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, language, width)
            look(f"{name}-{language}-{theme}-{width}")
        User.objects.filter(name="陈嘉怡").update(language="zh-hans", theme="light")
        ada.set_viewport_size({"width": 1440, "height": 900})

    ada.goto("/settings/assignment/")
    look("empty")
    ada.get_by_role("link", name="新建规则").click()
    ada.get_by_label("名称").fill("苏州客户")
    ada.get_by_role("button", name="加条件").last.click()
    ada.get_by_role("combobox", name="找字段").fill("cs")
    ada.get_by_role("option", name="城市", exact=True).click()
    ada.get_by_label("加一项").fill("苏州")
    ada.get_by_label("加一项").press("Enter")
    expect(ada.locator(".zk-cb-read")).to_contain_text("城市是苏州")
    ada.get_by_label("林晓雯").check()
    ada.get_by_label("王磊").check()
    ada.get_by_role("button", name="保存").click()
    expect(ada.locator("[data-rule]")).to_contain_text("城市是苏州")

    lin, wang = User.objects.get(name="林晓雯"), User.objects.get(name="王磊")
    can_take(lin, most=30, level=3, skills=["英语"])
    make_rule("大客户给资深", target="territory", method="senior", least_level=3)
    make_rule("其余", is_last=True, people=[wang])
    ada.reload()
    grip = ada.get_by_role("button", name=re.compile("移动「大客户给资深」"))
    grip.focus()
    with ada.expect_response("**/assignment/order/"):
        grip.press("ArrowUp")
    assert [rule.name for rule in Rule.objects.all()] == ["大客户给资深", "苏州客户", "其余所有客户"]

    seen("rules", "/settings/assignment/")
    seen("rule", f"/settings/assignment/{Rule.objects.get(name='苏州客户').pk}/")
    seen("load", "/settings/assignment/load/")
    seen("person", f"/settings/assignment/people/{lin.pk}/")
    seen("promises", "/settings/assignment/promises/")
    seen("try", "/settings/assignment/try/?scope=all")
    ada.goto("/settings/assignment/try/")
    ada.get_by_role("button", name="照此分配").click()
    expect(ada.locator("main")).to_contain_text("3 位客户已分配")
    owners = Customer.objects.filter(city="苏州").order_by("pk").values_list("owner__name", flat=True)
    assert list(owners) == ["林晓雯", "王磊", "林晓雯"]
