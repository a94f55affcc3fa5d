from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.packs.told import AS_OF, classes, story
from zhike.packs import load_pack

B2C = load_pack("b2c")

# dimension, class, what happened; pairs around each bound.
CASES = [
    ("status", "prospect", ""),
    ("status", "prospect", "call@3, page 30@3, page 30@3"),
    ("status", "interested", "called@29"),
    ("status", "prospect", "called@30"),
    ("status", "interested", "click@29"),
    ("status", "prospect", "click@30"),
    ("status", "interested", "page 30@2, page 30@29"),
    ("status", "prospect", "page 30@2, page 30@30"),
    ("status", "won", "order 10@900"),
    ("status", "won", "order 10@3, order 10@3"),
    ("status", "repeat", "order 10@3, order 10@900"),
    ("status", "loyal", "order 10@180, order 10@150, order 10@130, order 10@120"),
    ("status", "repeat", "order 10@179, order 10@150, order 10@130, order 10@120"),
    ("status", "repeat", "order 10@180, order 10@150, order 10@130, order 10@121"),
    ("status", "loyal", "order 10@364, order 10@300, order 10@200, order 10@120"),
    ("status", "repeat", "order 10@365, order 10@300, order 10@200, order 10@120"),
    ("status", "repeat", "order 10@300, order 10@200, order 10@200, order 10@120"),
    ("status", "loyal", "order 10@300, order 10@120, referral@364"),
    ("status", "repeat", "order 10@300, order 10@120, referral@365"),
    ("status", "won", "order 10@300, referral@3"),
    ("activity", "undetermined", "inquiry@3"),
    ("activity", "new", "order 10@30"),
    ("activity", "active", "order 10@31"),
    ("activity", "active", "order 10@60"),
    ("activity", "dormant", "order 10@61"),
    ("activity", "dormant", "order 10@180"),
    ("activity", "lost", "order 10@181"),
    ("activity", "active", "order 10@300, order 10@1"),
    ("value", "undetermined", "call@3"),
    ("value", "high", "order 3000@364"),
    ("value", "regular", "order 2999.99@89"),
    ("value", "high", "order 1000@300, order 2000@90"),
    ("value", "regular", "order 1000@300, order 1999.99@90"),
    ("value", "regular", "order 3000@20, refund 0.01@9"),
    ("value", "regular", "order 10@90"),
    ("value", "low", "order 10@91"),
    ("value", "low", "order 149.99@91"),
    ("value", "regular", "order 150@91"),
    ("value", "regular", "order 10@91, order 10@92"),
    ("value", "low", "order 10@91, order 10@365"),
    ("value", "regular", "order@400"),
    ("frequency", "undetermined", "inquiry@3"),
    ("frequency", "frequent", "order 10@1, order 10@2, order 10@89"),
    ("frequency", "steady", "order 10@1, order 10@2, order 10@90"),
    ("frequency", "steady", "order 10@1, order 10@1, order 10@89"),
    ("frequency", "steady", "order 10@1, order 10@179"),
    ("frequency", "occasional", "order 10@1, order 10@180"),
    ("frequency", "occasional", "order 10@364"),
    ("frequency", "paused", "order 10@365"),
    ("intent", "undetermined", ""),
    ("intent", "undetermined", "call@3"),
    ("intent", "hot", "inquiry@6"),
    ("intent", "warm", "inquiry@7"),
    ("intent", "warm", "inquiry@29"),
    ("intent", "watching", "inquiry@30"),
    ("intent", "watching", "inquiry@59"),
    ("intent", "lost", "inquiry@60"),
    ("intent", "hot", "click@6, click@1"),
    ("intent", "warm", "click@7, click@1"),
    ("intent", "warm", "click@29"),
    ("intent", "hot", "page 9@1, page 9@1, page 9@1, page 9@1, page 9@6"),
    ("intent", "warm", "page 9@1, page 9@1, page 9@1, page 9@6"),
    ("intent", "watching", "page 9@1, page 9@1, page 9@1, page 9@1, page 9@1"),
    ("intent", "warm", "page 9@1, page 9@29"),
    ("intent", "watching", "page 9@1, page 9@30"),
    ("intent", "warm", "inquiry@6, order 10@6"),
    ("intent", "hot", "inquiry@6, order 10@7"),
    ("intent", "watching", "order 10@179"),
    ("intent", "lost", "order 10@180"),
    ("intent", "watching", "order 10@300, page 9@59"),
    ("intent", "lost", "order 10@300, page 9@60"),
    ("intent", "lost", "order 10@300, called@60"),
    ("intent", "watching", "order 10@300, click@59"),
]


