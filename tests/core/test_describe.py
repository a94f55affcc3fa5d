from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.conformance import FIELDS
from tests.core.samples import CARE, VALUE, pack_of
from zhike.core.conditions.describe import Writer, describe
from zhike.core.conditions.parse import parse
from zhike.core.conditions.values import format_value
from zhike.core.money import brief_money, format_money

PACK = pack_of(VALUE, CARE)


def test_the_sentence_of_a_class():
    high = PACK.schemes[0].get("high").when
    assert describe(high, "zh", PACK.fieldset()) == (
        "近 365 天成交额不低于 ¥200,000，或者（近 365 天至少下单 6 次，并且最近 90 天内下过单）"
    )
    assert describe(high, "en", PACK.fieldset()) == (
        "revenue of at least ¥200,000 in the last 365 days, or "
        "(at least 6 orders in the last 365 days, and ordered in the last 90 days)"
    )


@pytest.mark.parametrize(
    ("field", "op", "value", "zh", "en"),
    [
        ("metric.orders", "gte", 1, "至少下单 1 次", "at least 1 order"),
        ("metric.orders", "lt", 2, "下单少于 2 次", "fewer than 2 orders"),
        ("metric.orders", "eq", 0, "没有下单", "no orders"),
        ("metric.orders", "is_set", None, "填写了订单数", "orders is set"),
        ("metric.days_since_order", "gt", 179, "已有 180 天没有下单", "no order for 180 days or more"),
        ("metric.days_since_order", "lt", 91, "最近 90 天内下过单", "ordered in the last 90 days"),
        ("metric.satisfaction", "lt", "3.5", "满意度低于 3.5", "satisfaction below 3.5"),
        (
            "metric.average_order",
            "between",
            [100, 20000],
            "客单价在 ¥1 到 ¥200 之间",
            "average order between ¥1 and ¥200",
        ),
        ("customer.region", "in", ["华东", "华南"], "区域是华东或华南", "region is 华东 or 华南"),
        ("customer.region", "ne", "华东", "区域不是华东", "region is not 华东"),
        ("customer.kind", "eq", "company", "客户性质是企业", "kind is Business"),
        ("customer.name", "contains", "酒店", "名称包含「酒店」", "name contains “酒店”"),
        ("customer.name", "eq", "VIP", "名称是 VIP", "name is VIP"),
        (
            "customer.tags",
            "has_any",
            ["黑名单", "VIP"],
            "标签含有「黑名单」、「VIP」之一",
            "tags include any of 黑名单, VIP",
        ),
        ("customer.tags", "has_none", ["黑名单"], "标签不含「黑名单」", "tags include none of 黑名单"),
        ("customer.birthday", "is_not_set", None, "没有填写生日", "birthday is not set"),
        ("metric.days_since_contact_made", "is_not_set", None, "从未主动联系", "never contacted by us"),
        ("metric.days_since_order", "is_set", None, "下过单", "has ordered"),
        ("customer.birthday", "lt", "2000-01-01", "生日早于 2000-01-01", "birthday before 2000-01-01"),
        (
            "customer.birthday",
            "anniversary_within",
            {"days": 7},
            "生日的周年日在 7 天内",
            "birthday has its anniversary within 7 days",
        ),
        (
            "customer.created_on",
            "in_last",
            {"months": 1},
            "建档日期在最近 1 个月内",
            "created on is in the last 1 month",
        ),
        (
            "customer.created_on",
            "before_last",
            {"days": 30},
            "建档日期在 30 天以前",
            "created on is 30 days ago or more",
        ),
        (
            "customer.created_on",
            "in_period",
            {"unit": "month", "offset": -1},
            "建档日期在上月",
            "created on is in last month",
        ),
        ("custom.vip", "eq", True, "vip是是", "vip is yes"),
    ],
)
def test_a_test_reads_as_a_clause(field, op, value, zh, en):
    data = {"field": field, "op": op} | ({} if value is None else {"value": value})
    node = parse(data, FIELDS)
    assert describe(node, "zh", FIELDS) == zh
    assert describe(node, "en", FIELDS) == en


