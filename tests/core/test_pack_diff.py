"""Two packs are told apart place by place, in words of both languages."""

from __future__ import annotations

from typing import get_args

import pytest

from tests.core.pack_sides import GOAL, PACK, add, at_least, changed, dimension, drop, named, order, put, side
from zhike.core import pack_tree, pack_words, packs, plans
from zhike.core.facts import FieldType
from zhike.core.pack_diff import differences
from zhike.core.schemes import Demote, Look, Mode, Tone
from zhike.packs import load_data, shipped

NOTHING = "（没有）"


def found(*changes):
    """Return (kind, path, name, old, new) in Chinese."""
    told = differences(side(PACK), side(changed(*changes)))
    return [(d.kind, d.path, d.name.zh, d.old.zh, d.new.zh) for d in told]


CASES = [
    (
        "a bound",
        [put("when", at_least("revenue", 200_000, 365))],
        (
            "changed",
            "dimensions.value.classes.high.when",
            "价值 › 高 › 条件",
            "近 365 天成交额不低于 ¥1,000",
            "近 365 天成交额不低于 ¥2,000",
        ),
    ),
    (
        "a cadence",
        [put("service.cadence_days", 7)],
        ("changed", "dimensions.value.classes.high.service.cadence_days", "价值 › 高 › 联系周期", "14 天", "7 天"),
    ),
    (
        "a promise that was not there",
        [put("service.promise", {"zh": "次日答复", "en": "An answer the next day"}, key="often")],
        ("changed", "dimensions.value.classes.often.service.promise", "价值 › 常来 › 承诺", NOTHING, "次日答复"),
    ),
    (
        "methods",
        [put("service.methods", ["call", "visit"])],
        ("changed", "dimensions.value.classes.high.service.methods", "价值 › 高 › 联系方式", NOTHING, "电话、拜访"),
    ),
    (
        "who serves, from what goes without saying",
        [put("service.owner", "senior")],
        ("changed", "dimensions.value.classes.high.service.owner", "价值 › 高 › 谁来负责", "任何人", "资深的人"),
    ),
    (
        "a demotion that waits",
        [put("demote", "review")],
        ("changed", "dimensions.value.classes.high.demote", "价值 › 高 › 降级", "立即生效", "先进待复核"),
    ),
    (
        "the default's name",
        [put("label", {"zh": "一般", "en": "Standard"}, key="regular")],
        ("changed", "dimensions.value.default.label", "价值 › 一般 › 名称", "普通", "一般"),
    ),
    (
        "a default that is an answer without data",
        [put("needs_evidence", False, key="regular")],
        ("changed", "dimensions.value.default.needs_evidence", "价值 › 普通 › 没有数据时未判定", "是", "否"),
    ),
    (
        "another default",
        [lambda data: dimension(data).update(default=named("rest", "其他", "Rest"))],
        ("changed", "dimensions.value.default", "价值 › 其他", "普通：其余", "其他：其余"),
    ),
    (
        "a further class",
        [add(named("big", "大单", "Big", when=at_least("average_order", 5_000)), after="high")],
        ("added", "dimensions.value.classes.big", "价值 › 大单", NOTHING, "大单：客单价不低于 ¥50"),
    ),
    (
        "a class that is gone",
        [drop("often")],
        ("removed", "dimensions.value.classes.often", "价值 › 常来", "常来：近 365 天至少下单 6 天", NOTHING),
    ),
    (
        "the order of classes",
        [order("often", "high", "some")],
        ("moved", "dimensions.value.classes", "价值 › 顺序", "高 → 常来 → 有过", "常来 → 高 → 有过"),
    ),
    (
        "the mode",
        [lambda data: dimension(data).update(mode="suggest")],
        ("changed", "dimensions.value.mode", "价值 › 生效方式", "自动生效", "先审核"),
    ),
    (
        "a dimension that is gone",
        [lambda data: data["dimensions"].pop()],
        ("removed", "dimensions.care", "关照", "关照：多、一般", NOTHING),
    ),
    (
        "the order of dimensions",
        [lambda data: data["dimensions"].reverse()],
        ("moved", "dimensions", "维度 › 顺序", "价值 → 关照", "关照 → 价值"),
    ),
    (
        "a further field",
        [lambda data: data["fields"].update(age="integer")],
        ("added", "fields.age", "自定义字段 › age", NOTHING, "age：整数"),
    ),
    (
        "a choice that is named otherwise",
        [lambda data: data["fields"].update(goal=GOAL | {"label": {"zh": "学习目标", "en": "Goal"}})],
        ("changed", "fields.goal.label", "自定义字段 › 学习目标 › 名称", "目标", "学习目标"),
    ),
    (
        "a further choice",
        [lambda data: data["fields"]["goal"]["choices"].update(work={"zh": "就业", "en": "Work"})],
        ("added", "fields.goal.choices.work", "自定义字段 › 目标 › 选项 › work", NOTHING, "就业"),
    ),
    (
        "a description",
        [lambda data: data.update(description={"zh": "说明", "en": "About"})],
        ("changed", "description", "说明", NOTHING, "说明"),
    ),
]


