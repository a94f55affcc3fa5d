"""A small pack, changed in one place after the other, for the tests of comparing and merging."""

from __future__ import annotations

import copy

from zhike.core.pack_tree import tree_of
from zhike.core.pack_words import Side
from zhike.core.packs import parse_pack

GOAL = {
    "type": "choice",
    "label": {"zh": "目标", "en": "Goal"},
    "choices": {"exam": {"zh": "升学", "en": "Exams"}, "fun": {"zh": "兴趣", "en": "Interest"}},
}


def at_least(metric, value, days=None):
    over = {"over": {"days": days}} if days else {}
    return {"field": f"metric.{metric}", **over, "op": "gte", "value": value}


def named(key, zh, en, **more):
    return {"key": key, "label": {"zh": zh, "en": en}, **more}


PACK = {
    "pack": "test",
    "version": 1,
    "fields": {"goal": GOAL},
    "dimensions": [
        named(
            "value",
            "价值",
            "Value",
            mode="auto",
            classes=[
                named("high", "高", "High", when=at_least("revenue", 100_000, 365), service={"cadence_days": 14}),
                named("often", "常来", "Often", when=at_least("order_days", 6, 365)),
                named("some", "有过", "Some", when=at_least("orders", 1)),
            ],
            default=named("regular", "普通", "Standard"),
        ),
        named(
            "care",
            "关照",
            "Care",
            classes=[named("close", "多", "Close", when={"field": "custom.goal", "op": "eq", "value": "exam"})],
            default=named("usual", "一般", "Usual"),
        ),
    ],
}


def changed(*changes, of=PACK):
    """Return the pack after each change: a function of the data that changes it in place."""
    data = copy.deepcopy(of)
    for change in changes:
        change(data)
    return data


def dimension(data, key="value"):
    return next(item for item in data["dimensions"] if item["key"] == key)


def class_(data, key, of="value"):
    found = dimension(data, of)
    return next(item for item in [*found["classes"], found["default"]] if item["key"] == key)


def side(data):
    return Side(tree_of(data), parse_pack(data).fieldset())


def put(path, value, key="high", of="value"):
    """Return a change that sets one place of a class: 「service.cadence_days」."""

    def change(data):
        place = class_(data, key, of)
        *way, last = path.split(".")
        for name in way:
            place = place.setdefault(name, {})
        place[last] = value

    return change


def drop(key, of="value"):
    def change(data):
        found = dimension(data, of)
        found["classes"] = [item for item in found["classes"] if item["key"] != key]

    return change


def add(item, *, after, of="value"):
    def change(data):
        classes = dimension(data, of)["classes"]
        place = [each["key"] for each in classes].index(after) + 1 if after else 0
        classes.insert(place, copy.deepcopy(item))

    return change


def order(*keys, of="value"):
    def change(data):
        found = dimension(data, of)
        found["classes"] = [next(item for item in found["classes"] if item["key"] == key) for key in keys]

    return change
