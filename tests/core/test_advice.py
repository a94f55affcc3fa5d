"""What to do about a dimension: each piece in both languages, with the figures behind it."""

from __future__ import annotations

from datetime import date

import pytest

from tests.core.scores import card, score
from zhike.core.advice import Advice, Kind, advise, advise_on_number, hold_days_against
from zhike.core.scorecard import Missing, Outcome, Overridden, percent
from zhike.core.text import Text

FINE = (score("hot", 200, 80, 900_000, spread=1e6), score("warm", 200, 20, 90_000, spread=1e6))


def said(*classes, **given):
    return [(a.kind, a.classes, a.text.zh, a.text.en) for a in advise(card(*classes, **given))]


def kinds(*classes, **given):
    return [advice.kind for advice in advise(card(*classes, **given))]


def test_where_all_is_well_nothing_is_said():
    assert advise(card(*FINE)) == []


def test_many_overrides_are_told_with_the_way_and_the_reason():
    moved = Overridden(customers=12, among=130, to="warm", to_customers=9, reason="毛利低", reason_customers=5)
    assert said(score("hot", 200, 80, overridden=moved), FINE[1]) == [
        (
            Kind.OVERRIDDEN,
            ("hot",),
            "有 12 位意向被人改判，占 9.2%，多改成潜在（9 位），理由最多的是「毛利低」（5 位）。看看规则漏了什么。",
            (
                "People moved 12 customers out of Hot (9.2%), most of them to Warm (9); the reason given most is “毛利低” (5). "
                "See what the rules miss."
            ),
        )
    ]


def test_without_a_common_reason_none_is_told():
    moved = Overridden(customers=6, among=100, to="gone", to_customers=4)
    ((_, _, zh, en),) = said(score("hot", 200, 80, overridden=moved), FINE[1])
    assert zh == "有 6 位意向被人改判，占 6.0%，多改成gone（4 位）。看看规则漏了什么。"
    assert en == "People moved 6 customers out of Hot (6.0%), most of them to gone (4). See what the rules miss."


@pytest.mark.parametrize(
    ("customers", "among", "expected"),
    [(5, 100, [Kind.OVERRIDDEN]), (5, 101, []), (4, 10, [])],
)
def test_overrides_count_from_five_customers_and_five_per_cent_on(customers, among, expected):
    moved = Overridden(customers=customers, among=among, to="warm", to_customers=1)
    assert kinds(score("hot", 200, 80, overridden=moved), FINE[1]) == expected


def test_who_wavers_is_told_how_long_to_hold():
    wavering = score("hot", 200, 80, entered=150, flipped=30, flip_days=6, hold_days=1)
    assert said(wavering, FINE[1]) == [
        (
            Kind.FLICKER,
            ("hot",),
            "进入意向的 150 位里有 30 位 30 天内又离开，占 20.0%，其中一半没超过 6 天。建议连续满足 7 天才进入（现在是 1 天）。",
            (
                "30 of the 150 customers who entered Hot left again within 30 days (20.0%), half of them after no more than 6. "
                "Let them qualify 7 days in a row before they enter (now 1)."
            ),
        )
    ]


@pytest.mark.parametrize(
    ("flipped", "entered", "hold_days", "expected"),
    [(10, 100, 1, [Kind.FLICKER]), (9, 20, 1, []), (10, 101, 1, []), (50, 100, 30, [])],
)
def test_wavering_counts_from_ten_customers_and_ten_per_cent_on(flipped, entered, hold_days, expected):
    wavering = score("hot", 200, 80, entered=entered, flipped=flipped, flip_days=3, hold_days=hold_days)
    assert kinds(wavering, FINE[1]) == expected


@pytest.mark.parametrize(("hold_days", "flip_days", "expected"), [(1, 1, 2), (7, 7, 14), (20, 14, 30)])
def test_the_days_to_hold_would_have_kept_out_half_of_those_who_left(hold_days, flip_days, expected):
    assert hold_days_against(score("hot", flip_days=flip_days, hold_days=hold_days)) == expected


