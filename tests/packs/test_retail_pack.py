from __future__ import annotations

import pytest

from tests.packs.told import classes, story
from zhike.packs import load_pack

RETAIL = load_pack("retail")

CASES = [
    ("status", "prospect", ""),
    ("status", "prospect", "refund 30@5"),
    ("status", "won", "order 10@700"),
    ("status", "won", "order 10@0, order 10@30, order 10@60, order 10@89"),
    ("status", "loyal", "order 10@0, order 10@30, order 10@60, order 10@90"),
    ("status", "won", "order 10@30, order 10@30, order 10@60, order 10@90"),
    ("status", "loyal", "order 10@90, order 10@100, order 10@200, order 10@364"),
    ("status", "won", "order 10@91, order 10@100, order 10@200, order 10@364"),
    ("status", "won", "order 10@90, order 10@100, order 10@200, order 10@365"),
    ("activity", "undetermined", ""),
    ("activity", "new", "order 10@30"),
    ("activity", "active", "order 10@31"),
    ("activity", "active", "order 10@90"),
    ("activity", "dormant", "order 10@91"),
    ("activity", "dormant", "order 10@180"),
    ("activity", "lost", "order 10@181"),
    ("activity", "active", "order 10@300, order 10@1"),
    ("value", "undetermined", ""),
    ("value", "regular", "order 10@90"),
    ("value", "low", "order 10@91"),
    ("value", "low", "order 199.99@91"),
    ("value", "regular", "order 200@91"),
    ("value", "regular", "order 10@91, order 10@92"),
    ("value", "regular", "order@400"),
    ("value", "regular", "order 5000@300"),
    ("value", "high", "order 1999@300, order 1@200"),
    ("value", "regular", "order 1999@300, order 0.99@200"),
    ("value", "regular", "order 1999@300, order 1@200, refund 1@199"),
    ("value", "high", "order 1@90, order 1@91, order 1@92, order 1@93, order 1@94, order 1@364"),
    ("value", "regular", "order 1@91, order 1@92, order 1@93, order 1@94, order 1@95, order 1@364"),
    ("value", "regular", "order 1@90, order 1@91, order 1@92, order 1@93, order 1@94, order 1@365"),
]


@pytest.mark.parametrize(("dimension", "expected", "told"), CASES)
def test_orders_alone_decide_the_class(dimension, expected, told):
    assert classes(RETAIL, told)[dimension] == expected


def test_it_reads_nothing_but_orders_and_refunds():
    read = {ref.name for scheme in RETAIL.schemes for ref in scheme.refs()}
    assert read == {"orders", "order_days", "revenue", "days_since_order", "days_since_first_order"}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("", {"status": "prospect", "activity": "undetermined", "value": "undetermined"}),
        (
            "order 120@20",
            {"status": "won", "activity": "new → active@11", "value": "regular → low@71"},
        ),
        (
            "order 60@300, order 80@200, order 900@100, order 800@40, order 420@5",
            {"status": "loyal → won@86", "activity": "active → dormant@86", "value": "high → regular@265"},
        ),
        ("order 199@180, refund 20@170", {"status": "won", "activity": "dormant → lost@1", "value": "low"}),
    ],
)
def test_a_customer_is_placed_in_every_dimension(told, expected):
    assert story(RETAIL, told) == expected
