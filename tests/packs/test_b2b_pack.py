from __future__ import annotations

import pytest

from tests.packs.told import classes, story
from zhike.packs import load_pack

B2B = load_pack("b2b")

# dimension, class, what happened; pairs around each bound.
CASES = [
    ("status", "prospect", ""),
    ("status", "prospect", "call@10, call@40, call@50"),
    ("status", "interested", "inquiry@119"),
    ("status", "prospect", "inquiry@120"),
    ("status", "interested", "called@5, call@4, call@3"),
    ("status", "engaged", "called@5, call@4, call@3, call@2"),
    ("status", "engaged", "inquiry@119, call@119, call@90, call@80"),
    ("status", "interested", "inquiry@119, call@120, call@90, call@80"),
    ("status", "engaged", "quote@119"),
    ("status", "prospect", "quote@120"),
    ("status", "engaged", "open@300, call@120"),
    ("status", "prospect", "open@300, call@121"),
    ("status", "prospect", "inquiry@118, quote@100, open@100, call@95, lost@89"),
    ("status", "engaged", "inquiry@118, quote@100, open@100, call@95, lost@90"),
    ("status", "engaged", "quote@70, open@70, open@60, lost@50, call@40"),
    ("status", "interested", "open@70, lost@50, inquiry@29"),
    ("status", "prospect", "open@70, lost@50, inquiry@30"),
    ("status", "won", "order 10@0"),
    ("status", "won", "contract@900"),
    ("status", "won", "open@20, won@10"),
    ("status", "won", "pay 300@400"),
    ("status", "loyal", "order 10@365, order 10@364, order 10@300, order 10@180"),
    ("status", "won", "order 10@364, order 10@363, order 10@300, order 10@180"),
    ("status", "won", "order 10@365, order 10@300, order 10@180"),
    ("status", "won", "order 10@365, order 10@364, order 10@300, order 10@181"),
    ("status", "won", "order 10@365, order 10@300, order 10@300, order 10@180"),
    ("status", "loyal", "order 10@400, contract@729, contract@5"),
    ("status", "won", "order 10@400, contract@730, contract@5"),
    ("status", "won", "order 10@401, contract@729, contract@5"),
    ("status", "won", "order 10@364, contract@729, contract@5"),
    ("value", "undetermined", "call@3"),
    ("value", "regular", "order 1@0"),
    ("value", "high", "order 500000@364"),
    ("value", "regular", "order 499999.99@170"),
    ("value", "low", "order 500000@365"),
    ("value", "regular", "order 500000@10, refund 0.01@5"),
    ("value", "regular", "order 19999.99@179"),
    ("value", "low", "order 19999.99@180"),
    ("value", "regular", "order 20000@180"),
    ("value", "regular", "order@400"),
    ("intent", "undetermined", ""),
    ("intent", "watching", "call@3"),
    ("intent", "hot", "inquiry@29"),
    ("intent", "warm", "inquiry@30"),
    ("intent", "warm", "inquiry@119"),
    ("intent", "lost", "inquiry@120"),
    ("intent", "watching", "inquiry@120, call@119"),
    ("intent", "lost", "inquiry@300, call@120"),
    ("intent", "watching", "inquiry@300, order 10@364"),
    ("intent", "lost", "inquiry@300, order 10@365"),
    ("intent", "watching", "inquiry@300, page 5@119"),
    ("intent", "lost", "inquiry@300, page 5@120"),
    ("intent", "hot", "quote@44, called@29"),
    ("intent", "warm", "quote@45, called@29"),
    ("intent", "warm", "quote@44, called@30"),
    ("intent", "warm", "quote@119"),
    ("intent", "lost", "quote@120"),
    ("intent", "hot", "open@300, called@13"),
    ("intent", "warm", "open@300, called@14"),
    ("intent", "warm", "open@200, call@90"),
    ("intent", "watching", "open@200, call@91"),
    ("intent", "hot", "page 300@1, page 300@5, page 300@29"),
    ("intent", "warm", "page 300@1, page 300@5, page 299@29"),
    ("intent", "warm", "page 900@1, page 900@29"),
    ("intent", "watching", "call@9, page 900@1, page 900@1"),
    ("intent", "warm", "called@59, called@3"),
    ("intent", "watching", "called@60, called@3"),
    ("intent", "lost", "quote@20, called@10, open@20, lost@9"),
    ("intent", "hot", "quote@20, called@10, open@20, lost@9, open@2"),
    ("intent", "hot", "open@70, lost@9, inquiry@29"),
    ("intent", "lost", "open@70, lost@9, inquiry@30"),
    ("intent", "lost", "open@99, lost@89, call@50"),
    ("intent", "watching", "open@99, lost@90, call@50"),
    ("intent", "warm", "quote@95, open@95, lost@89, order 10@80"),
    ("health", "none", ""),
    ("health", "none", "inquiry@3, call@2"),
    ("health", "steady", "order 10@729, call@3"),
    ("health", "none", "order 10@730, call@3"),
    ("health", "steady", "order 10@300, call@119"),
    ("health", "at_risk", "order 10@300, call@120"),
    ("health", "steady", "order 10@119"),
    ("health", "at_risk", "order 10@120"),
    ("health", "at_risk", "order 10@3, call@3, complaint@89"),
    ("health", "steady", "order 10@3, call@3, complaint@90"),
    ("health", "at_risk", "order 10@3, call@3, ticket@1, ticket@2, ticket@3, ticket@89"),
    ("health", "steady", "order 10@3, call@3, ticket@1, ticket@2, ticket@3, ticket@90"),
    ("health", "at_risk", "order 10@3, survey 5.9@179"),
    ("health", "steady", "order 10@3, survey 6@179"),
    ("health", "steady", "order 10@3, call@2, survey 5@180"),
    ("health", "steady", "order 10@3, survey 7.9@179"),
    ("health", "good", "order 10@3, survey 8@179"),
    ("health", "steady", "order 10@3, call@2, survey 8@180"),
    ("health", "good", "order 10@3, call@2, referral@364"),
    ("health", "steady", "order 10@3, call@2, referral@365"),
    ("health", "at_risk", "order 10@3, survey 9@3, complaint@3"),
]


