"""Quantiles: found once, kept with their number, told as a share."""

from __future__ import annotations

from decimal import Decimal

import pytest

from zhike.core.conditions.describe import describe
from zhike.core.conditions.parse import parse
from zhike.core.conditions.quantiles import Wanted, quantile, read_share, wanted, with_numbers
from zhike.core.errors import ConditionError
from zhike.core.facts import Ref
from zhike.core.packs import base_fields

FIELDS = base_fields()


def _rule(value, op="gte"):
    return {"field": "metric.revenue", "over": {"days": 365}, "op": op, "value": value}


@pytest.mark.parametrize(
    ("share", "expected"),
    [("0.1", 1), ("0.1001", 2), ("0.5", 5), ("0.8", 8), ("0.81", 9), ("0.9999", 10)],
)
def test_a_quantile_is_the_smallest_value_that_the_share_does_not_exceed(share, expected):
    assert quantile([7, 3, 10, 1, 2, 9, 4, 8, 5, 6], Decimal(share)) == expected


def test_equal_values_share_their_quantile():
    assert quantile([5, 5, 5, 100], Decimal("0.75")) == 5
    assert quantile([5, 5, 5, 100], Decimal("0.76")) == 100


def test_nobody_has_no_quantile():
    assert quantile([], Decimal("0.5")) is None


def test_what_rules_ask_for_is_found_wherever_it_stands_and_once():
    rules = {"classes": [{"when": {"any": [_rule({"quantile": 0.8}), {"not": _rule({"quantile": 0.8}, "lt")}]}}]}
    assert wanted(rules) == [Wanted(Ref("metric.revenue", 365), Decimal("0.8"))]


def test_the_number_is_put_beside_the_quantile_and_replaces_an_older_one():
    rules = {"when": _rule({"quantile": 0.8, "number": 5})}
    found = with_numbers(rules, lambda _item: 1_234_500)
    assert found == {"when": _rule({"quantile": 0.8, "number": 1_234_500})}
    assert rules == {"when": _rule({"quantile": 0.8, "number": 5})}


def test_without_a_customer_there_is_no_number():
    with pytest.raises(ConditionError) as caught:
        with_numbers({"when": _rule({"quantile": 0.8})}, lambda _item: None)
    assert caught.value.path == "when.value"
    assert "metric.revenue@365" in caught.value.en


def test_without_a_customer_the_number_of_the_pack_goes_on_deciding():
    rules = {"when": _rule({"quantile": 0.8, "number": 5})}
    assert with_numbers(rules, lambda _item: None) == rules


def test_the_number_decides_and_the_share_is_told():
    node = parse(_rule({"quantile": 0.8, "number": 1_234_500}), FIELDS)
    assert (node.value, node.quantile) == (1_234_500, Decimal("0.8"))
    assert describe(node, "zh", FIELDS) == "近 365 天成交额不低于 ¥12,345（前 20%）"
    assert describe(node, "en", FIELDS) == "revenue of at least ¥12,345 in the last 365 days (the top 20%)"


@pytest.mark.parametrize(
    ("op", "zh"),
    [("lt", "低于 ¥1（前 12.5% 以外）"), ("lte", "不超过 ¥1（后 87.5%）"), ("gt", "高于 ¥1（后 87.5% 以外）")],
)
def test_each_operator_names_its_side(op, zh):
    node = parse(_rule({"quantile": 0.875, "number": 100}, op), FIELDS)
    assert describe(node, "zh", FIELDS) == f"近 365 天成交额{zh}"


@pytest.mark.parametrize(
    ("data", "path", "en"),
    [
        (_rule({"quantile": 0.8}), "when.value", "the quantile has no number yet"),
        (_rule({"quantile": 1, "number": 5}), "when.value.quantile", "between 0 and 1"),
        (_rule({"quantile": True, "number": 5}), "when.value.quantile", "between 0 and 1"),
        (_rule({"quantile": "x", "number": 5}), "when.value.quantile", "found x"),
        (_rule({"quantile": 0.8, "number": 5}, "eq"), "when.value", "goes with lt, lte, gt, gte"),
        (_rule({"quantile": 0.8, "number": "5"}), "when.value.number", "whole number of minor units"),
        (_rule({"quantile": 0.8, "numbr": 5}), "when.value", "Did you mean number?"),
        (
            {"field": "customer.birthday", "op": "lt", "value": {"quantile": 0.8, "number": 5}},
            "when.value",
            "goes with",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(data, path, en):
    with pytest.raises(ConditionError) as caught:
        parse(data, FIELDS)
    assert caught.value.path == path
    assert en in caught.value.en


def test_a_share_has_at_most_four_decimals():
    assert read_share(0.1234, "x") == Decimal("0.1234")
    with pytest.raises(ConditionError):
        read_share(0.12345, "x")
