"""Three packs are merged by their keys: what one side changed is taken, what both changed is asked about."""

from __future__ import annotations

import pytest

from tests.core.pack_sides import GOAL, PACK, add, at_least, changed, dimension, drop, named, order, put, side
from zhike.core.pack_diff import differences
from zhike.core.pack_merge import merge
from zhike.core.pack_tree import data_of, tree_of
from zhike.core.packs import parse_pack

EVERYONE = {"everyone": True}
BIG = named("big", "大单", "Big", when=at_least("average_order", 5_000))
NEAR = named("near", "近", "Near", when=at_least("orders", 2, 30))


def merged(theirs, ours, *, word=""):
    """Return the result of changes to the same pack."""
    return merge(side(PACK), side(changed(*theirs)), side(changed(*ours)), word=word)


def classes(tree, of="value"):
    return [*tree["dimensions"][of]["classes"]]


RICHER = put("when", at_least("revenue", 200_000, 365))
RICHEST = put("when", at_least("revenue", 900_000, 365))
WEEKLY, MONTHLY = put("service.cadence_days", 7), put("service.cadence_days", 30)


def gone(data):
    data["dimensions"].pop()


def further(data):
    extra = named("size", "规模", "Size", classes=[], default=named("any", "不限", "Any"), mode="manual")
    data["dimensions"].insert(0, extra)


# What they changed, what we changed, and the pack with all of it.
CLEAN = [
    ("nobody changed anything", [], [], []),
    ("only they did", [RICHER, WEEKLY], [], [RICHER, WEEKLY]),
    ("only we did", [], [RICHER, WEEKLY], [RICHER, WEEKLY]),
    ("both the same", [RICHER], [RICHER], [RICHER]),
    ("different places of one class", [RICHER], [WEEKLY], [RICHER, WEEKLY]),
    ("different classes", [RICHER], [put("tone", "ochre", key="often")], [RICHER, put("tone", "ochre", key="often")]),
    ("they add a class", [add(BIG, after="high")], [], [add(BIG, after="high")]),
    ("we add a class", [], [add(BIG, after="high")], [add(BIG, after="high")]),
    ("we add one, they another, elsewhere", [add(BIG, after="often")], [add(NEAR, after=None)],
     [add(BIG, after="often"), add(NEAR, after=None)]),
    ("both add at one place: ours is tried first", [add(BIG, after="high")], [add(NEAR, after="high")],
     [add(BIG, after="high"), add(NEAR, after="high")]),
    ("they remove what we left alone", [drop("often")], [WEEKLY], [drop("often"), WEEKLY]),
    ("we remove what they left alone", [WEEKLY], [drop("often")], [drop("often"), WEEKLY]),
    ("both remove it", [drop("often")], [drop("often")], [drop("often")]),
    ("they put the classes in another order", [order("often", "high", "some")], [WEEKLY],
     [order("often", "high", "some"), WEEKLY]),
    ("we did, and they add one", [add(BIG, after="high")], [order("often", "high", "some")],
     [order("often", "high", "some"), add(BIG, after="high")]),
    ("they did, and we add one", [order("often", "high", "some")], [add(BIG, after="high")],
     [order("often", "high", "some"), add(BIG, after="high")]),
    ("they remove a dimension", [gone], [RICHER], [gone, RICHER]),
    ("they add a dimension", [further], [RICHER], [further, RICHER]),
    ("they rename the default", [put("label", {"zh": "一般", "en": "Usual"}, key="regular")], [WEEKLY],
     [put("label", {"zh": "一般", "en": "Usual"}, key="regular"), WEEKLY]),
    ("a field and a choice", [lambda d: d["fields"].update(age="integer")],
     [lambda d: d["fields"]["goal"]["choices"].update(work={"zh": "就业", "en": "Work"})],
     [lambda d: d["fields"].update(age="integer"),
      lambda d: d["fields"]["goal"]["choices"].update(work={"zh": "就业", "en": "Work"})]),
]  # fmt: skip


@pytest.mark.parametrize(("_case", "theirs", "ours", "expected"), CLEAN, ids=[case for case, *_ in CLEAN])
def test_what_one_side_changed_is_taken(_case, theirs, ours, expected):
    found = merged(theirs, ours)
    assert found.conflicts == []
    assert found.tree == tree_of(changed(*expected))
    assert classes(found.tree) == [c["key"] for c in dimension(changed(*expected))["classes"]]
    assert list(found.tree["dimensions"]) == [d["key"] for d in changed(*expected)["dimensions"]]
    parse_pack(data_of(found.tree, key="test", version=2))


def without_service(data):
    del dimension(data)["classes"][0]["service"]


