from __future__ import annotations

from datetime import timedelta

import pytest

from tests.packs.told import AS_OF, classes, history, story
from zhike.core.changes import Teller, changes
from zhike.packs import load_pack

GENERAL = load_pack("general")

# dimension, class, what happened; pairs around each bound.
CASES = [
    ("status", "prospect", ""),
    ("status", "prospect", "call@10, call@40"),
    ("status", "prospect", "page 900@2, page 900@3, page 900@4"),
    ("status", "interested", "inquiry@89"),
    ("status", "prospect", "inquiry@90"),
    ("status", "interested", "called@5, call@4"),
    ("status", "engaged", "called@5, call@4, call@3"),
    ("status", "engaged", "inquiry@89, call@89, call@80"),
    ("status", "engaged", "quote@89"),
    ("status", "prospect", "quote@90"),
    ("status", "engaged", "open@300, call@90"),
    ("status", "prospect", "open@300, call@91"),
    ("status", "prospect", "inquiry@80, quote@70, open@70, call@60, call@59, lost@59"),
    ("status", "engaged", "inquiry@80, quote@70, open@70, call@62, call@61, lost@60"),
    ("status", "engaged", "quote@70, open@70, open@60, lost@50, call@40"),
    ("status", "interested", "open@70, lost@50, inquiry@13"),
    ("status", "prospect", "open@70, lost@50, inquiry@14"),
    ("status", "won", "order 10@0"),
    ("status", "won", "contract@500"),
    ("status", "won", "open@20, won@10"),
    ("status", "won", "pay 300@400"),
    ("status", "won", "order 10@0, order 10@60, order 10@120, order 10@179"),
    ("status", "loyal", "order 10@0, order 10@60, order 10@120, order 10@180"),
    ("status", "loyal", "order 10@180, order 10@250, order 10@300, order 10@364"),
    ("status", "won", "order 10@181, order 10@250, order 10@300, order 10@364"),
    ("status", "won", "order 10@180, order 10@250, order 10@300, order 10@365"),
    ("status", "won", "order 10@10, order 10@10, order 10@10, order 10@200"),
    ("status", "loyal", "order 10@10, order 10@200, referral@364"),
    ("status", "won", "order 10@10, order 10@200, referral@365"),
    ("activity", "undetermined", ""),
    ("activity", "new", "order 10@60"),
    ("activity", "active", "order 10@61"),
    ("activity", "active", "order 10@61, order 10@5"),
    ("activity", "new", "inquiry@30"),
    ("activity", "active", "inquiry@31"),
    ("activity", "active", "order 10@90"),
    ("activity", "dormant", "order 10@91"),
    ("activity", "active", "order 10@200, call@90"),
    ("activity", "dormant", "order 10@200, call@91"),
    ("activity", "active", "order 10@200, delivery@89"),
    ("activity", "dormant", "order 10@200, delivery@90"),
    ("activity", "active", "order 10@200, ticket@89"),
    ("activity", "active", "call@200, page 5@1, page 5@1, page 5@1"),
    ("activity", "dormant", "call@200, page 5@1, page 5@1"),
    ("activity", "dormant", "order 10@364, call@300"),
    ("activity", "lost", "order 10@365, call@300"),
    ("activity", "dormant", "order 10@365, call@179"),
    ("activity", "lost", "order 10@365, call@180"),
    ("activity", "dormant", "call@179"),
    ("activity", "lost", "call@180"),
    ("value", "undetermined", "call@3"),
    ("value", "regular", "order 1@0"),
    ("value", "high", "order 200000@364"),
    ("value", "regular", "order 199999.99@364"),
    ("value", "low", "order 200000@365"),
    ("value", "regular", "order 200000@10, refund 0.01@5"),
    ("value", "high", "order 10@90, order 10@90, order 10@90, order 10@90, order 10@90, order 10@364"),
    ("value", "low", "order 10@91, order 10@91, order 10@91, order 10@91, order 10@91, order 10@364"),
    ("value", "low", "order 10@90, order 10@90, order 10@90, order 10@90, order 10@90, order 10@365"),
    ("value", "regular", "order 1999.99@89"),
    ("value", "low", "order 1999.99@90"),
    ("value", "regular", "order 2000@90"),
    ("value", "undetermined", ""),
    ("value", "regular", "order@400"),
    ("intent", "undetermined", ""),
    ("intent", "watching", "call@3"),
    ("intent", "watching", "call@300"),
    ("intent", "hot", "inquiry@13"),
    ("intent", "warm", "inquiry@14"),
    ("intent", "warm", "inquiry@89"),
    ("intent", "lost", "inquiry@90"),
    ("intent", "watching", "inquiry@90, call@89"),
    ("intent", "lost", "inquiry@300, call@90"),
    ("intent", "watching", "inquiry@300, order 10@364"),
    ("intent", "lost", "inquiry@300, order 10@365"),
    ("intent", "hot", "quote@29, called@13"),
    ("intent", "warm", "quote@30, called@13"),
    ("intent", "warm", "quote@29, called@14"),
    ("intent", "lost", "quote@90"),
    ("intent", "hot", "page 200@1, page 200@5, page 200@29"),
    ("intent", "warm", "page 200@1, page 200@5, page 199@29"),
    ("intent", "warm", "page 600@1, page 600@5"),
    ("intent", "watching", "call@9, page 900@1, page 900@1"),
    ("intent", "hot", "click@3, click@3, page 5@3, page 5@2"),
    ("intent", "warm", "click@3, click@3"),
    ("intent", "warm", "open@200, call@60"),
    ("intent", "watching", "open@200, call@61"),
    ("intent", "warm", "called@29, called@3"),
    ("intent", "lost", "inquiry@70, quote@20, called@10, open@20, lost@9"),
    ("intent", "hot", "inquiry@70, quote@20, called@10, open@20, lost@9, open@2"),
    ("intent", "hot", "open@70, lost@9, inquiry@3"),
    ("intent", "warm", "inquiry@80, open@70, lost@60"),
    ("intent", "warm", "inquiry@80, open@70, lost@59, order 10@50"),
    ("need", "undetermined", "inquiry@3"),
    ("need", "undetermined", "order 10@3"),
    ("need", "product", "product 10@729"),
    ("need", "undetermined", "product 10@730"),
    ("need", "service", "service 10@729"),
    ("need", "both", "product 10@729, service 10@1"),
    ("need", "both", "product 10@9, ticket@364, ticket@1"),
    ("need", "product", "product 10@9, ticket@365, ticket@1"),
    ("need", "service", "ticket@3, ticket@1"),
]


