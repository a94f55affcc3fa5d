from __future__ import annotations

import pytest

from tests.packs.told import classes, story
from zhike.packs import load_pack

REALESTATE = load_pack("realestate")

# dimension, class, what happened; pairs around each bound.
CASES = [
    ("status", "prospect", ""),
    ("status", "prospect", "call@3, call@9"),
    ("status", "interested", "inquiry@59"),
    ("status", "prospect", "inquiry@60"),
    ("status", "interested", "called@9, call@2, call@1"),
    ("status", "engaged", "called@44, called@9, call@44, call@1"),
    ("status", "interested", "called@45, called@9, call@44, call@1"),
    ("status", "interested", "called@44, called@9, call@45, call@1"),
    ("status", "engaged", "quote@44, call@45"),
    ("status", "prospect", "quote@44, call@46"),
    ("status", "prospect", "quote@45, call@45"),
    ("status", "engaged", "open@300, call@45"),
    ("status", "prospect", "open@300, call@46"),
    ("status", "prospect", "called@58, quote@40, open@70, lost@59, call@1"),
    ("status", "engaged", "called@58, quote@40, open@70, lost@60, call@1"),
    ("status", "engaged", "open@70, lost@9, open@8, call@1"),
    ("status", "interested", "open@70, lost@9, inquiry@13"),
    ("status", "prospect", "open@70, lost@9, inquiry@14"),
    ("status", "won", "order 20000@0"),
    ("status", "won", "contract@900"),
    ("status", "won", "open@9, won@3"),
    ("status", "won", "pay 20000@3"),
    ("status", "won", "order 20000@9, order 20000@9"),
    ("status", "loyal", "order 20000@900, order 20000@9"),
    ("status", "loyal", "order 20000@900, referral@729"),
    ("status", "won", "order 20000@900, referral@730"),
    ("status", "loyal", "contract@900, referral@729"),
    ("status", "won", "open@9, won@3, referral@1"),
    ("status", "prospect", "referral@1"),
    ("intent", "undetermined", ""),
    ("intent", "watching", "call@3"),
    ("intent", "hot", "inquiry@6"),
    ("intent", "warm", "inquiry@7"),
    ("intent", "warm", "inquiry@29"),
    ("intent", "watching", "inquiry@30"),
    ("intent", "watching", "inquiry@59"),
    ("intent", "lost", "inquiry@60"),
    ("intent", "watching", "inquiry@60, call@59"),
    ("intent", "lost", "inquiry@90, call@60, page 60@60"),
    ("intent", "watching", "inquiry@90, page 60@59"),
    ("intent", "watching", "inquiry@90, order 20000@80"),
    ("intent", "watching", "inquiry@90, contract@80"),
    ("intent", "hot", "open@200, called@6"),
    ("intent", "warm", "open@200, called@7"),
    ("intent", "hot", "quote@13, called@6"),
    ("intent", "warm", "quote@14, called@6"),
    ("intent", "hot", "page 300@1, page 300@5, page 300@13"),
    ("intent", "warm", "page 300@1, page 300@5, page 299@13"),
    ("intent", "warm", "page 300@1, page 300@5, page 300@14"),
    ("intent", "warm", "quote@29"),
    ("intent", "watching", "quote@30, call@3"),
    ("intent", "warm", "open@200, call@30"),
    ("intent", "watching", "open@200, call@31"),
    ("intent", "warm", "page 60@1, page 60@29"),
    ("intent", "watching", "page 60@1, page 60@30"),
    ("intent", "lost", "open@99, lost@89, call@3"),
    ("intent", "watching", "open@99, lost@90, call@3"),
    ("intent", "hot", "open@70, lost@9, open@8, called@6"),
    ("intent", "warm", "open@70, lost@9, inquiry@13"),
    ("intent", "lost", "open@70, lost@9, inquiry@14"),
    ("intent", "watching", "open@70, lost@9, order 20000@8"),
]


@pytest.mark.parametrize(("dimension", "expected", "told"), CASES)
def test_what_happened_decides_the_class(dimension, expected, told):
    assert classes(REALESTATE, told)[dimension] == expected


