"""Columns recognised by their names, in both languages and pinyin, and by what stands in them."""

from __future__ import annotations

import pytest

from zhike.imports.guessing import by_name, guess, kind_of
from zhike.imports.plans import Plan, Use
from zhike.imports.profiles import Profiler


@pytest.mark.parametrize(
    ("name", "to"),
    [
        ("客户名称（必填）", "name"),
        ("* 公司名称", "name"),
        ("kehu mingcheng", "name"),
        ("Company Name", "name"),
        ("公司电话", "phone"),
        ("客户手机号", "phone"),
        ("电子邮箱", "email"),
        ("E-mail", "email"),
        ("负责人", "owner"),
        ("统一社会信用代码", "credit_code"),
        ("联系人", "contact.name"),
        ("Job Title", "contact.title"),
        ("最近成交日期", ""),
        ("备胎电话费", ""),
        ("上级公司", ""),
    ],
)
def test_names_of_columns(name, to):
    assert by_name(name, "customers") == to


def profile(*cells):
    profiler = Profiler()
    profiler.take(cells)
    return profiler.done()


@pytest.mark.parametrize(
    ("cells", "looks", "kind"),
    [
        (("13812345678", "138-1234-5678", "+86 18281453840", "02112345678"), "phone", "phone"),
        (("a@b.cn", "c@d.com", None), "email", "email"),
        (("91310000MA1K35XQ6H", "91110000600037341L"), "credit_code", "text"),
        (("上海梧桐里有限公司", "文通集团"), "company", "text"),
        (("6485.43", "8,426.37", "￥8,657.98", "1,200元"), "money", "money"),
        (("2021-12-04", "2024/4/10", "2022年3月26日", "20240410", "45292"), "date", "date"),
        (("45292", "45293"), "", "integer"),
        (("甲", "乙") * 20, "", "choice"),
        (("一" * 200,), "", "long"),
        ((None, ""), "", "text"),
    ],
)
def test_what_stands_in_a_column(cells, looks, kind):
    found = profile(*cells)
    assert (found.looks, kind_of(found)) == (looks, kind)


def test_day_and_month_are_told_by_the_whole_column():
    assert profile("3/4/2026", "13/4/2026").order == "dmy"
    assert profile("3/4/2026", "3/14/2026").order == "mdy"
    assert profile("2026-03-04").order == ""


def test_a_column_without_a_telling_name_is_told_by_its_content():
    columns = ["a", "b", "c", "d"]
    profiles = {
        "a": profile("上海梧桐里有限公司", "文通集团"),
        "b": profile("13812345678", "13912345678"),
        "c": profile("13612345678", "13512345678"),
        "d": profile(None),
    }
    plan = guess(columns, profiles, [])
    assert plan.what == "customers"
    assert plan.uses == {"a": Use("name"), "b": Use("phone"), "c": Use("phone2"), "d": Use("")}
    assert plan.match == ("phone", "name")


@pytest.mark.parametrize(
    ("columns", "what"),
    [
        (["客户编号", "联系人", "公司名称", "手机"], "customers"),
        (["姓名", "公司", "职务", "手机"], "contacts"),
        (["First Name", "Last Name", "Company"], "contacts"),
        (["订单号", "客户编号", "下单时间", "订单金额"], "events"),
        (["客户名称", "电话", "创建时间"], "customers"),
    ],
)
def test_what_a_row_is(columns, what):
    assert guess(columns, {}, []).what == what


def test_a_plan_is_kept_whole():
    plan = Plan(
        "contacts", {"a": Use("name", "fill")}, {"a": {"甲": "x"}}, ("phone",), "skip", "me", "dmy", made=("k",)
    )
    assert Plan.of(plan.as_data()) == plan