@pytest.mark.parametrize(("dimension", "expected", "told"), CASES)
def test_what_happened_decides_the_class(dimension, expected, told):
    assert classes(GENERAL, told)[dimension] == expected


@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        ("company", {"kind": "company"}),
        ("company", {"size": "large"}),
        ("person", {"kind": "person"}),
        ("person", {"kind": "person", "size": "micro"}),
        ("undetermined", {}),
    ],
)
def test_the_record_says_the_type(expected, fields):
    assert classes(GENERAL, "", **fields)["type"] == expected


def test_a_record_is_new_for_thirty_days_unless_it_brings_older_orders():
    assert classes(GENERAL, "", created_on=AS_OF - timedelta(days=30))["activity"] == "new"
    assert classes(GENERAL, "", created_on=AS_OF - timedelta(days=31))["activity"] == "undetermined"
    assert classes(GENERAL, "order 10@400", created_on=AS_OF - timedelta(days=2))["activity"] == "lost"


def test_an_intent_that_nobody_follows_up_is_lost_by_the_clock_alone():
    ages = (0, 13, 14, 89, 90)
    assert [classes(GENERAL, f"inquiry@{age}")["intent"] for age in ages] == ["hot", "hot", "warm", "warm", "lost"]


def test_lost_intent_and_lapsed_activity_tell_no_contrary_story():
    silent = classes(GENERAL, "inquiry@500, order 10@480, call@300")
    assert (silent["status"], silent["activity"], silent["intent"]) == ("won", "lost", "lost")
    refused = classes(GENERAL, "inquiry@50, call@49, called@48, call@47, quote@40, open@40, lost@5")
    assert (refused["status"], refused["intent"]) == ("prospect", "lost")


@pytest.mark.parametrize(
    ("dimension", "told", "expected"),
    [
        ("activity", "inquiry@21", "11 月 29 日 → 活跃"),
        ("status", "order 10@140, order 10@90, order 10@60, order 10@5", "12 月 29 日 → 忠诚"),
        ("status", "order 10@360, order 10@200, order 10@180, order 10@170", "11 月 24 日前没有新订单 → 成交"),
        ("intent", "inquiry@80, call@80", "11 月 29 日前没有联系或互动、新的咨询 → 流失"),
        ("activity", "order 10@100, call@60", "12 月 20 日前没有联系或互动 → 沉睡"),
    ],
)
def test_what_time_alone_will_change_is_said_truly(dimension, told, expected):
    scheme = next(scheme for scheme in GENERAL.schemes if scheme.dimension == dimension)
    first = changes(GENERAL.schemes, history(told), dimension, AS_OF)[0]
    assert Teller(scheme, GENERAL.fieldset(), "zh").sentence(first, AS_OF).removeprefix("到 ") == expected


@pytest.mark.parametrize(
    ("told", "fields", "expected"),
    [
        (
            "inquiry@9, call@8, page 200@3",
            {"kind": "person"},
            {"status": "interested → prospect@81", "activity": "new → active@22", "value": "undetermined"}
            | {"intent": "hot → warm@5", "need": "undetermined", "type": "person"},
        ),
        (
            "product 130000@400, service 4800@210, product 90000@100, service 4800@30, call@12, ticket@30",
            {"kind": "company", "size": "medium"},
            {"status": "won", "activity": "active → dormant@79", "value": "regular → low@335"}
            | {"intent": "watching → lost@335", "need": "both → service@630", "type": "company"},
        ),
        (
            "product 900@500",
            {"size": "micro"},
            {"status": "won", "activity": "lost", "value": "low", "intent": "lost"}
            | {"need": "product", "type": "company"},
        ),
    ],
)
def test_a_customer_is_placed_in_every_dimension(told, fields, expected):
    assert story(GENERAL, told, **fields) == expected
