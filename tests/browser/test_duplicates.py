"""Duplicates in Chromium: named while somebody types, saved with one press, compared and parted."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PICTURES
from tests.browser.entering import come_in
from tests.scenes import once


def _add_doubles():
    from tests.factories import make_customer, make_team, make_user
    from zhike.accounts.actions import set_company
    from zhike.accounts.models import Role
    from zhike.classification.actions.packs import install_pack
    from zhike.duplicates.actions.searching import search_everybody

    set_company(by=None, name="清源水科技", timezone="Asia/Shanghai", currency="CNY")
    install_pack(pack="general", by=None)
    zhou = make_user("周敏", email="zhou@example.com", team=make_team("华东直销组"), role=Role.MANAGER)
    one = {"kind": "company", "phone": "13800138000", "city": "上海"}
    make_customer("上海梧桐里酒店管理有限公司", owner=zhou, **one)
    make_customer("梧桐里酒店管理（上海）", owner=zhou, **one)
    make_customer("梧桐里酒店", owner=zhou, **one)
    for number in range(6):
        make_customer(f"恒拓精密{number}厂", owner=zhou, kind="company", email=f"info@hengtuo{number // 2}.cn")
    search_everybody(lambda _done, _total: None)


@pytest.fixture
def zhou(context, transactional_db):
    once("a manager with doubles", _add_doubles)
    page = context.new_page()  # a save that is asked about answers 422, which Chromium calls an error
    return come_in(page, "zhou@example.com", path="")


@pytest.fixture
def pictures(zhou, request):
    def keep(name):
        if PICTURES:
            zhou.screenshot(path=f"{PICTURES}/duplicates-{name}.png", full_page=True)

    return keep


def test_a_duplicate_is_named_while_one_types_and_parted_afterwards(zhou, pictures):
    zhou.goto("/customers/new/")
    zhou.get_by_label("名称").fill("梧桐里酒店管理")
    zhou.get_by_label("电话", exact=True).press_sequentially("138 0013 8000")
    expect(zhou.get_by_text("可能已经有这位客户")).to_be_visible()
    expect(zhou.get_by_role("link", name="上海梧桐里酒店管理有限公司")).to_be_visible()
    pictures("typed")
    zhou.get_by_role("button", name="保存").click()
    expect(zhou.get_by_role("button", name="不是同一位，照样保存")).to_be_visible()
    pictures("asked")
    zhou.get_by_role("button", name="不是同一位，照样保存").click()
    expect(zhou.get_by_text("已建档")).to_be_visible()

    zhou.goto("/duplicates/")
    rows = zhou.locator(".zk-pair")
    expect(rows).to_have_count(6)
    pictures("list")
    rows.first.get_by_role("link", name="比较").click()
    expect(zhou.get_by_role("heading", name="是不是同一位")).to_be_visible()
    pictures("compare")
    zhou.go_back()
    rows.first.get_by_role("button", name="不是同一位").click()
    expect(rows).to_have_count(5)
    expect(zhou.get_by_text("记住了：不是同一位")).to_be_visible()