# What they changed, what we changed, the path, its name, and the three sentences.
CONFLICTS = [
    (
        "a bound",
        [RICHER],
        [RICHEST],
        (
            "dimensions.value.classes.high.when",
            "价值 › 高 › 条件",
            "近 365 天成交额不低于 ¥1,000",
            "近 365 天成交额不低于 ¥2,000",
            "近 365 天成交额不低于 ¥9,000",
        ),
    ),
    (
        "a cadence",
        [WEEKLY],
        [MONTHLY],
        ("dimensions.value.classes.high.service.cadence_days", "价值 › 高 › 联系周期", "14 天", "7 天", "30 天"),
    ),
    (
        "a cadence that we took away",
        [WEEKLY],
        [without_service],
        ("dimensions.value.classes.high.service.cadence_days", "价值 › 高 › 联系周期", "14 天", "7 天", "（没有）"),
    ),
    (
        "we removed the class that they changed",
        [put("when", at_least("order_days", 9, 365), key="often")],
        [drop("often")],
        (
            "dimensions.value.classes.often",
            "价值 › 常来",
            "常来：近 365 天至少下单 6 天",
            "常来：近 365 天至少下单 9 天",
            "（没有）",
        ),
    ),
    (
        "they removed the dimension that we changed",
        [gone],
        [put("tone", "ochre", key="close", of="care")],
        ("dimensions.care", "关照", "关照：多、一般", "（没有）", "关照：多、一般"),
    ),
    (
        "both put the classes in another order",
        [order("often", "high", "some")],
        [order("some", "high", "often")],
        ("dimensions.value.classes", "价值 › 顺序", "高 → 常来 → 有过", "常来 → 高 → 有过", "有过 → 高 → 常来"),
    ),
    (
        "two classes of one name",
        [add(BIG, after="high")],
        [add(BIG | {"when": at_least("average_order", 9_000)}, after="high")],
        ("dimensions.value.classes.big.when", "价值 › 大单 › 条件", "（没有）", "客单价不低于 ¥50", "客单价不低于 ¥90"),
    ),
    (
        "two other defaults",
        [lambda data: dimension(data).update(default=named("rest", "其他", "Rest"))],
        [lambda data: dimension(data).update(default=named("none", "无", "None"))],
        ("dimensions.value.default", "价值 › 无", "普通：其余", "其他：其余", "无：其余"),
    ),
    (
        "a field's label",
        [lambda data: data["fields"].update(goal=GOAL | {"label": {"zh": "甲", "en": "A"}})],
        [lambda data: data["fields"].update(goal=GOAL | {"label": {"zh": "乙", "en": "B"}})],
        ("fields.goal.label", "自定义字段 › 乙 › 名称", "目标", "甲", "乙"),
    ),
]


@pytest.mark.parametrize(("_case", "theirs", "ours", "expected"), CONFLICTS, ids=[case for case, *_ in CONFLICTS])
def test_what_both_changed_is_asked_about(_case, theirs, ours, expected):
    (conflict,) = merged(theirs, ours).conflicts
    told = (conflict.base.zh, conflict.theirs.zh, conflict.ours.zh)
    assert (conflict.path, conflict.name.zh, *told) == expected


@pytest.mark.parametrize(("_case", "theirs", "ours", "expected"), CONFLICTS, ids=[case for case, *_ in CONFLICTS])
def test_one_word_settles_all(_case, theirs, ours, expected):
    for word, side_of in (("ours", ours), ("theirs", theirs)):
        found = merged(theirs, ours, word=word)
        assert found.conflicts == []
        assert found.tree == tree_of(changed(*side_of))
        assert classes(found.tree) == [c["key"] for c in dimension(changed(*side_of))["classes"]]


def test_every_place_may_have_its_own_word():
    theirs, ours = [RICHER, WEEKLY], [RICHEST, MONTHLY]
    place = "dimensions.value.classes.high.when"
    found = merge(side(PACK), side(changed(*theirs)), side(changed(*ours)), word="ours", words={place: "theirs"})
    assert (found.conflicts, found.tree) == ([], tree_of(changed(RICHER, MONTHLY)))
    asked = merge(side(PACK), side(changed(*theirs)), side(changed(*ours)), words={place: "theirs"})
    assert [c.path for c in asked.conflicts] == ["dimensions.value.classes.high.service.cadence_days"]


def test_the_order_of_classes_may_have_its_own_word():
    theirs, ours = [order("often", "high", "some"), WEEKLY], [order("some", "high", "often"), MONTHLY]
    words = {"dimensions.value.classes": "theirs"}
    found = merge(side(PACK), side(changed(*theirs)), side(changed(*ours)), word="ours", words=words)
    assert classes(found.tree) == ["often", "high", "some"]
    assert found.tree["dimensions"]["value"]["classes"]["high"]["service"] == {"cadence_days": 30}


def test_the_word_is_asked_only_where_both_changed():
    tone = put("tone", "ochre", key="often")
    found = merged([RICHER, tone], [RICHEST], word="ours")
    assert found.tree == tree_of(changed(RICHEST, tone))


def test_a_quantile_whose_number_moved_is_no_change_of_ours_and_keeps_our_number():
    def share(number, quantile=0.8):
        return put("when", at_least("revenue", {"quantile": quantile, "number": number}, 365))

    def pack(*changes):
        return side(changed(*changes))

    theirs = merge(pack(share(5)), pack(share(5, 0.9)), pack(share(77)))
    assert theirs.conflicts == []
    assert theirs.tree == tree_of(changed(share(5, 0.9)))
    ours = merge(pack(share(5)), pack(share(6), WEEKLY), pack(share(77)))
    assert ours.tree == tree_of(changed(share(77), WEEKLY))


def test_keys_that_are_words_of_the_format_are_keys_like_any_other():
    odd = changed(
        lambda data: data["dimensions"].append(
            named(
                "service",
                "服务",
                "Service",
                classes=[named("mode", "甲", "A", when=at_least("orders", 1)), named("when", "乙", "B", when=EVERYONE)],
                default=named("default", "丙", "C"),
            )
        )
    )
    less = changed(lambda data: data["dimensions"].pop(), of=odd)
    other = changed(put("tone", "ochre", key="mode", of="service"), of=odd)
    (conflict,) = merge(side(odd), side(less), side(other)).conflicts
    assert (conflict.path, conflict.theirs.zh, conflict.ours.zh) == (
        "dimensions.service",
        "（没有）",
        "服务：甲、乙、丙",
    )
    without = changed(drop("mode", of="service"), of=odd)
    assert [(d.path, d.old.zh, d.new.zh) for d in differences(side(odd), side(without))] == [
        ("dimensions.service.classes.mode", "甲：至少下单 1 次", "（没有）")
    ]