@pytest.mark.parametrize(("_case", "changes", "expected"), CASES, ids=[case for case, *_ in CASES])
def test_a_difference_is_told(_case, changes, expected):
    assert found(*changes) == [expected]


def test_it_is_told_in_english_too():
    put_off = put("when", at_least("revenue", 200_000, 365)), put("service.cadence_days", 1)
    told = differences(side(PACK), side(changed(*put_off)))
    assert [(d.name.en, d.old.en, d.new.en) for d in told] == [
        (
            "Value › High › condition",
            "revenue of at least ¥1,000 in the last 365 days",
            "revenue of at least ¥2,000 in the last 365 days",
        ),
        ("Value › High › contact every", "14 days", "1 day"),
    ]


def test_differences_stand_in_the_order_of_the_pack():
    assert [path for _, path, *_ in found(drop("some"), put("tone", "ochre"), lambda d: d["dimensions"].pop())] == [
        "dimensions.value.classes.high.tone",
        "dimensions.value.classes.some",
        "dimensions.care",
    ]


def test_version_and_numbers_of_quantiles_say_nothing():
    share = at_least("revenue", {"quantile": 0.8, "number": 5_000}, 365)
    other = at_least("revenue", {"quantile": 0.8, "number": 90_000}, 365)
    old = changed(put("when", share))
    new = changed(put("when", other), lambda data: data.update(version=7))
    assert differences(side(old), side(new)) == []
    fixed = differences(side(old), side(changed(put("when", at_least("revenue", 5_000, 365)))))
    assert [(d.old.zh, d.new.zh) for d in fixed] == [
        ("近 365 天成交额不低于 ¥50（前 20%）", "近 365 天成交额不低于 ¥50")
    ]


def test_every_key_and_choice_has_its_words():
    keys = {*packs._DIMENSION_KEYS, *packs._CLASS_KEYS, *packs._SERVICE_KEYS, *packs._FIELD_KEYS, *packs._PACK_KEYS}
    keys |= {"when", "needs_evidence", *plans._TEMPLATE_KEYS}
    assert set(pack_words._NAMES) == keys - {"key", "pack", "version"}
    choices = {"mode": Mode, "demote": Demote, "look": Look, "tone": Tone}
    named = {(name, choice) for name, kind in choices.items() for choice in get_args(kind.__value__)}
    named |= {("methods", method) for method in packs.METHODS} | {("owner", owner) for owner in packs.OWNERS}
    named |= {("type", type_) for type_ in FieldType}
    assert set(pack_words._CHOICES) == named


def test_the_tables_of_keys_agree():
    usual = {
        name: value for name, value in {**pack_tree._DIMENSION, **pack_tree._CLASS}.items() if name in pack_words._USUAL
    }
    assert usual | {"owner": "any"} == pack_words._USUAL
    assert set(pack_tree._CLASS) == {*packs._CLASS_KEYS, "when", "needs_evidence"}
    assert set(pack_tree._DIMENSION) == set(packs._DIMENSION_KEYS)
    assert set(pack_tree._SERVICE) == set(packs._SERVICE_KEYS)
    assert set(pack_tree._FIELD) == set(packs._FIELD_KEYS)
    assert set(pack_tree._PLAN) == set(plans._TEMPLATE_KEYS)
    assert set(pack_tree._STEP) == set(plans._STEP_KEYS)
    assert set(pack_tree._STARTS) == set(plans._STARTS_KEYS)


@pytest.mark.parametrize("name", shipped())
def test_a_pack_does_not_differ_from_itself(name):
    assert differences(side(load_data(name)), side(load_data(name))) == []