def test_a_better_class_that_converts_worse_is_told_with_the_numbers():
    assert said(score("hot", 500, 100, 1, spread=1e6), score("warm", 1000, 300, 900_000, spread=1e6)) == [
        (
            Kind.ORDER,
            ("hot", "warm"),
            "意向本该好过潜在，转化率却是 20.0% 对 30.0%，低 10.0 个百分点（500 位对 1,000 位）。检查两类的条件和先后。",
            (
                "Hot should do better than Warm, but converts at 20.0% against 30.0%, 10.0 points less "
                "(500 customers against 1,000). Check the conditions of both and their order."
            ),
        )
    ]


def test_a_break_that_may_be_chance_is_no_advice():
    assert kinds(score("hot", 50, 10), score("warm", 90, 27)) == []


def test_a_better_class_that_brings_less_is_told_in_money():
    hot, warm = score("hot", 100, 50, 100_000_00, spread=1e9), score("warm", 100, 20, 250_000_00, spread=1e9)
    ((kind, classes, zh, en),) = said(hot, warm, reads_money=True)
    assert (kind, classes) == (Kind.ORDER, ("hot", "warm"))
    assert zh == (
        "意向本该好过潜在，人均成交额却是 ¥1,000 对 ¥2,500，少 ¥1,500（100 位对 100 位）。检查两类的条件和先后。"
    )
    assert en == (
        "Hot should do better than Warm, but brings ¥1,000 each against ¥2,500, ¥1,500 less "
        "(100 customers against 100). Check the conditions of both and their order."
    )


def test_classes_that_cannot_be_told_apart_are_named():
    hot, warm = score("hot", 120, 40, 120_000, spread=1e8), score("warm", 150, 48, 151_000, spread=1e8)
    ((kind, classes, zh, en), *rest) = said(hot, warm, score("lost", 150, 1, 1_000, spread=1e6))
    assert (kind, classes, rest) == (Kind.SAME, ("hot", "warm"), [])
    assert zh == (
        "意向和潜在分不开：转化率 33.3% 和 32.0%，人均成交额 ¥10 和 ¥10.07，差别在误差之内（120 位和 150 位）。可以合并。"
    )
    assert en == (
        "Hot and Warm cannot be told apart: conversion 33.3% and 32.0%, revenue each ¥10 and ¥10.07, no more than chance "
        "(120 and 150 customers). Consider merging them."
    )


def test_likeness_is_only_said_of_a_hundred_customers_and_more():
    assert kinds(score("hot", 99, 33), score("warm", 150, 50)) == []


def test_a_dimension_that_tells_nothing_apart_is_told_once():
    alike = [score(key, 200, 40 + i, 40_000, spread=1e8) for i, key in enumerate(("lost", "watching", "hot"))]
    assert said(*alike) == [
        (
            Kind.USELESS,
            ("hot", "watching", "lost"),
            "这个维度分不出谁会买：3 个类别之间，转化率和人均成交额都看不出差别。改写规则，或者停用这个维度。",
            (
                "This dimension does not tell who buys: between its 3 classes neither conversion nor revenue differs by more "
                "than chance. Rewrite its rules, or stop using it."
            ),
        )
    ]


def test_neighbours_alike_do_not_condemn_a_dimension_whose_ends_differ():
    ladder = [score("hot", 100, 45), score("warm", 100, 35), score("watching", 100, 28)]
    assert kinds(*ladder) == [Kind.SAME, Kind.SAME]


def test_a_class_that_nobody_enters_is_told():
    assert said(*FINE, score("lost", size=0, start=0, members=0)) == [
        (
            Kind.EMPTY,
            ("lost",),
            "流失里没有客户，90 天里也没有人进来过。条件可能太严，或者用不着这一类。",
            "Nobody is in Lost, and nobody entered it in 90 days. Its condition may be too strict, or the class is not needed.",
        )
    ]
    assert kinds(*FINE, score("lost", size=0, start=0, members=1)) == []
    assert kinds(score("hot"), score("warm")) == []


