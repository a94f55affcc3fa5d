"""Somebody who has never seen the product, with what the screen says alone: at a desk and on a phone by touch.

And three people at once, each of whom sees as much of one customer as their role gives, on every door.
"""

from __future__ import annotations

import csv
import itertools
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.factories import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

VIEW = "京沪高价值且 30 天未联系"
PLACES: dict[str, dict[str, Any]] = {
    "desk": {"viewport": {"width": 1440, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}


@pytest.fixture
def company(shop):
    """What `shop` has, and four more of high value: two of them out of reach of the view."""
    from tests.factories import SHANGHAI, make_customer, make_event
    from zhike.accounts.models import User
    from zhike.base.clock import today

    day, lin = today(SHANGHAI), User.objects.get(email="lin@example.com")
    for name, city, days in (
        ("北京禾光咖啡连锁", "北京", 45),
        ("上海松果亲子乐园", "上海", 30),
        ("上海澄心茶业", "上海", 29),
        ("杭州知渔餐饮", "杭州", 60),
    ):
        customer = make_customer(name, owner=lin, kind="company", city=city)
        make_event(customer, "order.placed", day - timedelta(days=70), amount=30_000_000)
        make_event(customer, "call.made", day - timedelta(days=days))
    return shop


@pytest.fixture
def enter(chromium, live_server):
    """Give the page of a person who has just signed in; an error in any console fails the test."""
    contexts, errors = [], []

    def page_of(email: str, place: str = "desk", *, may_be_refused: bool = False) -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            **PLACES[place],
        )
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        if not may_be_refused:
            page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto("/")
        page.get_by_label("邮箱").fill(email)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("好，")
        return page

    yield page_of
    for context in contexts:
        context.close()
    assert errors == []


def add_customer(page: Page, press, *, name: str, city: str, phone: str) -> None:
    press(page.get_by_role("link", name=re.compile("^新建")).locator("visible=true").first)
    page.get_by_label(re.compile("^名称")).fill(name)
    page.get_by_label("城市").fill(city)
    page.get_by_label("电话", exact=True).fill(phone)
    press(page.get_by_role("button", name=re.compile("^保存")))
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


@pytest.mark.parametrize("place", PLACES)
def test_a_newcomer_adds_finds_builds_and_takes_along(company, enter, place, tmp_path):
    page = enter("lin@example.com", place)

    def press(target: Locator) -> None:
        target.scroll_into_view_if_needed()
        _ = target.tap() if place == "phone" else target.click()

    def shown(name: str) -> Locator:
        return page.get_by_role("link", name=name).locator("visible=true").first

    add_customer(page, press, name="北京云栖茶舍", city="北京", phone="13800001111")

    press(shown("工作台"))
    page.get_by_label("搜索客户", exact=True).fill("yqcs")
    press(page.get_by_role("option", name=re.compile("云栖茶舍")))
    expect(page.get_by_role("heading", level=1)).to_have_text("北京云栖茶舍")

    press(shown("客户"))
    press(page.get_by_role("link", name="新建视图"))
    expect(page.get_by_role("heading", level=1)).to_have_text("新建视图")
    rows = page.locator(".zk-cb-row")

    def add(typed: str, field: str) -> Locator:
        press(page.get_by_role("button", name="加条件").last)
        page.get_by_role("combobox", name="找字段").fill(typed)
        press(page.get_by_role("option", name=field, exact=True))
        return rows.last

    value = add("高价值", "客户价值")
    press(value.get_by_label("高价值"))
    cities = add("城市", "城市")
    for city in ("北京", "上海"):
        press(cities.get_by_role("button", name=city, exact=True))
    silent = add("未联系", "距上次主动联系")
    silent.get_by_label("值", exact=True).fill("30")
    press(silent.get_by_role("button", name=re.compile("^含从未")))
    expect(page.locator(".zk-cb-read")).to_have_text(
        "客户价值是高价值，并且城市是北京或上海，并且（已有 30 天没有主动联系，或者从未主动联系）"
    )
    expect(page.get_by_role("button", name=re.compile("^看这些客户"))).to_have_text("看这些客户 (3)")
    page.get_by_label("视图名称").fill(VIEW)
    press(page.get_by_role("button", name="保存视图"))

    names = ["北京禾光咖啡连锁", "上海松果亲子乐园", "上海梧桐里酒店管理"]
    expect(page.locator("[data-row]")).to_have_count(3)
    expect(page.get_by_role("navigation", name="视图").get_by_role("link", name=VIEW)).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    press(page.get_by_role("link", name="导出"))
    expect(page.get_by_role("heading", level=2)).to_have_text("导出：3 位客户")
    press(page.get_by_text("CSV", exact=True))
    press(page.get_by_role("button", name=re.compile("^导出")))
    with page.expect_download() as taken:
        press(page.get_by_role("link", name="下载"))
    taken.value.save_as(tmp_path / "taken.csv")
    with Path(tmp_path / "taken.csv").open(encoding="utf-8-sig", newline="") as file:
        assert sorted(row["名称"] for row in csv.DictReader(file)) == sorted(names)


def test_on_a_phone_rows_are_picked_and_laid_out_by_touch(company, enter):
    page = enter("lin@example.com", "phone")
    page.goto("/customers/")
    page.get_by_label("选择 北京禾光咖啡连锁").tap()
    page.get_by_label("选择 上海澄心茶业").tap()
    bar = page.get_by_role("toolbar", name="批量操作")
    expect(bar).to_contain_text("已选 2")
    buttons = [one.bounding_box() for one in bar.get_by_role("button").all()]
    assert all(right["x"] >= left["x"] + left["width"] for left, right in itertools.pairwise(buttons))
    bar.get_by_role("button", name="取消选择").tap()
    expect(bar).to_be_hidden()
    page.get_by_role("button", name="分组和看板").tap()
    menu = page.locator("#layout-menu")
    expect(menu).to_be_in_viewport(ratio=1)
    menu.get_by_role("menuitem", name="客户价值").last.tap()
    expect(page.get_by_label("高价值", exact=True).locator("[data-card]")).to_have_count(5)


class Door:
    """What one person is shown of customers: by the side bar, the tab, the foot, the rows, the search."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def numbers(self) -> set[int]:
        """Return the numbers of customers that the list says and shows; they should be one."""
        self.page.goto("/customers/")
        side = self.page.get_by_role("navigation", name="主导航").get_by_role("link", name=re.compile("^客户"))
        tab = self.page.get_by_role("navigation", name="视图").get_by_role("link", name=re.compile("^全部 "))
        foot = self.page.locator(".zk-foot span").first
        rows = self.page.locator("[data-row]").count()
        doors = (side, tab, foot) if rows else (side, tab)
        said = [int(re.sub(r".*?([\d,]+)\D*$", r"\1", one.inner_text(), flags=re.DOTALL)) for one in doors]
        return {*said, rows}

    def names(self) -> set[str]:
        self.page.goto("/customers/")
        return set(self.page.locator("[data-row] .zk-name .zk-strong").all_inner_texts())

    def found(self, words: str) -> list[str]:
        self.page.goto(f"/search/?q={words}")
        return self.page.locator("main .zk-found-title").all_inner_texts()


def share(page: Page, path: str, whom: str) -> None:
    page.goto(path)
    page.get_by_role("link", name="谁能看到").click()
    panel = page.get_by_role("dialog")
    panel.get_by_label("共享给").select_option(label=whom)
    panel.get_by_label("理由").fill("总部在北京，一起去见")
    panel.get_by_role("button", name="共享").click()
    expect(page.get_by_role("status")).to_contain_text("已共享")


def assign(page: Page, name: str, whom: str) -> None:
    page.goto(f"/customers/?q={name}")
    page.get_by_label(f"选择 {name}").check()
    page.get_by_role("toolbar").get_by_role("button", name=re.compile("^分配")).click()
    page.get_by_label("负责人").select_option(label=whom)
    page.get_by_role("button", name=re.compile("^分配")).click()
    expect(page.get_by_role("status")).to_contain_text(whom)


def test_three_roles_at_once_see_one_customer_as_far_as_each_may(company, enter):
    from tests.factories import make_team, make_user
    from zhike.accounts.models import Role, Team
    from zhike.customers.models import Customer

    name, initials, phone = "上海青庭生活超市", "qtsh", "13912345678"
    east = Team.objects.get(name="华东直销组")
    make_user("周敏", email="zhou@example.com", role=Role.MANAGER, team=east)
    make_user("王磊", email="wang@example.com", team=make_team("华北直销组"))
    make_user("孙悦", email="sun@example.com", role=Role.MARKETING)
    make_user("郑海", email="zheng@example.com", role=Role.AUDITOR)
    lin, zhou, wang, sun, zheng = (
        enter(f"{who}@example.com", may_be_refused=True) for who in ("lin", "zhou", "wang", "sun", "zheng")
    )
    before = {who: Door(who).numbers() for who in (lin, zhou, wang, sun, zheng)}
    assert [len(numbers) for numbers in before.values()] == [1, 1, 1, 1, 1]

    add_customer(lin, lambda target: target.click(), name=name, city="上海", phone=phone)
    path = f"/customers/{Customer.objects.get(name=name).pk}/"
    assert [Door(who).numbers() for who in (lin, zhou, sun, zheng)] == [
        {one + 1 for one in before[who]} for who in (lin, zhou, sun, zheng)
    ]
    assert Door(wang).numbers() == {0}
    assert wang.goto(path).status == 404
    assert Door(wang).found(initials) == []

    share(lin, path, "王磊")
    assert Door(wang).names() == {name}
    assert Door(wang).numbers() == {1}
    assert Door(wang).found(initials) == [name]

    assign(zhou, name, "周敏")
    zhou.goto(path)
    expect(zhou.locator("#record")).to_contain_text("负责人 周敏")

    # Whose customer it was sees it no longer, on any door; with whom it is shared still does.
    assert Door(lin).numbers() == before[lin]
    assert name not in Door(lin).names()
    assert Door(lin).found(initials) == []
    assert lin.goto(path).status == 404
    assert Door(wang).names() == {name}

    # Who audits reads all customers and changes none; the number is masked, so it finds nothing either.
    zheng.goto(path)
    expect(zheng.locator("#record")).to_contain_text("139****5678")
    expect(zheng.locator("#record")).not_to_contain_text(phone)
    expect(zheng.get_by_role("link", name="修改资料")).to_have_count(0)
    expect(zheng.get_by_role("link", name=re.compile("^新建"))).to_have_count(0)
    assert Door(zheng).found(phone) == []
    assert Door(zheng).found(initials) == [name]
    assert zheng.goto(f"{path}edit/").status == 403

    # Marketing reads and changes all of it but whose it is.
    sun.goto(f"{path}edit/")
    expect(sun.get_by_label("城市")).to_have_value("上海")
    expect(sun.get_by_label("负责人")).to_be_disabled()
    assert Door(sun).found(phone) == [name]
    assert [Door(who).numbers() for who in (sun, zheng)] == [{one + 1 for one in before[who]} for who in (sun, zheng)]
