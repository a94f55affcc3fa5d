"""The formulas of the home pages, on figures that can be checked by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.core.samples import TODAY
from zhike.core.helping import Trouble, Work, troubles
from zhike.core.packs import parse_pack
from zhike.core.priority import Ranks, priority
from zhike.core.rhythm import Bought, need_again, needs, products


def ranked(dimension: str, **ranks: int) -> dict:
    *others, last = ({"key": key, "label": {"zh": key, "en": key}, "rank": rank} for key, rank in ranks.items())
    for one in others:
        one["when"] = {"field": "metric.orders", "op": "gte", "value": 1}
    return {
        "key": dimension,
        "label": {"zh": dimension, "en": dimension},
        "classes": others,
        "default": last,
    }


@pytest.fixture(scope="module")
def ranks() -> Ranks:
    pack = {
        "pack": "small",
        "version": 1,
        "label": {"zh": "小", "en": "Small"},
        "dimensions": [ranked("value", high=3, regular=2, low=1), ranked("intent", hot=4, lost=1)],
    }
    return Ranks(parse_pack(pack).schemes)


@pytest.mark.parametrize(
    ("amount", "overdue", "weight", "classes", "stake", "urgency", "standing", "highest"),
    [
        (0, 0, "normal", {}, 1, 1, 1, []),
        (900_000, 0, "normal", {"value": "high"}, 2, 1, 2, ["high"]),
        (900_000, 5, "high", {"value": "regular", "intent": "hot"}, 2, 2.25, 1.75, ["hot"]),
        (9_900_000, 90, "low", {"value": "low", "need": "product"}, 3, 2.4, 1, []),
        (-100, -1, "normal", {"value": "low", "intent": "hot"}, 1, 0.5, 1.5, ["hot"]),
    ],
)
def test_priority_is_stake_times_urgency_times_standing(  # noqa: PLR0913, PLR0917  a row of the table
    ranks, amount, overdue, weight, classes, stake, urgency, standing, highest
):
    found = priority(amount=amount, overdue_days=overdue, weight=weight, classes=classes, ranks=ranks)
    assert (found.stake, found.urgency, found.standing) == pytest.approx((stake, urgency, standing))
    assert found.score == pytest.approx(stake * urgency * standing)
    assert [label.zh for label in found.highest] == highest


def bought(**days: list[int]) -> list[Bought]:
    return [Bought(product, TODAY - timedelta(days=ago)) for product, each in days.items() for ago in each]


@pytest.mark.parametrize(
    ("title", "named"),
    [
        ("PP 棉滤芯 ×48、RO 膜 ×12", ["PP 棉滤芯", "RO 膜"]),
        ("软化水系统 S8", ["软化水系统 S8"]),
        ("滤芯 x 3 支，滤芯", ["滤芯"]),
        ("", []),
    ],
)
def test_an_order_names_products_without_how_many(title, named):
    assert products(title) == named


def test_a_rhythm_is_the_gap_in_the_middle():
    [found] = needs(bought(滤芯=[300, 298, 210, 115, 20], 机器=[80]))
    # 298 completes the order of 300; the others lie 88, 95 and 95 days apart.
    assert (found.orders, found.gap, found.last, found.due) == (
        5,
        95,
        TODAY - timedelta(days=20),
        TODAY + timedelta(days=75),
    )


def test_what_is_needed_again_is_the_surest_that_is_due():
    orders = bought(滤芯=[190, 130, 70], 耗材=[40, 20], 停用=[900, 880, 860], 还早=[60, 30, 1])
    found = need_again(orders, TODAY)
    assert found is not None
    assert (found.product, found.gap, found.days_over(TODAY)) == ("滤芯", 60, 10)


def test_a_rhythm_that_was_let_pass_three_times_is_told_only_where_nothing_else_is():
    found = need_again(bought(停用=[900, 880, 860]), TODAY)
    assert found is not None
    assert found.days_over(TODAY) == 840
    assert need_again(bought(一次=[400]), TODAY) is None


def work(overdue: int = 0, **given: object) -> Work:
    usual: dict = {
        "broken": 0,
        "due": 0,
        "kept": 0,
        "customers": 1,
        "most": None,
        "is_away": False,
        "has_stand_in": False,
    }
    return Work(overdue=overdue, **{**usual, **given})


def test_who_needs_help_is_told_with_the_reason():
    team = [
        work(2),
        work(4),
        work(5),  # not more than twice the middle, which is 4
        work(9, broken=1),
        work(1, due=5, kept=2, customers=11, most=10),
        work(1, is_away=True),
        work(8, is_away=True, has_stand_in=True),
    ]
    assert troubles(team) == [[], [], [], ["broken", "behind"], ["late", "full"], ["away"], []]
    assert troubles([]) == []
    assert troubles([work(8)]) == [[]]
    assert Trouble.BROKEN == "broken"


def test_who_kept_nothing_due_has_no_share():
    assert (work(due=0).share, work(due=3, kept=2).share) == (None, 67)
    assert date(2026, 11, 19) == TODAY
