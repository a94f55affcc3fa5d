"""Many customers in Chromium: all of a filter given to a colleague and taken back, exported with progress, deleted and restored."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.entering import come_in
from tests.factories import PASSWORD
from tests.scenes import once


@pytest.fixture
def many(transactional_db):
    """A manager, her salesman with 55 customers in 上海 and three elsewhere."""
    once("a salesman with 58 customers", _add_many)


def _add_many():
    from tests.factories import make_team, make_user
    from zhike.accounts.actions import set_company
    from zhike.accounts.models import Role
    from zhike.classification.actions.packs import install_pack
    from zhike.customers.bulk import save_customers

    set_company(by=None, name="清源水科技", timezone="Asia/Shanghai", currency="CNY")
    install_pack(pack="general", by=None)
    team = make_team("华东直销组")
    make_user("周敏", email="zhou@example.com", team=team, role=Role.MANAGER)
    lin = make_user("林晓雯", email="lin@example.com", team=team)
    cities = ["上海"] * 55 + ["杭州"] * 3
    save_customers(
        [{"key": f"k{n:02}", "name": f"客户{n:02}", "city": city, "owner": lin} for n, city in enumerate(cities)],
        by=None,
    )
    from zhike.classification.batch import place_everyone

    place_everyone()


@pytest.fixture
def zhou(page, many):
    return come_in(page, "zhou@example.com", path="")


def owners():
    from zhike.customers.models import Customer

    return [Customer.objects.filter(owner__name=name).count() for name in ("周敏", "林晓雯")]


def test_all_that_match_are_given_to_a_person_and_taken_back(zhou, look):
    zhou.goto("/customers/?city=上海")
    zhou.keyboard.press("j")
    zhou.keyboard.press("x")
    bar = zhou.get_by_role("toolbar")
    expect(bar).to_contain_text("已选 1")
    bar.get_by_text("全选 55 位").click()
    expect(bar).to_contain_text("全部 55 位")
    look("picked")
    zhou.keyboard.press("a")
    expect(zhou.get_by_role("heading", name="分配负责人：55 位客户")).to_be_visible()
    zhou.get_by_label("负责人").select_option(label="周敏")
    look("form")
    zhou.get_by_role("button", name="分配").click()
    toast = zhou.get_by_role("status")
    expect(toast).to_contain_text("55 位客户已分配给周敏")
    assert owners() == [55, 3]
    expect(zhou).to_have_url(re.compile(r"/customers/\?city="))
    toast.get_by_role("button", name="撤销").click()
    expect(zhou.get_by_role("status")).to_contain_text("撤销了 55 位")
    assert owners() == [0, 58]
    zhou.goto("/jobs/")
    expect(zhou.get_by_role("link", name="撤销：分配给周敏")).to_be_visible()


def test_picking_a_row_means_no_longer_all(zhou):
    zhou.goto("/customers/?city=上海")
    zhou.locator("[data-pick]").first.check()
    bar = zhou.get_by_role("toolbar")
    bar.get_by_text("全选 55 位").click()
    zhou.locator("[data-pick]").nth(1).check()
    expect(bar).to_contain_text("已选 2")
    expect(bar.get_by_text("全部 55 位")).to_be_hidden()


def test_a_large_export_tells_how_far_it_is_and_is_fetched(zhou, look, monkeypatch, settings, tmp_path):
    from zhike.jobs.actions.running import run_job
    from zhike.jobs.models import Job

    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr("zhike.web.bulk.export.Export.at_once", 10)
    zhou.goto("/customers/?city=上海")
    zhou.get_by_role("link", name="导出").click()
    expect(zhou.get_by_role("heading", name="导出：55 位客户")).to_be_visible()
    zhou.get_by_text("CSV", exact=True).click()
    zhou.get_by_label("电话").check()
    zhou.keyboard.press("Control+Enter")
    expect(zhou.get_by_role("progressbar")).to_be_visible()
    expect(zhou.locator("#job")).to_contain_text("0 / 55")
    look("waiting")
    run_job(Job.objects.get().pk)
    link = zhou.get_by_role("link", name=re.compile(r"^下载 客户 \d{4}-\d\d-\d\d\.csv$"))
    expect(link).to_be_visible()
    expect(zhou.locator("#job")).to_contain_text("55 位客户已导出")
    look("done")
    with zhou.expect_download() as taken:
        link.click()
    text = Path(taken.value.path()).read_text(encoding="utf-8-sig")
    assert [row[0] for row in csv.reader(text.splitlines())] == ["名称", *(f"客户{n:02}" for n in range(55))]


def test_deleted_from_the_list_and_restored_from_the_bin(zhou, look):
    zhou.goto("/customers/?city=杭州")
    zhou.get_by_label("全选本页").check()
    zhou.get_by_role("button", name="删除").click()
    expect(zhou.get_by_role("heading", name="删除客户：3 位客户")).to_be_visible()
    look("asked")
    zhou.get_by_role("button", name="删除").click()
    expect(zhou.get_by_role("status")).to_contain_text("3 位客户放进了回收站")
    expect(zhou.get_by_role("heading", name="没有找到这样的客户")).to_be_visible()
    zhou.goto("/customers/")
    expect(zhou.locator(".zk-foot")).to_contain_text("/ 55 位")
    zhou.get_by_role("link", name="回收站").click()
    zhou.get_by_label("选择 客户55").check()
    look("bin")
    zhou.get_by_role("button", name="恢复勾选的").click()
    expect(zhou.get_by_role("status")).to_contain_text("1 位客户恢复了")
    expect(zhou.locator("tbody tr")).to_have_count(2)
    zhou.goto("/customers/")
    expect(zhou.locator(".zk-foot")).to_contain_text("/ 56 位")


def test_it_works_without_javascript(chromium, live_server, many):
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto("/")
    page.get_by_label("邮箱").fill("zhou@example.com")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.goto("/customers/?city=上海")
    page.locator("[data-pick]").first.check()
    page.get_by_text("全选 55 位").click()
    page.get_by_role("button", name="字段").click()
    page.get_by_label("哪个字段").select_option(label="行业")
    page.get_by_role("button", name="选这个").click()
    page.get_by_label("新的值").fill("餐饮")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status")).to_contain_text("55 位客户：行业改为「餐饮」")
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_role("status")).to_contain_text("撤销了 55 位")
    context.close()