@pytest.mark.parametrize(("dimension", "expected", "told"), CASES)
def test_what_happened_decides_the_class(dimension, expected, told):
    assert classes(B2B, told)[dimension] == expected


CYCLES = [
    ("monthly", 20, 45, 90),
    ("quarterly", 70, 120, 240),
    ("half_year", 150, 240, 420),
    ("yearly", 300, 450, 800),
]


@pytest.mark.parametrize(("cycle", "within", "due", "overdue"), CYCLES)
def test_the_purchasing_cycle_decides_when_the_next_order_is_due(cycle, within, due, overdue):
    ages = (0, within, within + 1, due, due + 1, overdue, overdue + 1, 2_000)
    found = [classes(B2B, f"order 10@{age}", custom={"purchase_cycle": cycle})["cycle"] for age in ages]
    assert found == ["within", "within", "due", "due", "overdue", "overdue", "lost", "lost"]


@pytest.mark.parametrize(
    ("expected", "told", "custom"),
    [
        ("undetermined", "", {}),
        ("irregular", "order 10@3", {}),
        ("irregular", "order 10@3", {"purchase_cycle": "project"}),
        ("irregular", "call@3", {"purchase_cycle": "monthly"}),
    ],
)
def test_without_a_cycle_or_an_order_there_is_no_rhythm(expected, told, custom):
    assert classes(B2B, told, custom=custom)["cycle"] == expected