def test_connectives_and_negation_keep_their_brackets():
    node = parse(
        {
            "not": {
                "all": [{"field": "metric.orders", "op": "gte", "value": 1}, {"field": "customer.city", "op": "is_set"}]
            }
        },
        FIELDS,
    )
    assert describe(node, "zh", FIELDS) == "并非（至少下单 1 次，并且填写了城市）"
    assert describe(node, "en", FIELDS) == "not (at least 1 order, and city is set)"
    assert describe(parse({"everyone": True}, FIELDS), "zh", FIELDS) == "所有客户"


@pytest.mark.parametrize(
    ("field", "op", "value", "expected"),
    [
        ("metric.revenue", "gte", 20000000, "≥ ¥200,000"),
        ("metric.days_since_order", "lte", 90, "≤ 90 天"),
        ("metric.orders", "between", [1, 3], "1 – 3"),
        ("customer.kind", "eq", "company", "是 企业"),
        ("customer.region", "in", ["华东", "华南"], "属于 华东或华南"),
        ("customer.region", "is_set", None, "已填写"),
    ],
)
def test_a_bound_stands_alone_in_a_table_of_reasons(field, op, value, expected):
    data = {"field": field, "op": op} | ({} if value is None else {"value": value})
    assert Writer("zh", FIELDS).bound(parse(data, FIELDS)) == expected


@pytest.mark.parametrize(
    ("minor", "currency", "expected"),
    [
        (20000000, "CNY", "¥200,000"),
        (123450, "CNY", "¥1,234.50"),
        (-5, "GBP", "−£0.05"),
        (1500, "JPY", "JP¥1,500"),
        (1234, "KWD", "KWD 1.234"),
        (0, "CNY", "¥0"),
    ],
)
def test_money_is_written_in_its_currency(minor, currency, expected):
    assert format_money(minor, currency) == expected


@pytest.mark.parametrize(
    ("minor", "zh", "en"),
    [
        (0, "¥0", "¥0"),
        (123_450, "¥1,235", "¥1,235"),  # half up
        (99_999_949, "¥999,999", "¥999,999"),
        (99_999_950, "¥100 万", "¥1M"),
        (128_440_000, "¥128.4 万", "¥1.3M"),
        (-739_822_565_35, "−¥7.4 亿", "−¥739.8M"),
        (999_949_999_999, "¥100 亿", "¥10B"),
    ],
)
def test_a_summary_tells_much_money_in_large_units(minor, zh, en):
    assert (brief_money(minor, "CNY", "zh"), brief_money(minor, "CNY", "en")) == (zh, en)


@pytest.mark.parametrize(
    ("key", "value", "zh", "en"),
    [
        ("metric.revenue", 48620000, "¥486,200", "¥486,200"),
        ("metric.days_since_order", None, "暂无", "none yet"),
        ("metric.days_since_order", 1, "1 天", "1 day"),
        ("metric.dwell_seconds", 372, "6 分 12 秒", "6 min 12 s"),
        ("metric.satisfaction", Decimal("4.5000"), "4.5", "4.5"),
        ("customer.region", None, "未填写", "not set"),
        ("customer.kind", "company", "企业", "Business"),
        ("customer.tags", frozenset({"b", "a"}), "a、b", "a, b"),
        ("customer.tags", frozenset(), "未填写", "not set"),
        ("customer.birthday", date(1990, 1, 2), "1990-01-02", "1990-01-02"),
        ("custom.vip", False, "否", "no"),
    ],
)
def test_a_value_reads_as_people_write_it(key, value, zh, en):
    assert format_value(value, FIELDS[key], "zh") == zh
    assert format_value(value, FIELDS[key], "en") == en
