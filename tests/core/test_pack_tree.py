"""A pack as a tree says what its file says, without what goes without saying, and back again."""

from __future__ import annotations

import json
from datetime import date

import pytest

from tests.core.pack_sides import PACK, changed, dimension, put
from zhike.core import pack_tree
from zhike.core.pack_tree import data_of, same, tree_of
from zhike.core.packs import parse_pack
from zhike.packs import load_data, shipped


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_pack_comes_back_as_it_was(name):
    data = load_data(name)
    back = data_of(tree_of(data), key=data["pack"], version=data["version"])
    assert parse_pack(back) == parse_pack(data)
    assert tree_of(back) == tree_of(data)


@pytest.mark.parametrize("name", shipped())
def test_the_order_of_keys_outlives_a_database_that_forgets_it(name):
    data = load_data(name)
    straight = json.dumps(data_of(tree_of(data), key=name, version=1))
    forgotten = json.loads(json.dumps(data, sort_keys=True))
    back = data_of(tree_of(forgotten), key=name, version=1)
    fields = data.get("fields", {})  # choices keep their order elsewhere
    back |= {"fields": json.loads(straight)["fields"]} if fields else {}
    assert json.dumps(back) == straight


def test_what_goes_without_saying_is_left_out():
    told = changed(
        put("tone", "ink"),
        put("look", "filled"),
        put("demote", "now"),
        put("hold_days", 1),
        put("warn_days", 5),
        put("aliases", []),
        put("level", 3),
        put("rank", 3),
        put("service.owner", "any"),
        put("service.methods", []),
        put("needs_evidence", True, key="regular"),
        lambda data: data["dimensions"][0].update(mode="auto", icon="", override_days=90),
    )
    assert tree_of(told) == tree_of(changed(put("level", 3)))


def test_saying_what_goes_without_saying_changes_nothing():
    """What the tree leaves out is what the parser puts in."""
    full = changed(
        *(put(name, value) for name, value in pack_tree._CLASS.items() if value is not None and name != "service"),
        lambda data: dimension(data).update(
            {n: v for n, v in pack_tree._DIMENSION.items() if n in {"mode", "override_days"}}
        ),
    )
    del dimension(full)["classes"][0]["needs_evidence"]  # of a default only
    assert parse_pack(full) == parse_pack(PACK)
    assert tree_of(full) == tree_of(PACK)


def test_a_field_of_one_word_stays_one():
    data = PACK | {"fields": {"goal": PACK["fields"]["goal"], "age": "integer", "seen": {"type": "date"}}}
    assert data_of(tree_of(data), key="test", version=2)["fields"] == {**data["fields"], "seen": "date"}


def test_days_are_kept_as_text():
    rule = {"field": "customer.birthday", "op": "lt", "value": date(2000, 1, 1)}
    tree = tree_of(changed(put("when", rule)))
    assert tree["dimensions"]["value"]["classes"]["high"]["when"]["value"] == "2000-01-01"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"quantile": 0.8, "number": 5}, {"quantile": 0.8, "number": 9}, True),
        ({"quantile": 0.8, "number": 5}, {"quantile": 0.8}, True),
        ({"quantile": 0.8, "number": 5}, {"quantile": 0.9, "number": 5}, False),
        ([{"value": {"quantile": 0.8, "number": 5}}], [{"value": {"quantile": 0.8}}], True),
        ({"number": 5}, {"number": 9}, False),
        (None, {}, False),
    ],
)
def test_the_number_of_a_quantile_says_nothing(one, other, expected):
    assert same(one, other) is expected