@pytest.mark.parametrize(("dimension", "expected", "told"), CASES)
def test_what_happened_decides_the_class(dimension, expected, told):
    assert classes(B2C, told)[dimension] == expected


@pytest.mark.parametrize(
    ("expected", "attitude", "told"),
    [
        ("loyal", "devoted", "order 10@300, order 10@120"),
        ("won", "devoted", "order 10@120"),
        ("repeat", "compares", "order 10@300, order 10@120"),
        ("repeat", "price_first", "order 10@300, order 10@120"),
    ],
)
def test_whoever_buys_only_ours_is_loyal_at_the_second_order(expected, attitude, told):
    assert classes(B2C, told, custom={"brand_attitude": attitude})["status"] == expected


@pytest.mark.parametrize(
    ("expected", "power", "told"),
    [
        ("high", "high", "order 10@364"),
        ("low", "high", "order 10@365"),
        ("regular", "high", ""),
        ("regular", "middle", "order 10@3"),
        ("regular", "low", "order 10@3"),
    ],
)
def test_what_is_known_of_their_means_counts_once_they_have_bought(expected, power, told):
    assert classes(B2C, told, custom={"spending_power": power})["value"] == expected


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ("regular → high@1", "order 2999@30, order 1@5"),
        ("high → low@335", "order 2999@30, order 1@6"),
        ("regular → low@335", "order 2999@30, order 1@15, refund 1@9"),
        ("high → regular@335", "order 2999@30, order 1@15, refund 1@9, order 1@6"),
    ],
)
def test_spending_counts_as_high_once_nothing_can_be_sent_back_any_more(expected, told):
    assert story(B2C, told)["value"] == expected


@pytest.mark.parametrize(
    ("expected", "years", "days"),
    [
        ("young", 26, 1),
        ("grown", 26, 0),
        ("grown", 40, 1),
        ("middle", 40, 0),
        ("middle", 60, 1),
        ("senior", 60, 0),
    ],
)
def test_the_age_band_moves_on_with_the_birthday(expected, years, days):
    """The birthday of so many years is so many days ahead."""
    birthday = AS_OF.replace(year=AS_OF.year - years) + timedelta(days=days)
    assert classes(B2C, "", birthday=birthday)["age"] == expected


def test_without_a_birthday_the_age_is_not_known():
    assert classes(B2C, "order 10@3")["age"] == "undetermined"


# Whole customers: every dimension, and what time alone will change in it.
STORIES = [
    (
        "nothing is known",
        {"told": ""},
        {"status": "prospect", "activity": "undetermined", "value": "undetermined"}
        | {"frequency": "undetermined", "intent": "undetermined", "age": "undetermined"},
    ),
    (
        "a member looks around and asks",
        {"told": "click@20, page 40@5, page 60@2, inquiry@2", "birthday": date(1998, 3, 2)},
        {"status": "interested → prospect@28", "activity": "undetermined", "value": "undetermined"}
        | {"frequency": "undetermined", "intent": "hot → warm@5", "age": "grown → middle@4121"},
    ),
    (
        "a first order three weeks ago",
        {"told": "order 239@20, called@18"},
        {"status": "won", "activity": "new → active@11", "value": "regular → low@345"}
        | {"frequency": "occasional → paused@345", "intent": "watching → lost@160", "age": "undetermined"},
    ),
    (
        "a member who buys every month and sends friends",
        {
            "told": "order 400@300, order 420@240, order 700@170, order 650@95, order 900@40, order 880@10, "
            "referral@100, page 60@3, page 60@2",
            "birthday": date(1986, 12, 1),
        },
        {"status": "loyal → repeat@111", "activity": "active → dormant@51", "value": "high → regular@195"}
        | {"frequency": "steady → occasional@140", "intent": "warm → watching@27", "age": "grown → middle@12"},
    ),
    (
        "a small order of the spring",
        {"told": "order 59@200", "birthday": date(1955, 1, 1)},
        {"status": "won", "activity": "lost", "value": "low"}
        | {"frequency": "occasional → paused@165", "intent": "lost", "age": "senior"},
    ),
    (
        "a buyer of two years ago came back for a look",
        {"told": "order 900@760, order 500@700, page 60@4, page 60@1", "custom": {"brand_attitude": "compares"}},
        {"status": "repeat", "activity": "lost", "value": "low"}
        | {"frequency": "paused", "intent": "warm → watching@26", "age": "undetermined"},
    ),
]


@pytest.mark.parametrize(("_who", "given", "expected"), STORIES, ids=[who for who, *_ in STORIES])
def test_a_customer_is_placed_in_every_dimension(_who, given, expected):
    assert story(B2C, **given) == expected
