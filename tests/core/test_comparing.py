"""Whether the better class does better, and when nobody can tell."""

from __future__ import annotations

from math import inf

import pytest

from tests.core.scores import card, score
from zhike.core.comparing import are_separable, means_z, orders, shares_z
from zhike.core.scorecard import Outcome


def test_conversion_that_falls_with_the_rank_holds():
    (order,) = orders(card(score("hot", 100, 40), score("warm", 100, 20), score("watching", 100, 5)))
    assert (order.measure, order.holds, order.breaks) == ("conversion", True, ())
    assert [s.key for s in order.compared] == ["hot", "warm", "watching"]


def test_the_pair_that_breaks_the_order_is_named_with_its_distance():
    (order,) = orders(card(score("watching", 200, 10), score("warm", 100, 30), score("hot", 50, 10)))
    (gap,) = order.breaks
    assert not order.holds
    assert (gap.better.key, gap.worse.key, gap.value) == ("hot", "warm", pytest.approx(-0.1))
    assert not gap.sure


def test_a_break_is_sure_from_enough_customers_on():
    (order,) = orders(card(score("hot", 500, 100), score("warm", 1000, 300)))
    assert [gap.sure for gap in order.breaks] == [True]


def test_classes_with_fewer_than_thirty_customers_are_left_out_and_named():
    (order,) = orders(card(score("hot", 29, 1), score("warm", 30, 15), score("watching", 30, 6)))
    assert [s.key for s in order.compared] == ["warm", "watching"]
    assert [s.key for s in order.too_few] == ["hot"]
    assert order.holds


def test_with_one_class_left_nothing_is_known():
    (order,) = orders(card(score("hot", 29, 1), score("warm", 300, 15)))
    assert (order.is_known, order.holds, order.breaks) == (False, False, ())


def test_classes_of_equal_rank_are_not_held_against_each_other():
    new, active = score("hot", 100, 10, rank=3), score("warm", 100, 40, rank=3)
    (order,) = orders(card(new, active, score("lost", 100, 20)))
    assert [(gap.better.key, gap.worse.key) for gap in order.breaks] == [("hot", "lost")]


def test_without_ranks_there_is_no_order_to_keep():
    assert orders(card(score("hot", 100, 1, rank=None), score("warm", 100, 50, rank=None))) == []
    assert orders(card(score("hot", 100, 1, rank=1), score("warm", 100, 50, rank=1))) == []


def test_where_the_rules_read_amounts_revenue_is_checked_too():
    hot, warm = score("hot", 100, 50, 1_000_000, spread=4e8), score("warm", 100, 20, 2_000_000, spread=4e8)
    conversion, revenue = orders(card(hot, warm, reads_money=True))
    assert conversion.holds
    (gap,) = revenue.breaks
    assert (revenue.measure, gap.value, gap.sure) == ("revenue_each", -10_000, True)


def test_the_z_of_shares_is_the_pooled_one():
    # 28 of 254 against 36 of 301, worked out by hand: pooled .115315, error .027213.
    a, b = Outcome(customers=254, buyers=28), Outcome(customers=301, buyers=36)
    assert shares_z(a, b) == pytest.approx(-0.3441, abs=5e-5)
    assert shares_z(Outcome(customers=9, buyers=9), Outcome(customers=5, buyers=5)) == 0


def test_the_z_of_means_has_the_spread_of_both():
    a = Outcome(customers=100, revenue=5_000, spread=900.0)
    b = Outcome(customers=50, revenue=2_000, spread=1_600.0)
    assert means_z(a, b) == pytest.approx(10 / 41**0.5)
    steady = Outcome(customers=10, revenue=100)
    assert means_z(steady, steady) == 0
    assert means_z(steady, Outcome(customers=10)) == inf
    assert means_z(Outcome(customers=10), steady) == -inf


def test_one_measure_is_enough_to_tell_classes_apart():
    hot = score("hot", 100, 50, 500_000, spread=1e6)
    assert not are_separable(hot, score("warm", 100, 48, 501_000, spread=1e6))
    assert are_separable(hot, score("warm", 100, 20, 501_000, spread=1e6))
    assert are_separable(hot, score("warm", 100, 50, 600_000, spread=1e6))