def test_a_class_on_which_nobody_acts_is_told():
    idle = Outcome(customers=40, buyers=2)
    assert said(*FINE, score("lost", 40, outcome=idle)) == [
        (
            Kind.IDLE,
            ("lost",),
            "流失期初有 40 位，期内没有主动联系过一位，也没有人改判过谁。写清楚该为他们做什么，或者并入别的类别。",
            (
                "Of the 40 customers in Lost at the start nobody was contacted, and nobody set a class by hand. "
                "Say what to do for them, or merge the class into another."
            ),
        )
    ]
    assert kinds(*FINE, score("lost", 40, outcome=idle, chosen=1)) == []
    assert kinds(*FINE, score("lost", 40, outcome=idle, overridden=Overridden(1, 40, "hot", 1))) == []
    assert kinds(*FINE, score("lost", 29, outcome=idle, start=29)) == []


def test_what_people_found_wrong_is_told_from_three_times_on():
    assert said(score("hot", 200, 80, feedback=3), FINE[1]) == [
        (
            Kind.FOUND_WRONG,
            ("hot",),
            "期内有 3 次反馈说意向判得不准。和反馈的人对一遍条件。",
            "Hot was found wrong 3 times. Go through its condition with those who said so.",
        )
    ]
    assert kinds(score("hot", 200, 80, feedback=2), FINE[1]) == []


def test_many_who_are_not_decided_are_told_with_what_is_missing_most():
    lacking = score("warm", 1_000, 100, undetermined=300)
    missing = Missing(Text("近 30 天浏览页数", "Page views in the last 30 days"), 1_150)
    assert said(FINE[0], lacking, missing=missing) == [
        (
            Kind.UNDECIDED,
            (),
            "有 300 位还没有判定，占 25.0%：规则要看的，他们一样都没有。全部客户里缺得最多的是近 30 天浏览页数，1,150 位没有。",
            (
                "300 customers (25.0%) are not decided: of what the rules read, nothing is known of them. Of all customers, "
                "most lack this: Page views in the last 30 days (1,150)."
            ),
        )
    ]
    ((_, _, zh, _),) = said(FINE[0], lacking)
    assert zh == "有 300 位还没有判定，占 25.0%：规则要看的，他们一样都没有。"
    assert kinds(FINE[0], score("warm", 1_000, 100, undetermined=239)) == []


def test_a_period_from_before_the_records_says_so():
    assert said(*FINE, recorded_since=date(2026, 10, 1)) == [
        (
            Kind.UNRECORDED,
            (),
            "2026-10-01 起才有记录，在这之前就开始的时段说不出期初的情况。",
            "Records begin on 2026-10-01: of a period that starts earlier nobody can say where customers stood at its start.",
        )
    ]
    assert kinds(*FINE, recorded_since=date(2026, 8, 22)) == []


def test_the_weightiest_comes_first():
    moved = Overridden(customers=12, among=130, to="warm", to_customers=9)
    classes = [score("hot", 500, 100, feedback=3), score("warm", 1000, 300, overridden=moved)]
    assert kinds(*classes, recorded_since=date(2026, 10, 1)) == [
        Kind.UNRECORDED,
        Kind.OVERRIDDEN,
        Kind.ORDER,
        Kind.FOUND_WRONG,
    ]


def test_more_than_eight_dimensions_are_too_many():
    assert advise_on_number(8) == []
    assert advise_on_number(9) == [
        Advice(
            Kind.MANY,
            (),
            Text(
                "启用了 9 个维度。超过 8 个，一线通常就不看了，先停用分不出好坏的。",
                "9 dimensions are in use. Beyond 8 people stop looking: stop using those that tell nothing apart first.",
            ),
        )
    ]


@pytest.mark.parametrize(("rate", "text"), [(None, "—"), (0, "0.0%"), (0.0915, "9.2%"), (1, "100.0%")])
def test_shares_are_written_to_one_digit(rate, text):
    assert percent(rate) == text