@pytest.mark.parametrize(
    ("value", "segment", "fields"),
    [
        ("undetermined", "undetermined", {}),
        ("undetermined", "undetermined", {"kind": "company"}),
        ("regular", "sme", {"size": "medium"}),
        ("potential", "large", {"size": "large"}),
        ("regular", "sme", {"custom": {"employees": 999}}),
        ("potential", "large", {"custom": {"employees": 1000}}),
        ("regular", "sme", {"custom": {"position": "common"}}),
        ("regular", "sme", {"custom": {"position": "newcomer"}}),
        ("potential", "large", {"custom": {"position": "major"}}),
        ("potential", "leader", {"custom": {"position": "leader"}}),
        ("potential", "leader", {"custom": {"position": "leader"}, "size": "large"}),
        ("potential", "partner", {"size": "large", "tags": frozenset({"代理商"})}),
    ],
)
def test_size_and_position_decide_the_segment_and_the_potential(value, segment, fields):
    found = classes(B2B, "", **fields)
    assert (found["value"], found["segment"]) == (value, segment)


def test_who_brings_in_much_is_a_key_account_whatever_the_size():
    assert classes(B2B, "order 500000@3", size="large")["value"] == "high"
    assert classes(B2B, "order 3000@200", size="large")["value"] == "potential"


# Whole customers: every dimension, and what time alone will change in it.
STORIES = [
    (
        "nothing is known",
        {"told": ""},
        {"status": "prospect", "value": "undetermined", "intent": "undetermined"}
        | {"cycle": "undetermined", "segment": "undetermined", "health": "none"},
    ),
    (
        "a maker of medium size asked twelve days ago and was called back",
        {"told": "inquiry@12, call@11", "size": "medium"},
        {"status": "interested → prospect@108", "value": "regular", "intent": "hot → warm@18"}
        | {"cycle": "undetermined", "segment": "sme", "health": "none"},
    ),
    (
        "a major player has our quote and talks to us",
        {
            "told": "inquiry@100, call@99, open@85, quote@80, call@60, called@20, called@8",
            "custom": {"position": "major"},
        },
        {"status": "engaged → prospect@113", "value": "potential", "intent": "hot → warm@6"}
        | {"cycle": "undetermined", "segment": "large", "health": "none"},
    ),
    (
        "a leader of the industry has bought three times and is content",
        {
            "told": "contract@420, order 260000@420, order 180000@250, order 90000@130, order 320000@40, "
            "call@20, called@15, survey 9@30",
            "custom": {"purchase_cycle": "quarterly", "position": "leader"},
            "size": "large",
        },
        {"status": "loyal → won@115", "value": "high → potential@115", "intent": "warm → watching@30"}
        | {"cycle": "within → due@31", "segment": "leader", "health": "good → at_risk@105"},
    ),
    (
        "a small works bought a little half a year ago",
        {"told": "order 3000@200, call@30", "custom": {"purchase_cycle": "yearly", "employees": 12}},
        {"status": "won", "value": "low", "intent": "watching → lost@165"}
        | {"cycle": "within → due@101", "segment": "sme", "health": "steady → at_risk@90"},
    ),
    (
        "a monthly buyer complained and stays away",
        {"told": "order 9000@60, call@10, complaint@5", "custom": {"purchase_cycle": "monthly"}},
        {"status": "won", "value": "regular → low@120", "intent": "watching → lost@305"}
        | {"cycle": "overdue → lost@31", "segment": "undetermined", "health": "at_risk → steady@85"},
    ),
    (
        "a buyer of years ago",
        {"told": "order 80000@900, call@500", "custom": {"purchase_cycle": "quarterly"}},
        {"status": "won", "value": "low", "intent": "lost"}
        | {"cycle": "lost", "segment": "undetermined", "health": "none"},
    ),
    (
        "somebody else got the order",
        {"told": "inquiry@90, open@60, quote@60, call@30, lost@20"},
        {"status": "prospect", "value": "undetermined", "intent": "lost → watching@70"}
        | {"cycle": "undetermined", "segment": "undetermined", "health": "none"},
    ),
]


@pytest.mark.parametrize(("_who", "given", "expected"), STORIES, ids=[who for who, *_ in STORIES])
def test_a_customer_is_placed_in_every_dimension(_who, given, expected):
    assert story(B2B, **given) == expected