@pytest.mark.parametrize(
    ("expected", "funds"),
    [
        ("undetermined", None),
        ("ready", "ready"),
        ("conditional", "loan"),
        ("conditional", "selling"),
        ("short", "short"),
    ],
)
def test_funds_say_whether_they_can_buy_now(expected, funds):
    assert classes(REALESTATE, "", custom={"funds": funds})["funds"] == expected


@pytest.mark.parametrize(
    ("expected", "family", "purpose", "budget"),
    [
        ("undetermined", None, None, None),
        ("unknown", None, None, 500),
        ("compact", "single", None, None),
        ("compact", "couple", "investment", 2000),
        ("compact", None, "first_home", None),
        ("compact", None, "investment", None),
        ("family", "couple", "upgrade", None),
        ("family", "single", "school", None),
        ("family", "one_child", "first_home", None),
        ("large", "more_children", None, None),
        ("large", "three_generations", None, 600),
        ("family", "three_generations", None, 599),
        ("family", "one_child", None, 2000),
    ],
)
def test_family_purpose_and_budget_say_which_home_fits(expected, family, purpose, budget):
    custom = {"family": family, "purpose": purpose, "budget": budget}
    assert classes(REALESTATE, "", custom=custom)["layout"] == expected


@pytest.mark.parametrize(
    ("expected", "minutes"),
    [
        ("undetermined", None),
        ("near", 5),
        ("near", 30),
        ("fair", 31),
        ("fair", 60),
        ("far", 61),
    ],
)
def test_the_way_to_work_is_near_fair_or_far(expected, minutes):
    assert classes(REALESTATE, "", custom={"commute": minutes, "workplace": "张江"})["commute"] == expected


# Whole customers: every dimension, and what time alone will change in it.
STORIES = [
    (
        "nothing is known",
        {"told": ""},
        {"status": "prospect", "intent": "undetermined", "funds": "undetermined"}
        | {"layout": "undetermined", "commute": "undetermined"},
    ),
    (
        "a young couple rang up yesterday",
        {
            "told": "page 200@3, page 260@1, called@1",
            "custom": {"family": "couple", "purpose": "first_home", "commute": 40},
        },
        {"status": "interested → prospect@59", "intent": "warm → watching@29", "funds": "undetermined"}
        | {"layout": "compact", "commute": "fair"},
    ),
    (
        "a family of three generations has reserved a home and must sell the old one",
        {
            "told": "inquiry@20, call@19, called@12, call@10, quote@9, open@8, called@5, call@4",
            "custom": {"funds": "selling", "family": "three_generations", "budget": 900, "commute": 25},
        },
        {"status": "engaged → interested@42", "intent": "hot → warm@2", "funds": "conditional"}
        | {"layout": "large", "commute": "near"},
    ),
    (
        "an owner brought a colleague",
        {
            "told": "called@260, open@255, won@250, contract@250, order 50000@252, referral@60, call@40",
            "custom": {"funds": "ready", "family": "one_child"},
        },
        {"status": "loyal → won@670", "intent": "watching", "funds": "ready"}
        | {"layout": "family", "commute": "undetermined"},
    ),
    (
        "nobody called again",
        {"told": "inquiry@70, call@69", "custom": {"funds": "short", "commute": 95}},
        {"status": "prospect", "intent": "lost", "funds": "short"} | {"layout": "undetermined", "commute": "far"},
    ),
    (
        "bought elsewhere",
        {"told": "inquiry@50, quote@30, open@30, call@20, lost@15", "custom": {"family": "single"}},
        {"status": "prospect", "intent": "lost", "funds": "undetermined"}
        | {"layout": "compact", "commute": "undetermined"},
    ),
]


@pytest.mark.parametrize(("_who", "given", "expected"), STORIES, ids=[who for who, *_ in STORIES])
def test_a_customer_is_placed_in_every_dimension(_who, given, expected):
    assert story(REALESTATE, **given) == expected
